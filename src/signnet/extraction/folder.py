"""Extract a folder of videos into a dataset, and continue an earlier run.

Each finished video is a file of its own, written whole. Worker processes only compute,
and only the parent writes: workers can be stopped, or die, at any moment without
leaving anything behind.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from signnet.clip import Clip
from signnet.config.pace import EVERY_PICTURE, Pace
from signnet.dataset import (
    LABELS,
    Dataset,
    Progress,
    clip_path,
    no_progress,
    write_clips,
)
from signnet.errors import MediaError, SettingsError
from signnet.extraction.backends import (
    check_backend,
    extract_job,
    models_for,
    source_of,
)
from signnet.extraction.cluster import run_on_ray
from signnet.extraction.jobs import Job, list_jobs, list_others
from signnet.extraction.pool import available_cores, run_jobs
from signnet.extraction.tracker import STREAMS, check_streams
from signnet.skeleton import PARTS

__all__ = ["ENGINES", "ExtractReport", "extract_folder"]

ENGINES = ("local", "ray")
"""Where the workers run: processes of this machine, or a Ray cluster."""


@dataclass
class ExtractReport:
    """Counts of extracted clips, and the videos that failed."""

    done: int = 0
    skipped: int = 0
    """Clips that were already in the folder."""

    unlabelled: int = 0
    """Clips without a gloss: of this run or, with an index, of all runs."""

    failures: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """File and reason, in one line each."""

    left: list[str] = field(default_factory=list[str])
    """What was left out of the folder because it is not known as a video."""

    missing: dict[str, float] = field(default_factory=dict[str, float])
    """Mean fraction of frames without a part, over the clips done in this run."""


def extract_folder(
    videos: Path,
    out: Path,
    *,
    index: Path | None = None,
    workers: int | None = None,
    limit: int | None = None,
    streams: Sequence[str] = STREAMS,
    backend: str = "tasks",
    engine: str = "local",
    address: str | None = None,
    models: Mapping[str, Path] | None = None,
    pace: Pace = EVERY_PICTURE,
    progress: Progress = no_progress,
) -> ExtractReport:
    """Extract a folder of videos, or one video, into a dataset folder.

    Parameters
    ----------
    videos
        File, or folder that is searched with its subfolders.
    out
        Dataset folder. Clips in it that were extracted from the same content in the
        same way are kept; an index brings their labels up to date, and removes those
        that it drops.
    index
        CSV with labels; see `signnet.labels`.
    workers
        Number of processes; one per core of this machine or the cluster by default.
    limit
        Extract only this number of videos, the first ones.
    streams, backend, models, pace
        As in `extract_video`.
    engine
        One of `ENGINES`.
    address
        Address of a running Ray cluster; by default one is started on this machine.
    progress
        Callback `(done, total)` after each video.

    Raises
    ------
    SignnetError
        If no video can be extracted at all. A single bad video is a failure in the
        report.
    """
    check_backend(backend)
    streams = check_streams(streams)
    run = _engine(engine, workers, address)
    jobs, lost = list_jobs(videos, index)
    if limit is not None:
        jobs, lost = jobs[: _positive("limit", limit)], []
    describe = partial(source_of, streams=streams, backend=backend, pace=pace)
    for job in jobs:
        if job.dropped and _is_done(job, out, describe, relabel=False):
            clip_path(out, job.name).unlink()
    jobs = [job for job in jobs if not job.dropped]
    todo = [job for job in jobs if not _is_done(job, out, describe, bool(index))]
    report = ExtractReport(skipped=len(jobs) - len(todo), failures=lost)
    report.left = list_others(videos, out, *([index] if index else []))
    if index:
        report.unlabelled = sum(not job.labels.get("gloss") for job in jobs)
        report.unlabelled -= sum(not job.labels.get("gloss") for job in todo)
    progress(report.skipped, len(jobs))
    if not todo:
        return report
    models = models or models_for(backend)
    ways = {"streams": streams, "backend": backend, "pace": pace}
    work = partial(extract_job, models=models, **ways)
    parts = list[dict[str, float]]()
    with closing(run(todo, work)) as results:
        for through, (job, result) in enumerate(results, report.skipped + 1):
            if isinstance(result, Clip):
                write_clips([result], clip_path(out, job.name))
                parts.append(result.missing())
                report.unlabelled += result.gloss is None
            else:
                report.failures.append((job.file, result))
            progress(through, len(jobs))
    report.done = len(parts)
    report.missing = _mean(parts)
    return report


Engine = Callable[
    [Sequence[Job], Callable[[Job], Clip]],
    Generator[tuple[Job, Clip | str], None, None],
]
"""Function that yields the clip of each job, or the reason why there is none."""


def _engine(name: str, workers: int | None, address: str | None) -> Engine:
    if name not in ENGINES:
        raise SettingsError(f"unknown engine {name}; choose from: {', '.join(ENGINES)}")
    if workers is not None:
        _positive("workers", workers)
    if name == "ray":
        return partial(run_on_ray, workers=workers, address=address)
    if address:
        raise SettingsError("--address names a Ray cluster; add --engine ray")
    return partial(run_jobs, workers=workers or available_cores())


def _positive(option: str, value: int) -> int:
    if not isinstance(value, int) or value < 1:
        raise SettingsError(f"{option} is {value!r:.60}; it should be at least 1")
    return value


def _is_done(
    job: Job, out: Path, describe: Callable[[Job], str], relabel: bool
) -> bool:
    """Return whether a clip is done; with `relabel`, bring its labels up to date."""
    path = clip_path(out, job.name)
    try:
        stored = pq.read_table(path, columns=["name", "source", *LABELS]).to_pylist()
    except (pa.ArrowException, OSError):
        return False
    if len(stored) != 1 or stored[0]["name"] != job.name:
        return False
    try:
        if stored[0]["source"] != describe(job):
            return False
    except MediaError:  # the extraction says why
        return False
    if relabel:
        for clip in Dataset.open(path):
            renewed = replace(clip, **job.labels)
            if any(getattr(renewed, label) != stored[0][label] for label in LABELS):
                write_clips([renewed], path)
    return True


def _mean(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    if not parts:
        return {}
    return {part: float(np.mean([one[part] for one in parts])) for part in PARTS}
