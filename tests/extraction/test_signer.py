"""Of several people in a picture the one who signs is followed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from filming import write_two
from signnet.extraction import ensure_models, extract_video
from signnet.extraction.crowd import Crowd, Person, person_of
from signnet.extraction.signer import paint_over
from signnet.extraction.video import Video
from signnet.skeleton import PARTS, index


def person(x: float, hand: float = 0.9, width: float = 0.2, y: float = 0.4) -> Person:
    """Return somebody whose hands are beside each other at a height."""
    wrists = np.array([[x - 0.1, hand], [x + 0.1, hand]])
    return Person(np.array([x, y]), width, wrists, raised=0)


def crowd_of(*looks: list[Person]) -> Crowd:
    """Return a crowd that was looked at four times a second."""
    crowd = Crowd()
    for number, people in enumerate(looks):
        crowd.add(number / 4, people)
    return crowd


def places(crowd: Crowd, seconds: float) -> tuple[float, list[float]]:
    """Return where the signer and the others are, from left to right."""
    found = crowd.signer_and_others(seconds)
    assert found is not None
    signer, others = found
    return signer.place[0], [float(one.place[0]) for one in others]


@pytest.mark.portable
def test_whose_hands_travel_signs_in_whatever_order_people_are_found() -> None:
    looks = [
        [person(1.2), person(0.4, hand=0.9 if number % 2 else 0.5)]
        for number in range(6)
    ]
    looks[3].reverse()
    assert places(crowd_of(*looks), 0.5) == (0.4, [1.2])


@pytest.mark.portable
def test_moving_through_the_picture_is_no_signing() -> None:
    walking = [
        [person(0.3 + number * 0.15), person(1.6, hand=0.8 if number % 2 else 0.7)]
        for number in range(6)
    ]
    assert places(crowd_of(*walking), 0.0)[0] == 1.6


@pytest.mark.portable
def test_the_signer_stays_until_another_signs_clearly_more() -> None:
    crowd = crowd_of(
        *[[person(0.4, hand=0.5 + 0.1 * (n % 2)), person(1.2)] for n in range(8)]
    )
    assert places(crowd, 1.0)[0] == 0.4
    for number in range(8, 16):
        crowd.add(
            number / 4,
            [
                person(0.4, 0.5 + 0.1 * (number % 2)),
                person(1.2, 0.5 + 0.12 * (number % 2)),
            ],
        )
    crowd.forget(2.0)
    assert places(crowd, 3.0)[0] == 0.4
    for number in range(16, 24):
        crowd.add(number / 4, [person(0.4), person(1.2, 0.5 + 0.12 * (number % 2))])
    crowd.forget(4.0)
    assert places(crowd, 5.0)[0] == 1.2


@pytest.mark.portable
def test_who_is_missed_in_some_looks_is_still_there_and_who_is_seen_once_is_not() -> (
    None
):
    seen = [
        [person(0.4), person(1.2)] if number % 2 else [person(0.4)]
        for number in range(8)
    ]
    assert places(crowd_of(*seen), 0.0) == (0.4, [1.2])
    once = [[person(0.4), person(1.2)], *[[person(0.4)]] * 9]
    assert crowd_of(*once).signer_and_others(0.0) is None


@pytest.mark.portable
def test_hands_held_up_are_signing_and_a_hand_that_is_not_seen_is_nothing() -> None:
    fingers = [[replace(person(0.4), raised=1), person(1.2)]] * 4
    assert places(crowd_of(*fingers), 0.0)[0] == 0.4
    unseen = np.full((2, 2), np.nan)
    hidden = [
        [person(0.4, hand=0.9 + 0.02 * (number % 2)), replace(moved, wrists=unseen)]
        for number, moved in enumerate([person(1.2, 0.5), person(1.2, 0.9)] * 2)
    ]
    assert places(crowd_of(*hidden), 0.0)[0] == 0.4


@pytest.mark.portable
def test_wrists_out_of_the_picture_or_hidden_are_only_guessed() -> None:
    pose = np.zeros((33, 4), np.float32)
    pose[index("left_shoulder"), :2] = 0.5, 0.5
    pose[index("right_shoulder"), :2] = 0.4, 0.5
    pose[[index("left_elbow"), index("right_elbow")], :2] = 0.5, 0.8
    pose[index("left_wrist")] = 0.6, 0.7, 0, 0.9
    pose[index("right_wrist")] = 0.4, 1.1, 0, 0.9
    found = person_of(pose, aspect=2.0)
    assert found.place == pytest.approx([0.9, 0.5])
    assert found.width == pytest.approx(0.2)
    assert found.wrists[0] == pytest.approx([1.2, 0.7])
    assert np.isnan(found.wrists[1]).all()
    assert found.raised == 1
    pose[index("left_wrist"), 3] = 0.5
    assert np.isnan(person_of(pose, aspect=2.0).wrists).all()


@pytest.mark.portable
@pytest.mark.parametrize(
    ("other", "kept"),
    [
        (person(1.5), np.s_[:, :100]),
        (person(0.1), np.s_[:, 55:]),
        (person(1.1, y=1.2), np.s_[:80, :]),
        (person(0.9, y=0.0), np.s_[20:, :]),
    ],
)
def test_others_are_painted_over_up_to_the_middle(
    other: Person, kept: tuple[slice, slice]
) -> None:
    white = np.full((100, 200, 3), 255, np.uint8)
    expected = np.zeros_like(white)
    expected[kept] = 255
    signer = person(1.0) if other.place[0] != 1.5 else person(0.5)
    painted = paint_over(white, signer, [other])
    assert (painted == expected).all()
    assert (white == 255).all()


@pytest.mark.parametrize("is_left", [True, False])
def test_a_real_signer_beside_somebody_who_raises_a_hand(
    data: Path, tmp_path: Path, is_left: bool
) -> None:
    clips = data / "wlasl_videos" / "clips"
    signer, other = clips / "want__62254.mp4", clips / "drink__17720.mp4"
    film = tmp_path / "two.mp4"
    still, _ = next(iter(Video(other)))
    start, end = write_two(film, signer, still, is_left)
    models = ensure_models()
    streams = ("pose", "hands")
    found = extract_video(film, streams=streams, models=models).landmarks[..., 0]
    alone = extract_video(signer, streams=streams, models=models).landmarks[..., 0]
    shoulders = [index("left_shoulder"), index("right_shoulder")]
    middle = found[:, shoulders].mean(axis=1)
    assert ((start < middle) & (middle < end)).all()
    hands = [PARTS["left_hand"].start, PARTS["right_hand"].start]
    seen = found[:, hands]
    assert ((start < seen) & (seen < end))[np.isfinite(seen)].all()
    expected = np.isfinite(alone[:, hands]).mean()
    assert np.isfinite(seen).mean() > 0.8 * expected
