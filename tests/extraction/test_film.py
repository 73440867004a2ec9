"""Films are tracked frame by frame: in blocks, only where wanted, with their times."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from filming import write_film
from signnet.errors import MediaError
from signnet.extraction import BACKENDS, track_film
from signnet.extraction.film import BLOCK
from signnet.extraction.tracker import Sighting
from signnet.extraction.video import Pixels
from signnet.recognise.films import open_film


class Counting:
    """A tracker that sees the nose where the frame's number says."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def see(self, pixels: Pixels, milliseconds: int) -> Sighting:
        """Note the time, and put the nose there."""
        assert pixels.shape == (48, 64, 3)
        self.seen.append(milliseconds)
        pose = np.full((33, 3), 0.5, np.float32)
        pose[0] = milliseconds / 1000
        return Sighting(pose=pose)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    tracker = Counting()

    @contextmanager
    def opened(
        _streams: Sequence[str], _models: Mapping[str, Path]
    ) -> Generator[Counting]:
        yield tracker

    monkeypatch.setitem(BACKENDS, "tasks", opened)
    return tracker


MODELS = {"pose": Path("none")}


def test_every_frame_comes_with_its_time_block_by_block(
    counting: Counting, tmp_path: Path
) -> None:
    write_film(tmp_path / "film.mp4", frames=BLOCK + 20)
    frames = track_film(tmp_path / "film.mp4", models=MODELS)
    first = next(frames)
    assert len(counting.seen) == BLOCK  # and no more is read ahead
    found = [first, *frames]
    assert len(found) == BLOCK + 20
    times = np.array([seconds for seconds, _ in found])
    np.testing.assert_allclose(times, np.arange(BLOCK + 20) / 25, atol=2e-3)
    noses = np.array([joints[0, 1] for _, joints in found])
    np.testing.assert_allclose(noses, times, atol=2e-3)
    assert found[5][1][0, 0] == pytest.approx(0.2 * 64 / 48, abs=2e-3)


def test_only_what_is_wanted_is_tracked(counting: Counting, tmp_path: Path) -> None:
    write_film(tmp_path / "film.mp4", frames=40)
    found = track_film(
        tmp_path / "film.mp4", models=MODELS, wanted=lambda at: 0.39 < at < 0.81
    )
    assert [round(seconds * 25) for seconds, _ in found] == [*range(10, 21)]
    assert len(counting.seen) == 11


def test_a_transcript_looks_fifteen_times_a_second(
    counting: Counting, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("signnet.extraction.film.models_for", lambda _: MODELS)
    write_film(tmp_path / "film.mp4", frames=75)  # three seconds
    times = [seconds for seconds, _ in open_film(tmp_path / "film.mp4")]
    assert len(times) == len(counting.seen) == 45
    assert np.diff(times).max() < 0.085  # never two pictures of 25 passed over


def test_a_film_that_is_absent_is_said_before_anything_is_opened(
    tmp_path: Path,
) -> None:
    with pytest.raises(MediaError, match="no such file"):
        next(track_film(tmp_path / "none.mp4", models=MODELS))
