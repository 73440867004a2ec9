"""Signs in running streams: found once, in order, at any rate; rest stays silent."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorded_streams import STREAMS, Recorded, motion_stream, thinned
from signnet.clip import Clip, Landmarks
from signnet.errors import SettingsError
from signnet.recognise.activity import Activity, StreamSettings
from signnet.recognise.recogniser import Recogniser
from signnet.recognise.stream import Event, StreamingRecogniser
from signnet.skeleton import JOINT_COUNT, index
from strategies import generators

pytestmark = pytest.mark.slow

WORDS = ("সাহায্য", "বই", "আমি", "উত্তর", "সকাল", "ধন্যবাদ", "পরিবেশ", "দুঃখ")


@cache
def shipped_model() -> Recogniser:
    return Recogniser.open()


class Asked:
    """The shipped model, and what it was asked."""

    def __init__(self) -> None:
        self.model = shipped_model()
        self.frames: list[int] = []

    def __call__(self, landmarks: Landmarks) -> np.ndarray:
        """Classify, and note how long the window was."""
        self.frames.append(len(landmarks))
        clip = Clip(name="", landmarks=landmarks, fps=30.0)
        return self.model.probabilities(clip)

    def streaming(self, **changes: Any) -> StreamingRecogniser:
        """Give a recogniser with the model's settings."""
        chosen = StreamSettings(abstain_below=self.model.card.abstain_below)
        return StreamingRecogniser(self, replace(chosen, **changes))


@pytest.fixture
def shipped() -> Asked:
    return Asked()


def feed(recogniser: StreamingRecogniser, recorded: Recorded) -> list[Event]:
    pairs = zip(recorded.times, recorded.landmarks, strict=True)
    events = [event for pair in pairs for event in recogniser.push(*pair)]
    return events + recogniser.flush()


def words_in(events: list[Event], shipped: Asked) -> list[str]:
    vocabulary = shipped.model.vocabulary
    return [vocabulary[one.index] for one in events if one.index is not None]


@pytest.mark.parametrize("fps", [30, 15, 10, 6, 5])
def test_each_sign_between_rests_is_said_once(shipped: Asked, fps: float) -> None:
    recorded = thinned(motion_stream(*WORDS), fps)
    assert words_in(feed(shipped.streaming(), recorded), shipped) == list(WORDS)


@pytest.mark.parametrize("fps", [30, 15, 6])
def test_signs_without_a_pause_are_told_apart(shipped: Asked, fps: float) -> None:
    recorded = thinned(motion_stream(*WORDS, pause=0), fps)
    said = words_in(feed(shipped.streaming(), recorded), shipped)
    assert set(said) <= set(WORDS)
    assert said == [word for word in WORDS if word in said]
    assert len(said) >= len(WORDS) - 2


def test_a_sign_is_said_within_half_a_second_of_its_end(shipped: Asked) -> None:
    recorded = thinned(motion_stream(*WORDS), 15)
    events = feed(shipped.streaming(), recorded)
    signs = [event for event in events if event.kind == "sign"]
    for sign, end in zip(signs, recorded.ends, strict=True):
        assert sign.time - end <= 0.5


def test_a_held_sign_is_said_before_the_hands_go_down(shipped: Asked) -> None:
    events = feed(shipped.streaming(), motion_stream("সাহায্য", hold=2.0))
    (sign,) = [event for event in events if event.kind == "sign"]
    assert sign.time < motion_stream("সাহায্য", hold=2.0).ends[0] - 0.5


def test_what_follows_of_a_held_sign_is_not_said_again(shipped: Asked) -> None:
    recorded = motion_stream("সাহায্য", hold=0.9)
    last = recorded.times.index(recorded.ends[0])
    frames = np.r_[: last + 1, last - 45 : last, last : len(recorded.times)]
    again = Recorded((np.arange(len(frames)) / 30).tolist(), recorded.landmarks[frames])
    assert words_in(feed(shipped.streaming(), again), shipped) == ["সাহায্য"]


@pytest.mark.parametrize("name", ["idle hands", "hands that rest in sight", "nobody"])
def test_rest_is_silent(shipped: Asked, name: str) -> None:
    events = feed(shipped.streaming(), STREAMS[name]())
    assert not {"sign", "unsure"} & {event.kind for event in events}


def test_a_model_that_abstains_says_unsure(shipped: Asked) -> None:
    events = feed(shipped.streaming(abstain_below=2.0), motion_stream("বই"))
    assert [e.kind for e in events if e.kind != "guess"] == ["start", "unsure", "rest"]
    unsure = next(event for event in events if event.kind == "unsure")
    assert unsure.predictions
    assert shipped.model.vocabulary[unsure.predictions[0][0]] == "বই"


def test_a_model_without_a_threshold_still_has_to_be_sure() -> None:
    assert StreamSettings(abstain_below=0.0).needed == StreamSettings().floor
    assert StreamSettings(abstain_below=0.8).needed == pytest.approx(0.6)


def test_hands_that_are_never_seen_are_not_asked_about(shipped: Asked) -> None:
    recorded = motion_stream(*WORDS)
    handless = recorded.landmarks.copy()
    handless[:, 33:75] = np.nan
    assert feed(shipped.streaming(), replace(recorded, landmarks=handless)) == []
    assert shipped.frames == []


