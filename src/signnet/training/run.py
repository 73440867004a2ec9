"""A run: from clips to a finished, exported model in a folder.

First the networks are trained, then exemplars fitted, probabilities calibrated and the
model exported; `training/folder.py` lists the files.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from signnet.config import Recipe
from signnet.dataset import Dataset
from signnet.errors import DatasetError, ModelError
from signnet.files import only_writer
from signnet.models import FrontEnd
from signnet.models.checkpoint import Checkpoint
from signnet.splits import Fold
from signnet.training.base_file import Base, open_base
from signnet.training.batches import AnyClips, load
from signnet.training.exemplars import Varied, fit_varied, vary
from signnet.training.export import export
from signnet.training.expression import fit_expression
from signnet.training.folder import prepare_folder, recorded_threads
from signnet.training.logs import import_wandb
from signnet.training.loop import in_batches
from signnet.training.machine import keep_memory, process_unchanged
from signnet.training.members import MemberJob, train_member
from signnet.training.processes import launch
from signnet.training.progress import EpochWatcher, StageWatcher
from signnet.training.settings import RunSettings
from signnet.training.thresholds import abstaining, fit_temperature, usual_temperature

__all__ = ["RunSettings", "train_run"]


def _ignore(*_seen: object) -> None:
    """Report nothing."""


def train_run(
    data: Dataset,
    fold: Fold,
    settings: RunSettings,
    out: Path,
    watch: EpochWatcher | None = None,
    stage: StageWatcher | None = None,
) -> Checkpoint:
    """Train on a fold, keep everything in a folder, and export the model.

    The threads and the random state of torch are restored afterwards. A run is
    continued with the threads that it was started with: their number decides in which
    order numbers are added, and so the last digits of the weights.

    Parameters
    ----------
    data
        The clips; those of the fold need glosses.
    fold
        The clips to train on, and those to measure on after each epoch.
    settings
        Recipe, seed, ensemble size.
    out
        The run's folder. With `resume`, an unfinished run there is continued exactly.
    watch
        Callback `(member, report)` after each epoch.
    stage
        Callback `(name, done, total)` of each stage after the last epoch.

    Raises
    ------
    DatasetError
        If clips lack glosses or the training clips have fewer than two of them.
    ModelError
        If the folder holds a run and `resume` is False, it holds another run than the
        requested one, another process writes into it, or it cannot be written.
    """
    try:
        threads = settings.threads or recorded_threads(out / "run.json")
        with only_writer(out, ModelError), process_unchanged(threads):
            return _train_run(
                data, fold, settings, out, watch or _ignore, stage or _ignore
            )
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelError(f"cannot write to {out}: {reason}") from error


def _train_run(
    data: Dataset,
    fold: Fold,
    settings: RunSettings,
    out: Path,
    watch: EpochWatcher,
    stage: StageWatcher,
) -> Checkpoint:
    training, held = data.select(fold.train), data.select(fold.test)
    held.require_glosses()
    vocabulary = _vocabulary(training)
    if settings.wandb:
        import_wandb()  # names a missing extra before anything is written
    base = _open_base(settings)
    prepare_folder(out, fold, settings, vocabulary, base.facts if base else {})
    if settings.keep_memory:
        keep_memory()
    joints = FrontEnd(settings.recipe.model).joints
    clips, validation = (load(part, vocabulary, joints) for part in (training, held))
    members = _train_members(settings, clips, validation, vocabulary, out, watch)
    varied = _varied(settings, clips, base, stage)
    checkpoint = Checkpoint(
        recipe=settings.recipe,
        vocabulary=vocabulary,
        members=members,
        exemplars=_exemplars(settings, varied, base, len(vocabulary), stage),
        base=base.facts if base else {},
        trained_on=_origins(training),
        held_out=_held_out(fold, settings.recipe),
        seed=settings.seed,
        temperature=usual_temperature(settings.recipe.model),
    )
    checkpoint = _calibrated(checkpoint, varied, validation, stage)
    checkpoint.save(out / "checkpoint.pt")
    reading = partial(stage, "fitting expressions")
    reader = fit_expression(training, settings.seed, reading)
    graph = base.graph if base else None
    exporting = partial(stage, "exporting")
    export(checkpoint, out, reader, base_graph=graph, progress=exporting)
    return checkpoint


def _vocabulary(training: Dataset) -> tuple[str, ...]:
    """Return the glosses in order; DatasetError if there are fewer than two."""
    vocabulary = tuple(sorted(set(training.require_glosses())))
    if len(vocabulary) < 2:
        raise DatasetError(
            f"{training.path}: the training clips show {len(vocabulary)} gloss; a "
            "recogniser needs at least two"
        )
    return vocabulary


def _train_members(
    settings: RunSettings,
    clips: AnyClips,
    validation: AnyClips,
    vocabulary: tuple[str, ...],
    out: Path,
    watch: EpochWatcher,
) -> tuple[dict[str, Tensor], ...]:
    """Train the networks one after the other; return their weights."""
    jobs = [
        MemberJob(
            settings=settings,
            member=member,
            clips=clips,
            validation=validation,
            vocabulary=vocabulary,
            out=out,
            threads=torch.get_num_threads(),
        )
        for member in range(settings.networks)
    ]
    return tuple(
        launch(partial(train_member, job), settings.processes, watch) for job in jobs
    )


def _open_base(settings: RunSettings) -> Base | None:
    """Open the base that the recipe asks for, if it does."""
    if not settings.recipe.model.base:
        return None
    base = open_base(settings.base)
    base.check(settings.recipe.model)
    return base


def _varied(
    settings: RunSettings, clips: AnyClips, base: Base | None, stage: StageWatcher
) -> Varied | None:
    """Make the variants for the exemplars, if the recipe has any."""
    if not settings.recipe.model.exemplars:
        return None
    varying = partial(stage, "varying clips")
    encoder = base.encoder if base else None
    return vary(settings.recipe, clips, encoder, settings.seed, varying)


def _exemplars(
    settings: RunSettings,
    varied: Varied | None,
    base: Base | None,
    glosses: int,
    stage: StageWatcher,
) -> dict[str, Tensor] | None:
    """Fit the exemplars, if the recipe has any; return their tensors."""
    if varied is None:
        return None
    made = fit_varied(
        settings.recipe,
        varied,
        glosses,
        settings.seed,
        base.encoder if base else None,
        partial(stage, "fitting exemplars"),
    )
    return dict(made.state_dict())


def _origins(training: Dataset) -> tuple[tuple[str, str | None, str | None], ...]:
    """Return name, signer and session of each training clip."""
    columns = training.names, training.column("signer"), training.column("session")
    return tuple(zip(*columns, strict=True))


def _held_out(fold: Fold, recipe: Recipe) -> str:
    if recipe.train.patience and recipe.model.architecture != "none":
        return f"{fold.held_out} (also used to stop early)"
    return fold.held_out


def _calibrated(
    checkpoint: Checkpoint,
    varied: Varied | None,
    validation: AnyClips,
    stage: StageWatcher,
) -> Checkpoint:
    """Measure top-1 on the held-out clips; fit temperature and threshold to them."""
    known = validation.glosses >= 0
    if not known.any():
        return checkpoint
    stage("calibrating", 0, 1)
    predicted = in_batches(checkpoint.predictor().of_joints, validation)
    top1 = (predicted.argmax(1) == validation.glosses).float().mean()
    further = fit_temperature(predicted.numpy(), validation.glosses.numpy())
    checkpoint = replace(checkpoint, temperature=checkpoint.temperature * further)
    stage("calibrating", 1, 1)
    progress = partial(stage, "fitting the threshold")
    found = abstaining(checkpoint, varied, validation, progress)
    return replace(checkpoint, metrics={"top1": float(top1), **found})
