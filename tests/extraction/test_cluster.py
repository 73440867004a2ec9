"""Extraction on a real Ray cluster of this machine."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import MediaError, ModelError, SettingsError
from signnet.extraction import ensure_models, extract_folder
from signnet.extraction.cluster import run_on_ray
from signnet.extraction.jobs import Job

ray = pytest.importorskip("ray", reason="ray is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture(autouse=True)
def _this_file_is_known_to_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    here = str(Path(__file__).parent)
    known = filter(None, (here, os.environ.get("PYTHONPATH")))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(known))


def jobs_of(*names: str) -> list[Job]:
    return [Job(video=Path(f"{name}.mp4"), name=name, file=name) for name in names]


def blank(job: Job, folder: Path) -> Clip:
    """Stand for an extraction; some names end the worker, as a lost machine does."""
    if job.name == "fragile" and not (folder / "died").exists():
        (folder / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if job.name == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    if job.name == "bad":
        raise MediaError(f"{job.video}: no picture in it")
    if job.name == "bug":
        raise ZeroDivisionError("by zero")
    if job.name == "models":
        raise ModelError("no models")
    landmarks = np.full((1, 553, 3), np.nan, np.float32)
    return Clip(name=job.name, landmarks=landmarks, fps=25.0)


def outcome(folder: Path, *names: str) -> dict[str, Clip | str]:
    work = partial(blank, folder=folder)
    results = run_on_ray(jobs_of(*names), work, workers=1)
    return {job.name: result for job, result in results}


def test_a_killed_worker_costs_no_video_and_a_bad_one_only_itself(
    tmp_path: Path,
) -> None:
    found = outcome(tmp_path, "a", "fragile", "deadly", "bad", "bug", "b")
    assert (tmp_path / "died").exists()
    done = [name for name, result in found.items() if isinstance(result, Clip)]
    assert sorted(done) == ["a", "b", "fragile"]
    assert "a worker process was killed" in str(found["deadly"])
    assert found["bad"] == "no picture in it"
    assert found["bug"] == "unexpected ZeroDivisionError: by zero"
    assert not ray.is_initialized(), "the cluster that was started is ended"


def test_models_that_cannot_be_used_end_the_run(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no models"):
        outcome(tmp_path, "models", "a")
    assert not ray.is_initialized()


def test_an_address_where_nobody_answers_is_one_line(tmp_path: Path) -> None:
    videos = tmp_path / "a.mp4"
    write_video(videos)
    with pytest.raises(SettingsError, match=r"no Ray cluster at .*ray start") as error:
        extract_folder(
            videos, tmp_path / "out", engine="ray", address="127.0.0.1:9", models={}
        )
    assert "\n" not in str(error.value)


def test_without_ray_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SettingsError, match=r"signnet\[ray\]"):
        outcome(tmp_path, "a")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"engine": "spark"}, "unknown engine spark; choose from: local, ray"),
        ({"address": "auto"}, "add --engine ray"),
        ({"engine": "ray", "workers": 0}, "workers is 0"),
    ],
)
def test_engines_without_meaning_are_refused(
    tmp_path: Path, options: dict[str, str], reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason):
        extract_folder(tmp_path, tmp_path / "out", **options)  # type: ignore[arg-type]


# Real films and the real tracker


def write_video(path: Path) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (64, 48))
    for frame in range(40):
        writer.write(np.full((48, 64, 3), 4 * frame, np.uint8))
    writer.release()
    return path


@pytest.fixture(scope="module")
def models() -> dict[str, Path]:
    try:
        return ensure_models()
    except ModelError as error:
        pytest.skip(f"no landmark models: {error}")


@pytest.fixture
def videos(tmp_path: Path, data: Path) -> Path:
    """Take four short films of real signers, and one that is none."""
    folder = tmp_path / "videos"
    folder.mkdir()
    films = (data / "wlasl_videos" / "clips").glob("*.mp4")
    for clip in sorted(films, key=lambda film: film.stat().st_size)[:4]:
        shutil.copy(clip, folder)
    (folder / "broken.mp4").write_text("no film")
    return folder


def descendants(process: int) -> Iterator[int]:
    """Go through the processes that a process started, and those that they did."""
    listing = subprocess.run(
        ["pgrep", "-P", str(process)], capture_output=True, text=True, check=False
    )
    for child in map(int, listing.stdout.split()):
        yield child
        yield from descendants(child)


def kill_a_worker_at_work(out: Path, killed: list[int]) -> None:
    """Wait for the first clip, then kill a Ray worker that is extracting another."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and not killed:
        for process in descendants(os.getpid()) if any(out.glob("*.parquet")) else ():
            title = Path(f"/proc/{process}/cmdline").read_bytes()
            if title.startswith(b"ray::_attempt"):
                os.kill(process, signal.SIGKILL)
                killed.append(process)
                return
        time.sleep(0.3)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_killed_in_the_middle_leaves_the_same_dataset(
    models: dict[str, Path], videos: Path, tmp_path: Path
) -> None:
    here, there = tmp_path / "pool", tmp_path / "ray"
    killed = list[int]()
    killer = threading.Thread(target=kill_a_worker_at_work, args=(there, killed))
    killer.start()
    options = {"workers": 2, "streams": ("hands",), "models": models}
    report = extract_folder(videos, there, engine="ray", **options)
    killer.join()
    assert killed, "no worker was found to kill"
    assert report.done == 4
    assert [file for file, _ in report.failures] == ["broken.mp4"]
    extract_folder(videos, here, **options)
    found = [Dataset.open(folder).table.to_pylist() for folder in (there, here)]
    assert found[0] == found[1]
    again = extract_folder(videos, there, engine="ray", **options)
    assert (again.done, again.skipped) == (0, 4)