def test_frames_that_are_not_later_change_nothing(shipped: Asked) -> None:
    recorded = motion_stream("বই", "আমি")
    once = feed(shipped.streaming(), recorded)
    twice = replace(
        recorded,
        times=[time for time in recorded.times for _ in range(2)],
        landmarks=np.repeat(recorded.landmarks, 2, axis=0),
    )
    assert feed(shipped.streaming(), twice) == once


def test_a_camera_that_stops_ends_the_sign_there(shipped: Asked) -> None:
    recorded = motion_stream("সাহায্য")
    middle = recorded.ends[0] - 0.2
    kept = np.array(recorded.times) < middle
    cut = Recorded(
        [*np.array(recorded.times)[kept].tolist(), middle + 60],
        np.concatenate([recorded.landmarks[kept], recorded.landmarks[-1:]]),
    )
    recogniser = shipped.streaming()
    pairs = zip(cut.times, cut.landmarks, strict=True)
    events = [event for pair in pairs for event in recogniser.push(*pair)]
    assert events[-1].kind == "rest"
    assert events[-1].time < middle


@given(st.integers(-(2**20), 2**20))
@settings(max_examples=3, deadline=None, derandomize=True)
def test_when_a_stream_begins_does_not_matter(shift: int) -> None:
    shipped = Asked()
    recorded = motion_stream("সাহায্য", "বই", fps=32.0)  # times that floats hold exactly
    first = feed(shipped.streaming(), recorded)
    moved = replace(recorded, times=[time + shift for time in recorded.times])
    second = feed(shipped.streaming(), moved)
    assert [one.kind for one in first] == [one.kind for one in second]
    assert [one.time + shift for one in first] == [one.time for one in second]
    assert [one.predictions for one in first] == [one.predictions for one in second]


@pytest.mark.parametrize("zoom", [0.5, 2.0])
def test_how_near_the_signer_is_does_not_matter(shipped: Asked, zoom: float) -> None:
    recorded = motion_stream("সাহায্য", "বই")
    near = replace(recorded, landmarks=recorded.landmarks * np.float32(zoom))
    first, second = (feed(shipped.streaming(), one) for one in (recorded, near))
    assert [(one.kind, one.time, one.index) for one in first] == [
        (one.kind, one.time, one.index) for one in second
    ]


@pytest.mark.parametrize("zoom", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("seconds", [0.15, 0.5])
def test_speed_is_in_shoulder_widths_a_second(zoom: float, seconds: float) -> None:
    joints = motion_stream("সাহায্য").landmarks[60] * np.float32(zoom)
    left, right = joints[index("left_shoulder")], joints[index("right_shoulder")]
    moved = joints.copy()
    moved[33:75, 0] += np.linalg.norm(left[:2] - right[:2])
    activity = Activity(StreamSettings())
    before = activity.frame(1.0, joints, None)
    assert activity.frame(1.0 + seconds, joints, before).speed == 0
    after = activity.frame(1.0 + seconds, moved, before)
    assert after.speed == pytest.approx(1 / seconds, rel=0.01)


@given(generators())
@settings(max_examples=15, deadline=None, derandomize=True)
def test_any_stream_goes_from_start_to_rest(rng: np.random.Generator) -> None:
    shipped = Asked()
    frames = int(rng.integers(2, 60))
    landmarks = np.cumsum(rng.normal(0, 0.05, (frames, JOINT_COUNT, 3)), axis=0)
    landmarks += rng.uniform(0, 1, (1, JOINT_COUNT, 3))
    landmarks[rng.random((frames, JOINT_COUNT)) < rng.uniform(0, 0.3)] = np.nan
    times = np.cumsum(rng.uniform(0.01, 0.4, frames)).tolist()
    recorded = Recorded(times, landmarks.astype(np.float32))
    events = feed(shipped.streaming(), recorded)
    limits = [event.kind for event in events if event.kind in ("start", "rest")]
    assert limits == ["start", "rest"] * (len(limits) // 2)
    assert [one.time for one in events] == sorted(one.time for one in events)
    for event in events:
        if event.start is not None and event.end is not None:
            assert times[0] <= event.start < event.end <= event.time


def test_endless_movement_costs_no_more_than_a_little(shipped: Asked) -> None:
    rng = np.random.default_rng(0)
    recorded = motion_stream("বই", fps=15.0)
    raised = recorded.landmarks[len(recorded.times) // 2]
    recogniser = shipped.streaming(abstain_below=2.0)
    for number in range(15 * 20):
        shaken = raised + rng.normal(0, 0.02, raised.shape).astype(np.float32)
        recogniser.push(number / 15, shaken)
    longest = StreamSettings().window_seconds[1]
    assert max(shipped.frames) <= longest * StreamSettings().rate + 2
    assert len(shipped.frames) / 20 < 40


@pytest.mark.parametrize(
    "changes",
    [
        {"raised": 1.2},
        {"still": 0.0},
        {"moving": 0.3},
        {"hop_seconds": 3.0},
        {"rate": -1.0},
        {"window_seconds": (2.0, 1.0)},
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    changes: dict[str, Any],
) -> None:
    with pytest.raises(SettingsError, match="they should rise"):
        StreamSettings(**changes)
