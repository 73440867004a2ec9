"""Extract one video with one of the trackers: the unit of work of every engine."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from signnet.clip import Clip, timing
from signnet.config.pace import EVERY_PICTURE, Pace
from signnet.errors import MediaError, SettingsError
from signnet.extraction.jobs import Job
from signnet.extraction.landmarkers import cached_models
from signnet.extraction.pace import Beat, open_tracker
from signnet.extraction.solutions import open_solutions
from signnet.extraction.tasks import open_tasks
from signnet.extraction.tracker import STREAMS, Backend, check_streams, follow
from signnet.extraction.video import Video, check_file
from signnet.files import one_line_error

__all__ = [
    "BACKENDS",
    "check_backend",
    "extract_job",
    "extract_video",
    "models_for",
    "source_of",
    "warm_up",
]

BACKENDS: dict[str, Backend] = {"tasks": open_tasks, "solutions": open_solutions}
"""The trackers by name."""


def check_backend(backend: str) -> None:
    """Check that a backend exists and is installed; SettingsError if not."""
    if backend not in BACKENDS:
        known = ", ".join(BACKENDS)
        raise SettingsError(
            f"no backend {backend} is available; choose one of: {known}"
        )
    if backend == "solutions" and not _has_solutions():
        raise SettingsError(
            "the installed MediaPipe has no Solutions; use --backend tasks, or a "
            "separate environment with mediapipe 0.10.21 and numpy below 2 "
            "(docs/scale.md)"
        )


def _has_solutions() -> bool:
    found = find_spec("mediapipe")  # does not import it
    folders = found.submodule_search_locations if found else None
    return any(
        (Path(folder) / "python" / "solutions").is_dir() for folder in folders or ()
    )


def models_for(backend: str) -> dict[str, Path]:
    """Return the model file of each stream; none for Solutions, which ships its own."""
    return cached_models() if backend == "tasks" else {}


def warm_up() -> None:
    """Import MediaPipe and open a tracker, so that the first film waits for neither.

    Raises
    ------
    ModelError
        If the landmark models are missing.
    """
    with open_tasks(("pose", "hands"), models_for("tasks")):
        pass


def extract_video(
    path: Path,
    *,
    streams: Sequence[str] = STREAMS,
    backend: str = "tasks",
    models: Mapping[str, Path] | None = None,
    pace: Pace = EVERY_PICTURE,
) -> Clip:
    """Extract the landmarks of one video, in this process.

    Parameters
    ----------
    path
        A video or animated GIF that FFmpeg reads; no playlist.
    streams
        Parts to track, of pose, hands and face; the others stay NaN.
    backend
        A key of `BACKENDS`.
    models
        The model file of each stream; by default those that `signnet models` fetched.
    pace
        Pictures a second that are tracked; the clip has only these.

    Raises
    ------
    MediaError, ModelError, SettingsError
        If the video cannot be read, the models are missing (nothing is downloaded), or
        an option is unknown.
    """
    check_backend(backend)
    streams = check_streams(streams)
    check_file(path)  # a mistyped path comes before missing models
    job = Job(video=path, name=path.stem, file=path.name)
    return extract_job(job, streams, backend, models or models_for(backend), pace)


def extract_job(
    job: Job,
    streams: Sequence[str],
    backend: str,
    models: Mapping[str, Path],
    pace: Pace = EVERY_PICTURE,
) -> Clip:
    """Extract one video and label it as the job says."""
    source = source_of(job, streams, backend, pace)
    # Decoding starts while the tracker opens.
    opening = open_tracker(BACKENDS[backend], streams, models, pace)
    with Video(job.video) as video, opening as tracker:
        landmarks, times = follow(video, tracker, Beat(pace.rate))
    fps, uneven = timing(times, video.fps)
    return Clip(
        name=job.name,
        landmarks=landmarks,
        fps=fps,
        times=uneven,
        source=source,
        **job.labels,
    )


def source_of(
    job: Job, streams: Sequence[str], backend: str, pace: Pace = EVERY_PICTURE
) -> str:
    """Describe a clip's file and its tracking; an equal text means nothing changed.

    The content decides, not the time of the file: copying a corpus to another disk must
    not extract it again, and a mended film may have the size of the broken one.

    Raises
    ------
    MediaError
        If the file cannot be read.
    """
    with (
        one_line_error(f"{job.video}: cannot be read", MediaError),
        job.video.open("rb") as file,
    ):
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    tracked = f"{backend} {'+'.join(streams)}"
    if pace != EVERY_PICTURE:
        tracked += f" {pace.rate:g} a second, face {pace.face:g}"
    return f"{job.file}, {size} bytes, sha256 {digest}, {tracked}"
