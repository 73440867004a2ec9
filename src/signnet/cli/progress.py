"""Progress of commands, drawn on standard error."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from math import isnan
from threading import Event, Thread
from time import perf_counter
from typing import TYPE_CHECKING

from signnet.cli.console import tell

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from signnet.dataset import Progress
    from signnet.training.pretrain import BaseReport
    from signnet.training.progress import EpochReport, StageWatcher

__all__ = [
    "pretraining_display",
    "progress_bar",
    "training_display",
]

FIRST_SECONDS = 0.5
"""A command that takes longer than this also reports progress in a log file.

With its start that is less than a second.
"""

_EVERY_SECONDS = 20.0


@contextmanager
def progress_bar(what: str) -> "Generator[Progress]":
    """Draw a progress bar with the time left, or write a line now and then to a file.

    Parameters
    ----------
    what
        What is counted, such as `clips`; a total of 0 is not known.
    """
    if not sys.stderr.isatty():
        with _lines(what) as progress:
            yield progress
        return
    with _bar() as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


def _bar() -> "Bar":
    """Make a bar of several tasks; a file gets only the lines that are printed."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


@contextmanager
def _lines(what: str) -> "Generator[Progress]":
    """Write a line before a second is over, and then every twenty."""
    reached = "begun"
    over = Event()

    def progress(done: int, total: int) -> None:
        nonlocal reached
        reached = f"{done} of {total}" if total else str(done)

    def write() -> None:
        pause = FIRST_SECONDS
        while not over.wait(pause):
            tell(f"{what}: {reached}")
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
    epochs: int, networks: int
) -> "Generator[tuple[Callable[[int, EpochReport], None], StageWatcher]]":
    """Show the epochs of a training and the stages that follow them.

    Parameters
    ----------
    epochs
        Epochs of each network.
    networks
        Networks of the ensemble; 0 if exemplars alone are fitted.

    Yields
    ------
    tuple
        The callbacks `(member, report)` and `(stage, done, total)`.
    """
    with _bar() as bar:
        epochs_task = bar.add_task(
            "epochs", total=networks * epochs, visible=networks > 0
        )
        stages: dict[str, tuple[TaskID, float]] = {}

        def watch(member: int, report: "EpochReport") -> None:
            bar.update(epochs_task, completed=member * epochs + report.epoch)
            if report.epoch % max(1, epochs // 20) == 0 or report.epoch == 1:
                tell(_epoch_line(member, networks, report))

        def stage(name: str, done: int, total: int) -> None:
            if name not in stages:
                stages[name] = bar.add_task(name), perf_counter()
                if bar.disable:
                    tell(f"{name} ...")
            task, started = stages[name]
            bar.update(task, completed=done, total=total or None)
            if done == total:
                seconds = perf_counter() - started
                tell(f"{name}: done in {seconds:.1f} s")

        yield watch, stage


@contextmanager
def pretraining_display(
    epochs: int,
) -> "Generator[tuple[Callable[[BaseReport], None], StageWatcher]]":
    """Show the stages and epochs of a pre-training."""
    with training_display(epochs, 1) as (_, stage):

        def watch(report: "BaseReport") -> None:
            stage("epochs of the base", report.epoch, epochs)
            tell(f"epoch {report.epoch:3d}  loss {report.loss:.3f}")

        yield watch, stage


def _epoch_line(member: int, networks: int, report: "EpochReport") -> str:
    """Describe an epoch; the validation is left out where nothing was held out."""
    which = (
        f"network {member + 1}/{networks} alone" if networks > 1 else "network alone"
    )
    line = (
        f"epoch {report.epoch:3d}  {which}: train loss {report.train_loss:.3f} top-1 "
        f"{report.train_top1:.3f}"
    )
    if not isnan(report.validation_loss):
        line += (
            f", held out loss {report.validation_loss:.3f} top-1 "
            f"{report.validation_top1:.3f}"
        )
    return f"{line}  {report.clips_per_second:.0f} clips/s"
