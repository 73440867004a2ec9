"""What a person watches while a command works, drawn on standard error."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from signnet.train.loop import EpochReport

__all__ = ["Progress", "console", "progress_bar", "training_display"]

Progress = Callable[[int, int], None]
"""Callback `(done, total)`."""

FIRST_SECONDS = 1.0
"""A command that takes longer than this says in a log file, too, that it works."""

_EVERY_SECONDS = 20.0

console = Console(stderr=True)


@contextmanager
def progress_bar(what: str) -> Generator[Progress]:
    """Draw a progress bar with the time left, or write a line now and then to a file.

    Parameters
    ----------
    what
        The things that are counted, such as `clips`.
    """
    if not console.is_terminal:
        with _lines(what) as progress:
            yield progress
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _lines(what: str) -> Generator[Progress]:
    """Write a line after a second, and then every twenty."""
    reached = "begun"
    over = Event()

    def progress(done: int, total: int) -> None:
        nonlocal reached
        reached = f"{done} of {total}"

    def write() -> None:
        pause = FIRST_SECONDS
        while not over.wait(pause):
            print(f"{what}: {reached}", file=sys.stderr, flush=True)
            pause = _EVERY_SECONDS

    writer = Thread(target=write, daemon=True)
    writer.start()
    try:
        yield progress
    finally:
        over.set()
        writer.join()


@contextmanager
def training_display(
    epochs: int, members: int
) -> "Generator[Callable[[int, EpochReport], None]]":
    """Show the training and validation curves in numbers while they grow."""
    with progress_bar("epochs") as progress:

        def watch(member: int, report: "EpochReport") -> None:
            progress(member * epochs + report.epoch, members * epochs)
            few = max(1, epochs // 20)
            if report.epoch % few == 0 or report.epoch == 1:
                console.print(_epoch_line(member, members, report), soft_wrap=True)

        yield watch


def _epoch_line(member: int, members: int, report: "EpochReport") -> str:
    which = f"member {member + 1}/{members} " if members > 1 else ""
    held = f"  validation loss {report.validation_loss:.3f} top-1 "
    held += f"{report.validation_top1:.3f}"
    return (
        f"{which}epoch {report.epoch:3d}  train loss {report.train_loss:.3f} top-1 "
        f"{report.train_top1:.3f}{held}  {report.clips_per_second:.0f} clips/s"
    )
