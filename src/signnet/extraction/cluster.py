"""Extract videos as tasks of a Ray cluster, on this machine or on many.

Each video is one task, with the same function as in the pool. Every machine needs
signnet and must see the videos under the same path; the driver alone writes clips.
"""

import logging
import os
import socket
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from signnet.clip import Clip
from signnet.errors import SettingsError, needs_extra
from signnet.extraction.jobs import Job
from signnet.extraction.pool import KILLED, available_cores, describe_failure

__all__ = ["run_on_ray"]

_RETRIES = 2
"""Retries of a task after its worker or machine is lost."""

_KNOCK_SECONDS = 10

_STORE_BYTES = 256 * 2**20
"""Memory of a local cluster for finished clips; Ray's default is 30 % of all."""


def run_on_ray(
    jobs: Sequence[Job],
    work: Callable[[Job], Clip],
    workers: int | None = None,
    address: str | None = None,
) -> Generator[tuple[Job, Clip | str], None, None]:
    """Extract videos as tasks of a Ray cluster, in the order in which they are done.

    Parameters
    ----------
    jobs
        The videos, under paths that all machines see.
    work
        Picklable function that extracts one video.
    workers
        Videos at a time; one per core of the cluster by default.
    address
        Address of a running cluster, as `ray.init` takes it; by default a cluster is
        started on this machine and stopped afterwards.

    Yields
    ------
    Job, Clip | str
        The clip, or the reason for its absence in one line. A video whose worker is
        killed is tried twice more on another.

    Raises
    ------
    SettingsError
        If Ray is not installed or no cluster answers at the address.
    ModelError
        If the landmark models cannot be used.
    """
    ray = _import_ray()
    with _open_cluster(ray, workers, address):
        at_once = workers or int(ray.cluster_resources().get("CPU", 1))
        task = ray.remote(num_cpus=1, max_retries=_RETRIES)(_attempt)
        shared = ray.put(work)
        waiting, running = deque(jobs), dict[Any, Job]()
        while waiting or running:
            while waiting and len(running) < at_once:
                job = waiting.popleft()
                running[task.remote(shared, job)] = job
            for reference in ray.wait(list(running))[0]:
                job = running.pop(reference)
                yield job, _result(ray, reference, job)


def _attempt(work: Callable[[Job], Clip], job: Job) -> Clip | Exception:
    """Extract a video in a worker; return an error instead of raising it."""
    try:
        return work(job)
    except Exception as error:
        logging.getLogger(__name__).debug("%s failed", job.video, exc_info=error)
        return error


def _result(ray: ModuleType, reference: Any, job: Job) -> Clip | str:
    try:
        result = ray.get(reference)
    except ray.exceptions.RayError as error:
        lost = ray.exceptions.WorkerCrashedError | ray.exceptions.OutOfMemoryError
        if isinstance(error, lost):
            return KILLED
        return f"Ray lost it: {type(error).__name__}: {error}".partition("\n")[0]
    return result if isinstance(result, Clip) else describe_failure(job, result)


def _import_ray() -> ModuleType:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # Ray reports usage by default
    with needs_extra("ray", "--engine ray"):
        return import_module("ray")


def _knock(address: str | None) -> None:
    """Fail at once where no cluster listens; Ray would try for minutes."""
    address = address or ""
    parts = urlsplit(address if "://" in address else f"//{address}")
    if parts.hostname and parts.port:
        socket.create_connection((parts.hostname, parts.port), _KNOCK_SECONDS).close()


@contextmanager
def _open_cluster(
    ray: ModuleType, workers: int | None, address: str | None
) -> Generator[None, None, None]:
    """Connect to a cluster, or start one here and stop it afterwards."""
    local = {
        "num_cpus": workers or available_cores(),
        "object_store_memory": _STORE_BYTES,
        "include_dashboard": False,
        "_node_ip_address": "127.0.0.1",
    }
    try:
        _knock(address)
        ray.init(
            address or "local",
            log_to_driver=False,
            logging_level=logging.ERROR,
            **({} if address else local),
        )
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise SettingsError(
            f"no Ray cluster at {address or 'this machine'} ({reason}); start one with "
            "`ray start --head --disable-usage-stats` and pass its address as --address"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()
