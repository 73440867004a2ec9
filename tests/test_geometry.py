import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signnet.clip import Clip
from signnet.geometry import (
    SIDES,
    arm_agreement,
    choose_sides,
    cosine,
    face_proportion,
    follow_slots,
    mirror,
    stretch_width,
    swap_where,
)
from signnet.skeleton import JOINT_COUNT, PARTS, index
from strategies import generators, hands, landmarks, points

laws = settings(deadline=None, derandomize=True, max_examples=50)


@laws
@given(landmarks())
def test_mirroring_twice_changes_nothing(drawn: np.ndarray) -> None:
    np.testing.assert_array_equal(mirror(mirror(drawn)), drawn)


@laws
@given(landmarks())
def test_mirroring_moves_the_left_hand_to_the_right(drawn: np.ndarray) -> None:
    left, right = (PARTS[f"{side}_hand"].joints for side in SIDES)
    expected = drawn[:, left] * np.array([-1, 1, 1], np.float32)
    np.testing.assert_array_equal(mirror(drawn)[:, right], expected)


@laws
@given(points(), points())
def test_a_cosine_lies_between_minus_one_and_one(
    first: np.ndarray, second: np.ndarray
) -> None:
    assert (np.abs(cosine(first, second)) <= 1 + 1e-9).all()


@laws
@given(points(), points(), st.floats(0.01, 100), st.floats(0.01, 100))
def test_a_cosine_knows_no_length(
    first: np.ndarray, second: np.ndarray, a: float, b: float
) -> None:
    same = cosine(first, second)
    np.testing.assert_allclose(cosine(a * first, b * second), same, atol=1e-9)


@laws
@given(points())
def test_a_cosine_is_one_along_and_zero_across(first: np.ndarray) -> None:
    across = first[:, ::-1] * (1, -1)
    np.testing.assert_allclose(cosine(first, first), 1)
    np.testing.assert_allclose(cosine(first, -first), -1)
    np.testing.assert_allclose(cosine(first, across), 0, atol=1e-9)


def test_a_cosine_of_something_missing_is_missing() -> None:
    first = np.array([[np.nan, np.nan], [0.0, 0.0], [1.0, 0.0]])
    found = cosine(first, np.array([[1.0, 0.0]] * 3))
    np.testing.assert_array_equal(found, [np.nan, np.nan, 1])


def test_a_hand_agrees_with_its_own_arm(clip: Clip) -> None:
    for side, other in (SIDES, SIDES[::-1]):
        hand = clip.landmarks[:, PARTS[f"{side}_hand"].joints]
        own = arm_agreement(clip.landmarks, hand, side).mean()
        assert own > 0.99
        assert arm_agreement(clip.landmarks, hand, other).mean() < 0.9 * own


def test_a_hand_against_its_arm_disagrees(clip: Clip) -> None:
    hand = clip.landmarks[:, PARTS["left_hand"].joints]
    assert (arm_agreement(clip.landmarks, -hand, "left") < -0.99).all()


def test_crossed_hands_are_recognised() -> None:
    straight, crossed = [[-1, 1], [1, -1]], [[1, -1], [-1, 1]]
    cost = np.array([straight, crossed, straight, crossed], np.float64)
    assert choose_sides(cost).tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    ("cost", "swapped"),
    [
        ([[0.9, -0.9], [np.nan, np.nan]], True),  # hand 0 alone, on the right arm
        ([[-0.9, 0.9], [np.nan, np.nan]], False),
        ([[np.nan, np.nan], [-0.9, 0.9]], True),  # hand 1 alone, on the left arm
        ([[np.nan, np.nan], [0.9, -0.9]], False),
        ([[np.nan, np.nan], [np.nan, np.nan]], False),
    ],
)
def test_a_lone_hand_goes_to_its_arm(cost: list, swapped: bool) -> None:
    assert choose_sides(np.array([cost], np.float64)).tolist() == [swapped]


@laws
@given(generators(), st.floats(0, 2))
def test_doubt_keeps_hands_where_they_are(
    rng: np.random.Generator, doubt: float
) -> None:
    cost = rng.uniform(-1, 1, (50, 2, 2))
    saved = cost[:, 0, 0] + cost[:, 1, 1] - cost[:, 0, 1] - cost[:, 1, 0]
    np.testing.assert_array_equal(choose_sides(cost, doubt), saved > doubt)


@laws
@given(hands(), generators())
def test_swapping_twice_changes_nothing(
    drawn: np.ndarray, rng: np.random.Generator
) -> None:
    swap = rng.random(len(drawn)) < 0.5
    np.testing.assert_array_equal(swap_where(swap_where(drawn, swap), swap), drawn)


@laws
@given(hands(), generators())
def test_tracks_are_found_again_after_random_swaps(
    drawn: np.ndarray, rng: np.random.Generator
) -> None:
    swap = rng.random(len(drawn)) < 0.5
    found = follow_slots(swap_where(drawn, swap))
    expected = drawn[:, ::-1] if swap[0] else drawn
    np.testing.assert_array_equal(found, expected)


@laws
@given(hands(), generators())
def test_following_keeps_every_hand(
    drawn: np.ndarray, rng: np.random.Generator
) -> None:
    swap = rng.random(len(drawn)) < 0.5
    found = follow_slots(swap_where(drawn, swap))
    for before, after in zip(drawn, found, strict=True):
        assert np.array_equal(before, after, equal_nan=True) or np.array_equal(
            before[::-1], after, equal_nan=True
        )


@laws
@given(landmarks(), st.floats(0.3, 3))
def test_stretching_back_changes_nothing(drawn: np.ndarray, aspect: float) -> None:
    back = stretch_width(stretch_width(drawn, aspect), 1 / aspect)
    np.testing.assert_allclose(back, drawn, rtol=1e-5)


def test_stretching_widens_x_and_depth_but_not_y() -> None:
    point = np.array([[0.5, 0.5, 0.5]], np.float32)
    assert stretch_width(point, 2.0).tolist() == [[1, 0.5, 1]]


def test_a_face_is_as_wide_as_its_outline() -> None:
    drawn = np.full((2, JOINT_COUNT, 3), np.nan, np.float32)
    drawn[0, PARTS["face"].joints] = 0
    drawn[0, index("face_234"), 0], drawn[0, index("face_454"), 0] = -0.4, 0.4
    drawn[0, index("face_152"), 1] = 1
    np.testing.assert_allclose(face_proportion(drawn), [0.8, np.nan])


def test_an_invented_face_has_human_proportions(corpus: list[Clip]) -> None:
    widths = [np.nanmedian(face_proportion(clip.landmarks)) for clip in corpus]
    assert 0.8 < np.median(widths) < 0.95
