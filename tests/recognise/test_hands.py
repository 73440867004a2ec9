"""Every answer says which hand made the sign."""

import json
import tracemalloc

import numpy as np
import pytest

from signnet.clip import Clip
from signnet.geometry import mirror
from signnet.recognise.events import Event
from signnet.recognise.hands import hand_of_clip, signing_hand
from signnet.recognise.recogniser import Answer, Prediction
from signnet.skeleton import JOINT_COUNT, PARTS, index
from signnet.synthetic import Camera, Signer, perform

CAMERA = Camera(zoom=1.0, centre=(0.5, 0.5), slant=0.0)


def signed(gloss: str, *, left_handed: bool = False) -> Clip:
    signer = Signer(name="P01", left_handed=left_handed, camera=CAMERA)
    return perform(gloss, signer, np.random.default_rng(0))


@pytest.fixture
def one_handed() -> Clip:
    return signed("CHIN-BLOOM")


@pytest.mark.parametrize("gloss", ["CHIN-BLOOM", "PALM-CIRCLE"])
@pytest.mark.parametrize("left_handed", [False, True])
def test_a_one_handed_sign_is_of_the_hand_that_is_up(
    gloss: str, left_handed: bool
) -> None:
    found = hand_of_clip(signed(gloss, left_handed=left_handed))
    assert found == ("left" if left_handed else "right")


def test_two_hands_that_move_are_both() -> None:
    assert hand_of_clip(signed("POINT-APART")) == "both"


def test_mirroring_turns_the_hand(one_handed: Clip) -> None:
    assert signing_hand(mirror(one_handed.landmarks)) == "left"


def test_distance_and_place_do_not_matter(one_handed: Clip) -> None:
    assert signing_hand(one_handed.landmarks * 0.3 + 0.2) == "right"


def still_beside(clip: Clip, right_of: float) -> np.ndarray:
    """Put a left hand that does not move so many shoulder widths beside the right."""
    marks = clip.landmarks.copy()
    width = np.nanmedian(marks[:, index("left_shoulder")] - marks[:, index("right_shoulder")], axis=0)[0]  # fmt: skip  # noqa: E501
    right, left = (PARTS[f"{side}_hand"].joints for side in ("right", "left"))
    place = np.nanmedian(marks[:, right], axis=0)
    place[:, 0] += right_of * width
    marks[:, left] = place
    marks[:, index("left_wrist")] = place[0]
    return marks


def test_a_still_hand_belongs_to_the_sign_only_if_it_is_close(one_handed: Clip) -> None:
    assert signing_hand(still_beside(one_handed, 0.2)) == "both"
    assert signing_hand(still_beside(one_handed, 1.5)) == "right"


def test_hands_without_a_body_are_told_apart(one_handed: Clip) -> None:
    marks = one_handed.landmarks.copy()
    marks[:, : PARTS["left_hand"].start] = np.nan
    marks[:, PARTS["left_hand"].joints] = np.nan
    assert signing_hand(marks) == "right"


def test_a_hand_counts_for_half_a_second_after_it_was_seen(one_handed: Clip) -> None:
    marks = np.repeat(one_handed.landmarks[:1], 40, axis=0)
    marks[:, : PARTS["right_hand"].start] = np.nan
    marks[:, PARTS["right_hand"].joints] = 0.5
    marks[20:, PARTS["right_hand"].joints] = np.nan
    marks[:4, PARTS["left_hand"].joints] = 0.6
    assert signing_hand(marks, rate=20.0) == "right"
    assert signing_hand(marks, rate=60.0) == "both"


def test_the_memory_that_a_long_clip_takes_grows_with_its_length() -> None:
    marks = np.zeros((3000, JOINT_COUNT, 3), np.float32)
    tracemalloc.start()
    signing_hand(marks)
    assert tracemalloc.get_traced_memory()[1] < 3 * marks.nbytes
    tracemalloc.stop()


def test_without_a_hand_there_is_none(one_handed: Clip) -> None:
    marks = one_handed.landmarks.copy()
    for side in ("left", "right"):
        marks[:, PARTS[f"{side}_hand"].joints] = np.nan
    assert signing_hand(marks) is None


def test_answers_and_events_carry_the_hand() -> None:
    answer = Answer(
        top=(Prediction("A", 0.9),),
        abstained=False,
        expression=None,
        hand="both",
        frames=3,
        seconds=0.0,
    )
    assert json.loads(json.dumps(answer.to_json("a.mp4")))["hand"] == "both"
    event = Event("sign", 2.0, 0.0, 1.0, 0, 0.9, ((0, 0.9),), "left")
    assert event.named(("A",)).hand == "left"
    assert "hand" not in event.as_json(), "the browser's events have none"
