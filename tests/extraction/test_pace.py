"""A pace: which pictures are looked at, and in which of them the face is."""

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from filming import write_film
from signnet.config.pace import Pace
from signnet.errors import SettingsError
from signnet.extraction import BACKENDS, extract_video
from signnet.extraction.pace import Beat
from signnet.extraction.tracker import Sighting
from signnet.extraction.video import Pixels
from signnet.skeleton import PARTS

FACE = PARTS["face"].joints


class Seeing:
    """A tracker that sees body and face in the middle of each picture."""

    def __init__(self, streams: Sequence[str]) -> None:
        self.streams = streams

    def see(self, _pixels: Pixels, _milliseconds: int) -> Sighting:
        """Put what is followed in the middle."""
        middle = {
            part: np.full((count, 3), 0.5, np.float32)
            for part, count in (("pose", 33), ("face", 478))
            if part in self.streams
        }
        return Sighting(**middle)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """List the streams of each tracker that is opened."""
    found = list[tuple[str, ...]]()

    @contextmanager
    def opening(
        streams: Sequence[str], _models: Mapping[str, Path]
    ) -> Generator[Seeing]:
        found.append(tuple(streams))
        yield Seeing(streams)

    monkeypatch.setitem(BACKENDS, "tasks", opening)
    return found


def seen_of(film: Path, pace: Pace) -> tuple[np.ndarray, float]:
    """Return in which frames body and face were seen, [frame, 2], and the rate."""
    clip = extract_video(film, models={"pose": film}, pace=pace)
    parts = clip.landmarks[:, [0, FACE.start], 0]
    return np.isfinite(parts), clip.fps


@pytest.mark.parametrize(
    ("film_rate", "rate"),
    [(30.0, 12.0), (25.0, 12.0), (60.0, 12.0), (30.0, 30.0), (24.0, 7.5), (10.0, 12.0)],
)
def test_a_beat_holds_its_rate_at_any_rate_of_the_film(
    film_rate: float, rate: float
) -> None:
    times = np.arange(20 * film_rate) / film_rate
    is_due = Beat(rate)
    due = np.array([seconds for seconds in times.tolist() if is_due(seconds)])
    assert due[0] == 0
    assert len(due) / 20 == pytest.approx(min(film_rate, rate), rel=0.05)
    assert np.diff(due).max() <= 1 / min(rate, film_rate) + 1 / film_rate + 1e-9


def test_after_a_pause_a_beat_does_not_hurry_to_catch_up() -> None:
    is_due = Beat(10.0)
    times = [0.0, *(5 + np.arange(30) / 30).tolist()]
    assert 10 <= sum(map(is_due, times)) <= 12


def test_every_picture_is_due_without_a_limit_and_none_at_zero() -> None:
    assert all(map(Beat(math.inf), (np.arange(50) / 50).tolist()))
    assert not any(map(Beat(0.0), (np.arange(50) / 50).tolist()))


def test_a_clip_at_a_pace_has_fewer_frames_over_the_same_time(
    opened: list[tuple[str, ...]], tmp_path: Path
) -> None:
    film = write_film(tmp_path / "film.mp4", frames=50)
    whole, usual = seen_of(film, Pace())
    thin, rate = seen_of(film, Pace(rate=5.0))
    assert usual == pytest.approx(25)
    assert (len(whole), len(thin)) == (50, 10)
    assert rate == pytest.approx(5, rel=0.01)
    assert whole.all()
    assert thin.all()
    assert opened == [("pose", "hands", "face")] * 2


def test_the_face_is_looked_at_seldom_or_never(
    opened: list[tuple[str, ...]], tmp_path: Path
) -> None:
    film = write_film(tmp_path / "film.mp4", frames=50)
    seldom, _ = seen_of(film, Pace(rate=12.5, face=2.5))
    assert seldom[:, 0].sum() == 25
    assert seldom[:, 1].tolist() == [frame % 5 == 0 for frame in range(25)]
    never, _ = seen_of(film, Pace(rate=12.5, face=0.0))
    assert never[:, 0].all()
    assert not never[:, 1].any()
    assert opened == [("pose", "hands"), ("face",), ("pose", "hands")]


@pytest.mark.parametrize("values", [{"rate": 0.0}, {"rate": -1.0}, {"face": -1.0}])
def test_a_pace_that_looks_at_nothing_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="frames a second"):
        Pace(**values)


def test_nan_is_no_pace() -> None:
    with pytest.raises(SettingsError):
        Pace(rate=math.nan)
