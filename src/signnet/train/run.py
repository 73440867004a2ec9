"""A run: a folder with one trained model, its log and what is needed to go on.

RUN/run.json          recipe, seed, split, vocabulary, versions
RUN/member-0/         one folder per member of an ensemble
    last.pt           the exact state after the last epoch
    best.pt           the weights with the lowest validation loss
    metrics.jsonl     one line per epoch
    events.out.*      the same for TensorBoard, and what was taken for what
    wandb/            the same for Weights & Biases, if asked for
RUN/checkpoint.pt     the finished model
RUN/model.onnx, RUN/model.json   the same, for the recogniser
RUN/expression.npz    what reads expressions, if the training clips show several
"""

import ctypes
import hashlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from lightning_fabric import Fabric
from torch import Tensor

from signnet.config import Recipe
from signnet.dataset import Dataset
from signnet.errors import DatasetError, ModelError, SettingsError
from signnet.models import build
from signnet.models.checkpoint import Checkpoint, save_atomically
from signnet.splits import Fold
from signnet.train.batches import AnyClips, load
from signnet.train.exemplars import fit_exemplars
from signnet.train.export import export
from signnet.train.expression import fit_expression
from signnet.train.logs import MemberLog, WandbProject, import_wandb
from signnet.train.loop import EpochReport, Trainer, in_batches, probabilities
from signnet.train.processes import launch
from signnet.train.thresholds import abstaining, fit_temperature, usual_temperature

__all__ = ["RunSettings", "free_threads", "train_run"]


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """What a training is asked for."""

    recipe: Recipe
    seed: int = 0
    members: int = 1
    """Networks of the ensemble; member k is trained with seed + k."""

    resume: bool = False
    threads: int | None = None
    """Threads of torch; as many as the machine has free by default."""

    processes: int = 1
    """Each has a share of every batch, and of the threads; one device each."""

    wandb: str | None = None
    """Project of Weights & Biases to log to, offline; nothing is sent."""

    def __post_init__(self) -> None:
        """Refuse numbers that make no training."""
        if self.members < 1:
            raise SettingsError(
                f"an ensemble of {self.members}; it should be 1 or more"
            )
        if self.processes < 1:
            raise SettingsError(f"{self.processes} processes; it should be 1 or more")
        if self.threads is not None and self.threads < 1:
            raise SettingsError(f"{self.threads} threads; it should be 1 or more")


Watcher = Callable[[int, EpochReport], None]
"""Is told the member's number and each of its epochs."""


def train_run(
    data: Dataset, fold: Fold, settings: RunSettings, out: Path, watch: Watcher
) -> Checkpoint:
    """Train on a fold, keep everything in a folder, and export the model.

    Parameters
    ----------
    data
        The clips; all of the fold's need a gloss.
    fold
        What to train on, and what to measure on after each epoch.
    settings
        Recipe, seed, ensemble size.
    out
        The run's folder. With `resume`, an unfinished run there goes on exactly.
    watch
        Is called after each epoch.

    Raises
    ------
    DatasetError
        If clips lack glosses or the training clips have fewer than two of them.
    ModelError
        If the folder holds a run and `resume` is not asked for, or it holds another
        run than the one asked for; if the folder cannot be written.
    """
    try:
        return _train_run(data, fold, settings, out, watch)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelError(f"cannot write to {out}: {reason}") from error


def _train_run(
    data: Dataset, fold: Fold, settings: RunSettings, out: Path, watch: Watcher
) -> Checkpoint:
    training, held = data.select(fold.train), data.select(fold.test)
    held.require_glosses()
    vocabulary = tuple(sorted(set(training.require_glosses())))
    if len(vocabulary) < 2:
        raise DatasetError(
            f"{data.path}: the training clips show {len(vocabulary)} gloss; a "
            "recogniser needs at least two"
        )
    if settings.wandb:
        import_wandb()  # a missing extra is said before anything is written
    _prepare_folder(out, fold, settings, vocabulary)
    keep_memory()
    threads = settings.threads or free_threads()
    torch.set_num_threads(threads)
    joints = build(settings.recipe.model, len(vocabulary)).front.joints
    clips, validation = (load(part, vocabulary, joints) for part in (training, held))
    given = (clips, validation, vocabulary, out, threads)
    members = [
        launch(
            partial(_train_member, settings, member, *given), settings.processes, watch
        )
        for member in range(settings.members)
    ]
    exemplars = fit_exemplars(settings.recipe, clips, len(vocabulary), settings.seed)
    checkpoint = Checkpoint(
        recipe=settings.recipe,
        vocabulary=vocabulary,
        members=tuple(members),
        exemplars=dict(exemplars.state_dict()) if exemplars else None,
        trained_on=tuple(
            zip(
                training.names,
                training.column("signer"),
                training.column("session"),
                strict=True,
            )
        ),
        held_out=_held_out(fold, settings.recipe),
        seed=settings.seed,
        temperature=usual_temperature(settings.recipe.model.exemplars),
    )
    checkpoint = _with_held_out_answers(checkpoint, clips, validation)
    checkpoint.save(out / "checkpoint.pt")
    export(checkpoint, out, fit_expression(training, settings.seed))
    return checkpoint


