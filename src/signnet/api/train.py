"""Training: from a dataset to a run, the folder of a finished model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signnet.api.arguments import DataLike, PathLikeText, open_data
from signnet.config import Recipe, choose_recipe
from signnet.config.base import SHIPPED_BASE
from signnet.dataset import Dataset
from signnet.errors import DatasetError, SettingsError, needs_extra
from signnet.files import as_path
from signnet.splits import Fold, Split, check, choose_fold

if TYPE_CHECKING:
    from signnet.recognise.model import Model
    from signnet.recognise.model_card import ModelCard
    from signnet.training.progress import EpochWatcher, StageWatcher

__all__ = ["Run", "SplitLike", "choose_clips", "train"]

SplitLike = PathLikeText | Split | Fold
"""A split, one fold of it, or a file: a split file or a list of held-out clips."""


@dataclass(frozen=True)
class Run:
    """The folder of a finished training; accepted wherever a path is."""

    path: Path

    parts: str = ""
    """The parts that recognise, in words; empty for a run made elsewhere."""

    tested: int = 0
    """Number of held-out clips that were measured."""

    def __fspath__(self) -> str:
        """Return the folder as text."""
        return str(self.path)

    @property
    def card(self) -> "ModelCard":
        """What is known about the model."""
        from signnet.recognise.model_card import CARD, ModelCard

        return ModelCard.read(self.path / CARD)

    @property
    def metrics(self) -> dict[str, float]:
        """Figures on the held-out clips, such as `top1`; empty without a split."""
        return dict(self.card.metrics)

    def model(self) -> "Model":
        """Open the trained model."""
        from signnet.recognise.model import Model

        return Model.open(self.path)


def train(
    data: DataLike,
    *,
    out: PathLikeText,
    split: SplitLike | None = None,
    fold: int = 0,
    recipe: PathLikeText | Recipe = "default",
    changes: Sequence[str] = (),
    base: PathLikeText | None = None,
    seed: int = 0,
    ensemble: int = 1,
    threads: int | None = None,
    processes: int = 1,
    wandb: str | None = None,
    resume: bool = False,
    keep_memory: bool = False,
    watch: "EpochWatcher | None" = None,
    stage: "StageWatcher | None" = None,
) -> Run:
    """Train a model and keep it in a folder, ready to be loaded.

    Parameters
    ----------
    data
        A dataset or its path; the clips need a gloss.
    out
        The run's folder.
    split
        What to hold out. Without it all clips are trained on and nothing is measured.
    fold
        Index of the fold of the split.
    recipe
        A preset's name, a TOML file with a recipe, or a `signnet.config.Recipe`.
    changes
        Settings to change in the recipe, such as `"train.learning_rate=1e-4"`.
    base
        Base in whose embedding clips are compared: a folder, a shipped name, or "none".
        Without it the recipe decides; the default recipe uses the shipped base.
    seed
        Seed for weights, order and augmentation.
    ensemble
        Number of networks whose probabilities are averaged.
    threads
        Threads of torch while training; None leaves the number as it is.
    processes
        Processes that share every batch, each with its own device.
    wandb
        A project of Weights & Biases to log to, offline: into the run's folder.
    resume
        Continue an unfinished run exactly.
    keep_memory
        Let the C library keep freed memory for the rest of this process: steps become
        a third faster on Linux. The command line does so.
    watch
        Callback `(member, report)`, called after each epoch.
    stage
        Callback `(name, done, total)` of the stages that follow the last epoch.

    Returns
    -------
    Run
        The folder, which `load`, `evaluate` and `compare` accept.

    Raises
    ------
    DatasetError
        If clips lack glosses, or the training clips have fewer than two of them.
    ModelError
        If the folder holds another run, or cannot be written.
    SettingsError
        If a setting is invalid, or the extra `train` is not installed.
    """
    folder = as_path(out, "out")
    opened = open_data(data)
    held = choose_clips(opened, split, fold)
    chosen = choose_recipe(choose_recipe(recipe, changes), _base_changes(base))
    with needs_extra("train", "training"):
        from signnet.training.run import RunSettings, train_run
    settings = RunSettings(
        recipe=chosen,
        base=SHIPPED_BASE if base is None else as_path(base, "base"),
        seed=seed,
        members=ensemble,
        resume=resume,
        threads=threads,
        processes=processes,
        wandb=wandb,
        keep_memory=keep_memory,
    )
    checkpoint = train_run(opened, held, settings, folder, watch, stage)
    return Run(folder, parts=checkpoint.parts, tested=len(held.test))


def _base_changes(base: PathLikeText | None) -> list[str]:
    """Switch the base of a recipe on or off, if one is named."""
    if base is None:
        return []
    return [f"model.base={str(as_path(base, 'base') != Path('none')).lower()}"]


def choose_clips(data: Dataset, split: SplitLike | None, fold: int = 0) -> Fold:
    """Choose a fold of a split; without a split, a fold that trains on everything.

    Raises
    ------
    DatasetError
        If the split has no such fold, cannot be read, or does not fit the data.
    SettingsError
        If the fold is no whole number.
    """
    if not isinstance(fold, int):
        raise SettingsError(f"fold is {fold!r:.60}; it should be a whole number")
    if isinstance(split, Fold):
        return split
    if not isinstance(split, Split):
        return choose_fold(
            data, None if split is None else as_path(split, "split"), fold
        )
    check(split, data)
    if not 0 <= fold < len(split.folds):
        raise DatasetError(
            f"the split has folds 0 to {len(split.folds) - 1}, not {fold}"
        )
    return split.folds[fold]
