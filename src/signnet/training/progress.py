"""What a training reports: each epoch, and the stages after the last one."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

__all__ = ["EpochReport", "EpochWatcher", "StageWatcher"]


@dataclass(frozen=True)
class EpochReport:
    """Measures of one epoch; top-1 accuracies are fractions, NaN without clips."""

    epoch: int
    """Number of the epoch, from 1."""

    train_loss: float
    train_top1: float
    validation_loss: float
    validation_top1: float
    """Of the network alone, without exemplars."""

    learning_rate: float
    seconds: float
    clips_per_second: float
    overhead: float
    """Fraction of the time outside the network's forward and backward passes."""

    best: bool
    """Whether no earlier epoch had a lower validation loss."""

    def to_dict(self) -> dict[str, float | int | bool]:
        """Return plain values for a log."""
        return asdict(self)


EpochWatcher = Callable[[int, EpochReport], None]
"""Callback `(member, report)`, called after each epoch; members count from 0."""

StageWatcher = Callable[[str, int, int], None]
"""Callback `(name, done, total)` of the stages that follow the last epoch.

A stage begins with done 0 and ends with done equal to total.
"""
