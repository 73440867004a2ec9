"""Signs told apart by movement alone: in order, apart, and only where hands are up."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from signnet.recognise.movement import DivideSettings, Stretch, divide
from signnet.skeleton import PARTS, index


def signer(
    places: np.ndarray, spread: np.ndarray, rate: float = 30.0, zoom: float = 1.0
) -> Stretch:
    """Make a signer whose right wrist is at these places in shoulder widths.

    `spread` is how far the fingertips are from the wrist.
    """
    frames = np.full((len(places), 553, 3), np.nan, np.float32)
    frames[:, index("left_shoulder"), :2] = (0.6, 0.3)
    frames[:, index("right_shoulder"), :2] = (0.4, 0.3)
    wrist = np.array([0.5, 0.3]) + 0.2 * places
    frames[:, index("right_wrist"), :2] = wrist
    hand = PARTS["right_hand"]
    ways = np.linspace(0, np.pi, hand.count)
    fan = np.stack([np.cos(ways), -np.sin(ways)], axis=-1)
    points = wrist[:, None] + 0.2 * spread[:, None, None] * fan
    frames[:, hand.joints, :2] = points
    frames[:, hand.start, :2] = wrist
    times = np.arange(len(places)) / rate
    return Stretch(times, (frames * zoom).astype(np.float32))


def stroke(
    start: tuple[float, float], end: tuple[float, float], frames: int
) -> np.ndarray:
    share = np.linspace(0, 1, frames)[:, None]
    share = share * share * (3 - 2 * share)
    return np.array(start) + (np.array(end) - np.array(start)) * share


TWO = (
    np.concatenate(
        [
            stroke((-0.5, 0.3), (-0.4, 0.0), 20),
            stroke((-0.4, 0.0), (0.4, 0.5), 6),
            stroke((0.4, 0.5), (0.3, 0.2), 20),
        ]
    ),
    np.concatenate([np.full(20, 0.1), np.linspace(0.1, 0.6, 6), np.full(20, 0.6)]),
)
"""A small sign on the left with the fist, and one on the right with the open hand."""


def test_another_place_and_hand_shape_is_another_sign() -> None:
    found = divide(signer(*TWO))
    assert 2 <= len(found) <= 3  # the way between them may stand alone
    assert 18 / 30 <= found[0][1] <= 28 / 30
    assert 18 / 30 <= found[-1][0] <= 28 / 30


def test_one_stroke_is_one_sign() -> None:
    assert len(divide(signer(stroke((-0.5, 0.3), (0.4, 0.0), 24), np.ones(24)))) == 1


def test_hands_that_hang_are_no_sign() -> None:
    low = stroke((-0.5, 1.3), (0.4, 1.2), 40)
    assert divide(signer(low, np.ones(40))) == []


def test_hands_that_stay_on_the_belly_are_no_sign() -> None:
    low = stroke((-0.5, 0.95), (0.4, 1.0), 40)
    assert divide(signer(low, np.ones(40))) == []


def test_nobody_is_no_sign() -> None:
    nobody = np.full((40, 553, 3), np.nan, np.float32)
    assert divide(Stretch(np.arange(40) / 30, nobody)) == []
    assert divide(Stretch(np.arange(2) / 30, nobody[:2])) == []


def test_the_rise_of_a_hand_is_not_part_of_the_sign() -> None:
    rise = stroke((-0.5, 1.3), (0.0, 0.2), 15)
    hold = stroke((0.0, 0.2), (0.5, 0.1), 24)
    ((start, _),) = divide(signer(np.concatenate([rise, hold]), np.ones(39)))
    assert 8 / 30 < start <= 16 / 30


def test_distance_to_the_camera_does_not_matter() -> None:
    near = divide(signer(*TWO, zoom=2.0))
    assert np.allclose(near, divide(signer(*TWO)))


def test_fewer_frames_a_second_find_about_the_same() -> None:
    places, spread = TWO[0][::2], TWO[1][::2]
    slow, fast = divide(signer(places, spread, rate=15.0)), divide(signer(*TWO))
    assert len(slow) == len(fast)
    assert np.allclose(slow, fast, atol=0.15)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_signs_are_in_order_apart_and_inside(seed: int) -> None:
    rng = np.random.default_rng(seed)
    places = np.cumsum(rng.normal(0, 0.08, (90, 2)), axis=0) + np.array([0, 0.5])
    stretch = signer(places, rng.uniform(0.1, 0.5, 90))
    chosen = replace(DivideSettings(), shortest=0.2)
    found = divide(stretch, chosen)
    flat = [time for span in found for time in span]
    assert flat == sorted(flat)
    assert all(0 <= time <= stretch.times[-1] + 1e-6 for time in flat)
    assert all(end > start for start, end in found)
