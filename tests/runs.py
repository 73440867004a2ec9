"""Train small models for tests."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from signnet.clip import Clip
from signnet.config import Recipe
from signnet.dataset import Dataset
from signnet.splits import Fold

__all__ = ["train_remembering"]


def train_remembering(clips: Iterable[Clip], tiny: Recipe, out: Path) -> Path:
    """Train a model that remembers its clips, on all that are given; give its run."""
    from signnet.training.run import RunSettings, train_run

    data = Dataset.of_clips(clips)
    recipe = replace(
        tiny,
        model=replace(tiny.model, exemplars=8.0, distances=True),
        train=replace(tiny.train, epochs=1),
    )
    fold = Fold("nothing", tuple(data.names), ())
    settings = RunSettings(recipe=recipe, threads=1)
    train_run(data, fold, settings, out, lambda _member, _report: None)
    return out
