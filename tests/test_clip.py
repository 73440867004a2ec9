import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signnet.clip import Clip, frame_rate, nfc
from signnet.errors import DatasetError
from signnet.skeleton import JOINT_COUNT, PARTS
from strategies import landmarks, rising_times

laws = settings(deadline=None, derandomize=True, max_examples=50)

DECOMPOSED_O = "ক\u09c7\u09be"
COMPOSED_O = "ক\u09cb"


def numbered(frames: int) -> np.ndarray:
    """Make landmarks whose values tell the frame."""
    number = np.arange(frames, dtype=np.float32)[:, None, None]
    return np.broadcast_to(number, (frames, JOINT_COUNT, 3)).copy()


def at_times(times: np.ndarray) -> Clip:
    landmarks = numbered(len(times))
    return Clip(name="a", landmarks=landmarks, fps=frame_rate(times), times=times)


@pytest.mark.parametrize("part", PARTS)
def test_a_clip_shows_a_hand_if_one_is_seen_in_any_frame(part: str) -> None:
    landmarks = np.full((3, JOINT_COUNT, 3), np.nan, np.float32)
    landmarks[1, PARTS[part].start] = 0.5
    clip = Clip(name="a", landmarks=landmarks, fps=25.0)
    assert clip.shows_hand == part.endswith("hand")


def test_names_and_labels_are_composed_unicode() -> None:
    clip = Clip(
        name=DECOMPOSED_O, landmarks=numbered(1), fps=25.0, gloss=f" {DECOMPOSED_O} "
    )
    assert (clip.name, clip.gloss) == (COMPOSED_O, COMPOSED_O)


@laws
@given(st.text())
def test_nfc_twice_is_nfc_once(text: str) -> None:
    assert nfc(nfc(text)) == nfc(text)
    assert unicodedata.is_normalized("NFC", nfc(text))


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_gloss_is_no_gloss(blank: str) -> None:
    assert Clip(name="a", landmarks=numbered(1), fps=25.0, gloss=blank).gloss is None


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (np.zeros((3, 543, 3), np.float32), r"float32\[3, 543, 3\], not .*553"),
        (np.zeros((JOINT_COUNT, 3), np.float32), "not float32"),
        (np.zeros((3, JOINT_COUNT, 2), np.float32), "not float32"),
        (np.zeros((0, JOINT_COUNT, 3), np.float32), "no frames"),
        (np.full((1, JOINT_COUNT, 3), np.inf, np.float32), "infinite"),
        (np.full((1, JOINT_COUNT, 3), -np.inf, np.float32), "infinite"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_landmarks_that_fit_no_model_are_refused(
    broken: np.ndarray, reason: str
) -> None:
    with pytest.raises(DatasetError, match=f"^a clip: .*{reason}") as error:
        Clip(name="a clip", landmarks=broken, fps=25.0)
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("without_shape_checks")
def test_landmarks_of_another_type_are_refused() -> None:
    with pytest.raises(DatasetError, match="float64"):
        Clip(name="a", landmarks=numbered(2).astype(np.float64), fps=25.0)


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ([0, 1], "2 frame times for 3 frames"),
        ([0, 1, 1], "must rise"),
        ([0, 2, 1], "must rise"),
        ([0, np.nan, 1], "must rise"),
    ],
)
@pytest.mark.usefixtures("without_shape_checks")
def test_frame_times_that_cannot_be_are_refused(times: list, reason: str) -> None:
    with pytest.raises(DatasetError, match=reason):
        Clip(
            name="a",
            landmarks=numbered(3),
            fps=25.0,
            times=np.array(times, np.float32),
        )


@laws
@given(landmarks())
def test_seen_and_missing_add_up(drawn: np.ndarray) -> None:
    clip = Clip(name="a", landmarks=drawn, fps=25.0)
    for part in PARTS:
        assert clip.seen(part).mean() + clip.missing()[part] == pytest.approx(1)


def test_a_part_is_seen_if_one_joint_is() -> None:
    drawn = np.full((2, JOINT_COUNT, 3), np.nan, np.float32)
    drawn[1, PARTS["left_hand"].start + 3] = 0.5
    clip = Clip(name="a", landmarks=drawn, fps=25.0)
    assert clip.seen("left_hand").tolist() == [False, True]
    assert not clip.seen("right_hand").any()


@laws
@given(st.integers(1, 400), st.sampled_from([10, 12.5, 24, 25, 29.97, 30, 60]))
def test_even_timing_leaves_a_constant_rate_as_it_is(frames: int, fps: float) -> None:
    times = (np.arange(frames) / fps).astype(np.float32)
    even = at_times(times).evenly_timed()
    np.testing.assert_array_equal(even.landmarks, numbered(frames))


@laws
@given(rising_times())
def test_even_timing_keeps_the_duration(times: np.ndarray) -> None:
    even = at_times(times).evenly_timed()
    assert even.times is None
    step = 1 / even.fps
    assert (len(even) - 1) * step == pytest.approx(times[-1], abs=0.501 * step)


@laws
@given(rising_times())
def test_even_timing_shows_the_nearest_frame(times: np.ndarray) -> None:
    even = at_times(times).evenly_timed()
    moments = np.arange(len(even)) / even.fps
    shown = times[even.landmarks[:, 0, 0].astype(int)]
    best = np.abs(times[None] - moments[:, None]).min(axis=1)
    np.testing.assert_allclose(np.abs(shown - moments), best, atol=1e-5)


def test_a_pause_with_few_frames_becomes_a_pause_with_many() -> None:
    times = np.array([0, 0.1, 0.2, 0.3, 1.3, 1.4, 1.5], np.float32)
    shown = at_times(times).evenly_timed().landmarks[:, 0, 0]
    assert shown[:4].tolist() == [0, 1, 2, 3]
    assert shown[-3:].tolist() == [4, 5, 6]
    assert len(shown) == 16


def test_times_of_a_longer_film_are_those_of_the_clip() -> None:
    times = np.array([0, 0.25, 0.5, 1.5], np.float32)
    clip, later = at_times(times), at_times(times + 8)
    assert (clip.seconds, later.seconds) == (1.5, 1.5)
    even, same = (one.evenly_timed().landmarks for one in (clip, later))
    np.testing.assert_array_equal(even, same)


def test_a_recording_without_times_is_left_alone(clip: Clip) -> None:
    assert clip.evenly_timed() is clip


def test_seconds_come_from_the_times_or_the_rate() -> None:
    assert at_times(np.array([0, 0.5, 2], np.float32)).seconds == 2
    assert Clip(name="a", landmarks=numbered(50), fps=25.0).seconds == 2
    assert np.isnan(Clip(name="a", landmarks=numbered(1), fps=np.nan).seconds)


def test_other_landmarks_keep_the_labels(clip: Clip) -> None:
    other = clip.with_landmarks(clip.landmarks[:3], repetition="7")
    assert (len(other), other.gloss, other.repetition) == (3, clip.gloss, "7")
    assert clip.repetition is None
