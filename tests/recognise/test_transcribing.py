"""Films become segments: sure signs of the model, unsure ones of movement, groups."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recorded_streams import motion_stream
from signnet.clip import Clip
from signnet.errors import MediaError, SettingsError
from signnet.formats.elan.document import read_document
from signnet.recognise.exemplars import Kernel
from signnet.recognise.grouping import Groups
from signnet.recognise.model import Model
from signnet.recognise.recogniser import Prediction, Recogniser
from signnet.recognise.transcribing import Transcriber
from signnet.recognise.transcript import Segment, Transcript

WORDS = ("সাহায্য", "বই")


def clip_of(*words: str) -> Clip:
    recorded = motion_stream(*words)
    times = np.array(recorded.times, np.float32)
    return Clip(name="film", landmarks=recorded.landmarks, fps=30.0, times=times)


@pytest.fixture(scope="module")
def film() -> Clip:
    return clip_of(*WORDS)


@pytest.mark.slow
def test_the_signs_of_a_film_are_named_with_their_times(film: Clip) -> None:
    said = list[float]()
    transcript = Model.open().transcribe(film, progress=said.append)
    sure = [one for one in transcript.segments if not one.unsure]
    assert [one.gloss for one in sure] == list(WORDS)
    assert all(len(one.top) == 5 for one in sure)
    ends = motion_stream(*WORDS).ends
    assert all(abs(one.end - end) < 0.6 for one, end in zip(sure, ends, strict=True))
    assert said == sorted(said)
    assert transcript.seconds == pytest.approx(said[-1])


@pytest.mark.slow
def test_a_base_gives_alike_signs_the_same_number() -> None:
    again = clip_of("আমি", "বই", "আমি")
    segments = Model.open("base").transcribe(again).segments
    assert all(one.gloss is None and one.unsure and not one.top for one in segments)
    middle = [
        next(one.group for one in segments if one.start <= end - 0.6 <= one.end)
        for end in motion_stream("আমি", "বই", "আমি").ends
    ]
    assert middle[0] == middle[2] != middle[1]


class Doubtful(Recogniser):
    """A model that knows two words and believes in none."""

    def __init__(self, other: Recogniser) -> None:
        self.taught = other.taught
        self.card = replace(other.card, vocabulary=("A", "B"))

    def classify(self, landmarks: np.ndarray) -> np.ndarray:
        """Prefer B a little, whatever it is."""
        assert landmarks.dtype == np.float32
        return np.array([0.1, 0.2], np.float32)


@pytest.fixture
def doubtful() -> Doubtful:
    return Doubtful(Recogniser.open("base"))


def hours(repetitions: int) -> Iterator[tuple[float, np.ndarray]]:
    """Sign without rest: the same two signs again and again."""
    moving = motion_stream(*WORDS, pause=0).landmarks[39:-39]
    for number in range(repetitions * len(moving)):
        yield number / 30, moving[number % len(moving)]


def test_what_the_model_does_not_know_is_divided_and_marked(
    doubtful: Doubtful,
) -> None:
    transcriber = Transcriber(doubtful)
    found = list[Segment]()
    most = 0
    for seconds, joints in hours(18):
        found += transcriber.push(seconds, joints)
        most = max(most, len(transcriber._frames))
    found += transcriber.flush()
    assert most <= 36 * 30  # of 63 seconds
    assert len(found) > 20
    assert all(one.unsure and one.gloss == "B" for one in found)
    spans = [round(time, 6) for one in found for time in (one.start, one.end)]
    assert spans == sorted(spans)
    assert found[0].start < 3
    assert found[-1].end > 60


def test_a_sign_between_two_frames_is_named_by_the_nearest(doubtful: Doubtful) -> None:
    slow = list(hours(3))[::18]  # as a film of 5 frames a second that loses most
    transcriber = Transcriber(doubtful)
    found = [one for frame in slow for one in transcriber.push(*frame)]
    assert [one.gloss for one in [*found, *transcriber.flush()]] == ["B"] * 9


def test_a_film_without_hands_has_no_segment(doubtful: Doubtful) -> None:
    nobody = np.full((90, 553, 3), np.nan, np.float32)
    transcriber = Transcriber(doubtful)
    found = [transcriber.push(n / 30, joints) for n, joints in enumerate(nobody)]
    assert not any(found)
    assert transcriber.flush() == []


def test_groups_join_what_is_alike_and_count_the_rest() -> None:
    groups = Groups(Kernel((2,), (1.0,)), alike=0.8)
    points = [(0.0, 0.0), (1.0, 0.0), (0.1, 0.0), (0.9, 0.1), (0.0, 1.0)]
    numbers = [groups.add(np.array(one, np.float32)) for one in points]
    assert numbers == [1, 2, 1, 2, 3]


TRANSCRIPT = Transcript(
    file="film.mp4",
    seconds=4000.0,
    segments=(
        Segment(
            start=0.5,
            end=1.25,
            top=(Prediction("বই", 0.9), Prediction("=1+1", 0.05)),
            unsure=False,
        ),
        Segment(start=3599.9996, end=3601.0, top=(Prediction("A<B", 0.3),)),
        Segment(start=3700.0, end=3701.0, group=4),
    ),
)


def test_an_elan_file_has_tiers_of_sure_and_of_unsure_signs(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"x")
    path = TRANSCRIPT.save(tmp_path / "film.eaf", film=tmp_path / "film.mp4")
    document = read_document(path)
    told = {
        name: [(one.start, one.value) for one in annotations]
        for name, annotations in document.annotations.items()
    }
    assert told == {
        "signnet gloss": [(500, "বই")],
        "signnet gloss: confidence": [(500, "90%")],
        "signnet gloss: five best": [(500, "বই 90%, =1+1 5%")],
        "signnet unsure": [(3600000, "A<B"), (3700000, "?4")],
        "signnet unsure: confidence": [(3600000, "30%"), (3700000, "")],
        "signnet unsure: five best": [(3600000, "A<B 30%"), (3700000, "")],
    }
    assert document.media[0].urls[0] == "./film.mp4"


def test_a_table_has_a_row_for_each_sign_and_no_formula(tmp_path: Path) -> None:
    path = TRANSCRIPT.save(tmp_path / "film.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["gloss"] for row in rows] == ["বই", "A<B", ""]
    assert [row["group"] for row in rows] == ["", "", "4"]
    assert (rows[0]["start"], rows[0]["unsure"]) == ("0.5", "False")
    assert rows[0]["top_2"] == "'=1+1"


def test_captions_have_the_form_of_webvtt(tmp_path: Path) -> None:
    lines = TRANSCRIPT.save(tmp_path / "film.vtt").read_text("utf-8").splitlines()
    assert lines == [
        *("WEBVTT", ""),
        *("00:00:00.500 --> 00:00:01.250", "বই", ""),
        *("01:00:00.000 --> 01:00:01.000", "A&lt;B ?", ""),
        *("01:01:40.000 --> 01:01:41.000", "?4"),
    ]


def test_a_file_of_another_kind_or_one_that_exists_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"\.eaf, \.csv, \.vtt"):
        TRANSCRIPT.save(tmp_path / "film.txt")
    TRANSCRIPT.save(tmp_path / "film.csv")
    with pytest.raises(MediaError, match="exists already"):
        TRANSCRIPT.save(tmp_path / "film.csv")
    with pytest.raises(SettingsError, match="path"):
        TRANSCRIPT.save("")


def test_the_json_is_the_contract() -> None:
    content = TRANSCRIPT.to_json()
    assert list(content) == ["file", "segments"]
    first = content["segments"][0]
    assert list(first) == [
        "start",
        "end",
        "gloss",
        "probability",
        "unsure",
        "hand",
        "top",
    ]
    assert first["top"][0] == {"gloss": "বই", "probability": 0.9}
    assert content["segments"][2]["group"] == 4
