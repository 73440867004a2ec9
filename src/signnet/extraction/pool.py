"""Worker processes that extract videos, and what happens when one of them dies."""

import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress

from signnet.clip import Clip
from signnet.errors import ModelError, SignnetError
from signnet.extraction.jobs import Job

__all__ = ["KILLED", "available_cores", "describe_failure", "run_jobs"]

KILLED = (
    "a worker process was killed during this video (out of memory?); run "
    "the command again, with --workers 1 if it happens again"
)
"""The reason for a missing clip if its worker ended without an error."""

_HOPELESS = 3
"""The run ends after this number of pools in a row that die before any video."""

_log = logging.getLogger(__name__)


def available_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_jobs(
    jobs: Sequence[Job], work: Callable[[Job], Clip], workers: int
) -> Generator[tuple[Job, Clip | str], None, None]:
    """Extract videos in several processes, in the order in which they are done.

    Parameters
    ----------
    jobs
        The videos.
    work
        Picklable function that extracts one video.
    workers
        Number of processes.

    Yields
    ------
    Job, Clip | str
        The clip, or the reason for its absence in one line. If a worker is killed, the
        videos in progress are lost; the others continue in new processes.

    Raises
    ------
    ModelError
        If the landmark models cannot be used, or no worker survives.
    """
    waiting, deaths = deque(jobs), 0
    while waiting:
        deaths += 1
        with _open_pool(workers) as pool:
            for job, future in _finished(pool, waiting, work, workers):
                result = _outcome(job, future)
                deaths = 0 if isinstance(result, Clip) else deaths
                yield job, result
        if waiting and deaths == _HOPELESS:
            raise ModelError(
                "the extraction's worker processes keep being killed; free some memory "
                "or use fewer with --workers, and run the command again"
            )


def _finished(
    pool: ProcessPoolExecutor,
    waiting: deque[Job],
    work: Callable[[Job], Clip],
    workers: int,
) -> Iterator[tuple[Job, "Future[Clip]"]]:
    """Keep the workers busy until no job is waiting, or the pool is broken."""
    running = dict["Future[Clip]", Job]()
    while waiting or running:
        # One job per worker and none queued: when the pool breaks, only the videos
        # in progress are lost.
        with suppress(BrokenProcessPool):
            while waiting and len(running) < workers:
                future = pool.submit(work, waiting[0])
                running[future] = waiting.popleft()
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            yield running.pop(future), future


def _outcome(job: Job, future: "Future[Clip]") -> Clip | str:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, BrokenProcessPool):
        return KILLED
    return describe_failure(job, error)


def describe_failure(job: Job, error: BaseException) -> str:
    """Say in one line why a video gave no clip; a ModelError ends the whole run."""
    if isinstance(error, ModelError):
        raise error
    if isinstance(error, SignnetError):
        return str(error).removeprefix(f"{job.video}: ")
    _log.error("%s failed", job.video, exc_info=error)
    return f"unexpected {type(error).__name__}: {error}".partition("\n")[0]


@contextmanager
def _open_pool(workers: int) -> Generator[ProcessPoolExecutor, None, None]:
    """Open worker processes; an interrupt ends them at once."""
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_prepare_worker)
    try:
        yield pool
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers itself
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
