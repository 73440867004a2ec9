"""The sketch of a taught clip: which joints, which frames, how fast."""

from dataclasses import replace

import numpy as np
import pytest

from signnet.clip import Clip
from signnet.recognise.sketch import SKETCH_JOINTS, SKETCH_SCALE, sketch_of
from signnet.skeleton import JOINT_COUNT, PARTS

UNSEEN = -32768
LEFT_WRIST = SKETCH_JOINTS.index(PARTS["left_hand"].start)


def moving(frames: int, first: int = 0, last: int | None = None) -> Clip:
    """Give a clip with a left hand from `first` to `last`, at x = frame / 100."""
    landmarks = np.full((frames, JOINT_COUNT, 3), np.nan, np.float32)
    landmarks[:, 0] = 0.25
    shown = np.arange(first, frames if last is None else last + 1)
    landmarks[shown, 33:54] = (shown / 100)[:, None, None]
    return Clip(name="a", landmarks=landmarks, fps=30.0)


def test_it_has_the_pose_down_to_the_hips_and_both_hands() -> None:
    assert list(SKETCH_JOINTS) == [*range(25), *range(33, 75)]
    assert sketch_of(moving(3)).points.shape == (3, 67, 2)


def test_it_is_scaled_and_what_is_unseen_stays_so() -> None:
    points = sketch_of(moving(20)).points
    assert points.dtype == np.int16
    assert (points[:, 0] == 0.25 * SKETCH_SCALE).all()
    assert points[-1, LEFT_WRIST].tolist() == [round(0.19 * SKETCH_SCALE)] * 2
    assert (points[:, 1:25] == UNSEEN).all()
    assert (points[:, -21:] == UNSEEN).all()


@pytest.mark.parametrize("place", [8.1, -8.1, 1e30])
def test_a_joint_far_outside_the_picture_is_at_its_limit_and_seen(place: float) -> None:
    clip = moving(2)
    clip.landmarks[:, 0] = place
    assert (sketch_of(clip).points[:, 0] == np.sign(place) * 32767).all()


def test_it_shows_the_time_in_which_a_hand_is_seen_at_the_speed_of_the_clip() -> None:
    sketch = sketch_of(moving(100, first=20, last=79))
    places = sketch.points[:, LEFT_WRIST, 0] / SKETCH_SCALE * 100
    assert len(places) == 16
    np.testing.assert_allclose(places, np.linspace(20, 79, 16), atol=0.6)
    assert sketch.fps == pytest.approx(30 * 16 / 60)


def test_a_short_clip_keeps_its_frames_and_their_rate() -> None:
    sketch = sketch_of(moving(5))
    assert (len(sketch.points), sketch.fps) == (5, 30.0)


@pytest.mark.parametrize(("fps", "shown"), [(float("nan"), 15.0), (25.0, 25.0)])
def test_an_unknown_frame_rate_is_a_usual_one(fps: float, shown: float) -> None:
    assert sketch_of(replace(moving(4), fps=fps)).fps == shown


@pytest.mark.parametrize(
    ("fps", "frames", "shown"), [(1e6, 2, 1000.0), (1e-4, 9, 0.001), (0.5, 9999, 0.001)]
)
def test_a_strange_frame_rate_is_one_that_the_file_can_hold(
    fps: float, frames: int, shown: float
) -> None:
    assert sketch_of(replace(moving(frames), fps=fps)).fps == shown


def test_a_clip_at_uneven_times_is_evened_first() -> None:
    clip = moving(12)
    times = np.r_[np.arange(6) / 10, 1 + np.arange(6) / 10].astype(np.float32)
    sketch = sketch_of(replace(clip, times=times))
    assert sketch.fps == pytest.approx(10, rel=1e-3)
    assert len(sketch.points) == 16


def test_one_frame_is_enough() -> None:
    sketch = sketch_of(moving(1))
    assert sketch.points.shape == (1, 67, 2)
    assert sketch.fps == 30.0


def test_a_clip_without_hands_is_sketched_whole() -> None:
    clip = moving(40)
    clip.landmarks[:, 33:75] = np.nan
    sketch = sketch_of(clip)
    assert len(sketch.points) == 16
    assert (sketch.points[:, 0] != UNSEEN).all()
    assert (sketch.points[:, 25:] == UNSEEN).all()
