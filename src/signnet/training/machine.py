"""Process-wide settings for training: threads, memory and torch's random state."""

import ctypes
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

import torch

__all__ = ["free_threads", "keep_memory", "process_unchanged"]


@contextmanager
def process_unchanged(threads: int | None = None) -> Generator[None]:
    """Restore torch's number of threads and its global random state at the end.

    Parameters
    ----------
    threads
        Number of threads until then; None leaves it unchanged.
    """
    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        try:
            if threads is not None:
                torch.set_num_threads(threads)
            yield
        finally:
            torch.set_num_threads(before)


def free_threads() -> int:
    """Count the cores that other processes leave free; at least one.

    Two trainings with two threads each on two cores ran six to ten times slower than
    with one thread each, so a busy machine gets fewer threads.
    """
    cores = (
        len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    )
    busy = round(os.getloadavg()[0]) if hasattr(os, "getloadavg") else 0
    return max(1, cores - busy)


def keep_memory() -> None:
    """Tell glibc to keep freed memory until the process ends, where glibc is used.

    A training step frees and takes the same large blocks again and again; giving them
    back to the system each time cost a third of the step on a virtual machine.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        trim_threshold, mmap_max = -1, -4  # malloc.h
        mallopt(trim_threshold, 2**31 - 1)
        mallopt(mmap_max, 0)