def _prepare_folder(
    out: Path, fold: Fold, settings: RunSettings, vocabulary: tuple[str, ...]
) -> None:
    wanted = {
        "recipe": settings.recipe.to_dict(),
        "seed": settings.seed,
        "members": settings.members,
        "held_out": fold.held_out,
        "clips": _fingerprint(fold),
        "vocabulary": list(vocabulary),
    }
    wanted = json.loads(json.dumps(wanted))  # tuples become lists, as in the file
    card = out / "run.json"
    if card.exists() and not settings.resume:
        raise ModelError(
            f"{out} already holds a run; add --resume or choose another --out"
        )
    if card.exists():
        found = _read_card(card)
        strange = [key for key, value in wanted.items() if found.get(key) != value]
        if strange:
            raise ModelError(
                f"{out} holds a run with another {', '.join(strange)}; repeat the "
                "command it was started with, or choose another --out"
            )
        return
    out.mkdir(parents=True, exist_ok=True)
    wanted |= {"torch": torch.__version__, "python": sys.version.split()[0]}
    card.write_text(json.dumps(wanted, ensure_ascii=False, indent=1), encoding="utf-8")


def _fingerprint(fold: Fold) -> str:
    """Sum up which clips are trained on and which are held out."""
    return hashlib.sha256(json.dumps([fold.train, fold.test]).encode()).hexdigest()


def _read_card(card: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(card.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(
            f"{card} is broken ({error}); delete the run's folder to train anew"
        ) from error


def _train_member(
    settings: RunSettings,
    member: int,
    clips: AnyClips,
    validation: AnyClips,
    vocabulary: tuple[str, ...],
    out: Path,
    threads: int,
    fabric: Fabric,
    watch: Watcher,
) -> dict[str, Tensor]:
    """Train one network, or go on with it; return the weights that count.

    Of several processes the first alone writes and reports.
    """
    if settings.processes > 1:
        torch.set_num_threads(max(1, threads // settings.processes))
        keep_memory()
    folder = out / f"member-{member}"
    seed = settings.seed + member
    trainer = Trainer(settings.recipe, clips, validation, len(vocabulary), seed, fabric)
    last, best = (folder / name for name in ("last.pt", "best.pt"))
    if settings.resume and last.is_file():
        trainer.resume(_load_state(last))
    fabric.barrier()  # before the first process writes
    if fabric.global_rank:
        return _follow(trainer)
    project = settings.wandb and WandbProject(
        project=settings.wandb,
        name=f"{out.name} member-{member}",
        settings={"recipe": settings.recipe.to_dict(), "seed": seed},
    )
    with MemberLog(folder, trainer.epoch, project or None) as log:
        for report in trainer.epochs():
            if report.best:
                save_atomically({"weights": trainer.weights_to_keep()}, best)
            log.write(report)
            save_atomically(trainer.state(), last)
            watch(member, report)
        if len(validation):
            log.confusion(_confusion(trainer, validation, vocabulary), vocabulary)
    if settings.recipe.train.patience and best.is_file():
        return _load_state(best)["weights"]
    return trainer.weights_to_keep()


def _follow(trainer: Trainer) -> dict[str, Tensor]:
    """Train along, without writing anything."""
    for _ in trainer.epochs():
        pass
    return {}


def _confusion(
    trainer: Trainer, validation: AnyClips, vocabulary: tuple[str, ...]
) -> Int[np.ndarray, "truth answer"]:
    """Count the network's answers after the last epoch."""
    known = validation.where(validation.glosses >= 0)
    counts = np.zeros((len(vocabulary), len(vocabulary)), np.int64)
    if len(known):
        answers = probabilities(trainer.answering(), known).argmax(1)
        np.add.at(counts, (known.glosses.numpy(), answers.numpy()), 1)
    return counts


def _load_state(path: Path) -> dict[str, Any]:
    try:
        return torch.load(path, weights_only=True)
    except Exception as error:  # torch raises many kinds for a broken file
        raise ModelError(
            f"{path} is broken ({type(error).__name__}); delete it to train this "
            "member anew"
        ) from error


def _held_out(fold: Fold, recipe: Recipe) -> str:
    if recipe.train.patience:
        return f"{fold.held_out} (also used to stop early)"
    return fold.held_out


def _with_held_out_answers(
    checkpoint: Checkpoint, training: AnyClips, validation: AnyClips
) -> Checkpoint:
    """Add what held-out clips tell: top-1, temperature, when to abstain."""
    known = validation.glosses >= 0
    if not known.any():
        return checkpoint
    chances = in_batches(checkpoint.predictor().of_joints, validation)
    top1 = (chances.argmax(1) == validation.glosses).float().mean()
    further = fit_temperature(chances.numpy(), validation.glosses.numpy())
    checkpoint = replace(checkpoint, temperature=checkpoint.temperature * further)
    metrics = {"top1": float(top1), **abstaining(checkpoint, training, validation)}
    return replace(checkpoint, metrics=metrics)


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
    """Tell glibc to keep freed memory, where that is the C library.

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
