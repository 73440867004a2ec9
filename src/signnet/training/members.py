"""Train one network of a run, from the start or from where it stopped."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from signnet.clip.shapes import Int
from signnet.models.checkpoint import save_atomically
from signnet.training.batches import AnyClips
from signnet.training.folder import load_state
from signnet.training.logs import MemberLog, WandbProject
from signnet.training.loop import Trainer, probabilities
from signnet.training.machine import keep_memory
from signnet.training.progress import EpochWatcher
from signnet.training.settings import RunSettings

__all__ = ["MemberJob", "train_member"]


@dataclass(frozen=True, kw_only=True)
class MemberJob:
    """What one network is trained on, and where its files go."""

    settings: RunSettings
    member: int
    """Number of the network in the ensemble, from 0."""

    clips: AnyClips
    validation: AnyClips
    vocabulary: tuple[str, ...]
    out: Path
    """The run's folder."""

    threads: int
    """Threads of torch in all processes together."""

    @property
    def folder(self) -> Path:
        """Folder of this network."""
        return self.out / f"member-{self.member}"

    @property
    def seed(self) -> int:
        """Seed of this network."""
        return self.settings.seed + self.member

    def trainer(self, fabric: Fabric) -> Trainer:
        """Set up the training, or resume the state that the folder holds."""
        trainer = Trainer(
            self.settings.recipe,
            self.clips,
            self.validation,
            len(self.vocabulary),
            self.seed,
            fabric,
        )
        last = self.folder / "last.pt"
        if self.settings.resume and last.is_file():
            trainer.resume(load_state(last))
        return trainer

    def wandb(self) -> WandbProject | None:
        """Name the run for Weights & Biases, if one is requested."""
        if not self.settings.wandb:
            return None
        return WandbProject(
            project=self.settings.wandb,
            name=f"{self.out.name} member-{self.member}",
            settings={"recipe": self.settings.recipe.to_dict(), "seed": self.seed},
        )


def train_member(
    job: MemberJob, fabric: Fabric, watch: EpochWatcher
) -> dict[str, Tensor]:
    """Train one network, or continue its training; return the weights to keep.

    Of several processes only the first writes and reports; the others return nothing.
    """
    if job.settings.processes > 1:  # this process is the training's own
        torch.set_num_threads(max(1, job.threads // job.settings.processes))
        keep_memory()
    trainer = job.trainer(fabric)
    fabric.barrier()  # before the first process writes
    if fabric.global_rank:
        for _ in trainer.epochs():
            pass
        return {}
    _train_and_log(job, trainer, watch)
    best = job.folder / "best.pt"
    if job.settings.recipe.train.patience and best.is_file():
        return load_state(best)["weights"]
    return trainer.weights_to_keep()


def _train_and_log(job: MemberJob, trainer: Trainer, watch: EpochWatcher) -> None:
    """Train to the end; write log, state and best weights after each epoch."""
    with MemberLog(job.folder, trainer.epoch, job.wandb()) as log:
        for report in trainer.epochs():
            if report.best:
                weights = {"weights": trainer.weights_to_keep()}
                save_atomically(weights, job.folder / "best.pt")
            log.write(report)
            save_atomically(trainer.state(), job.folder / "last.pt")
            watch(job.member, report)
        if len(job.validation):
            counts = _confusion(trainer, job.validation, len(job.vocabulary))
            log.confusion(counts, job.vocabulary)


def _confusion(
    trainer: Trainer, validation: AnyClips, glosses: int
) -> Int[np.ndarray, "truth predicted"]:
    """Count the network's predictions after the last epoch."""
    known = validation.where(validation.glosses >= 0)
    counts = np.zeros((glosses, glosses), np.int64)
    if len(known):
        predicted = probabilities(trainer.network_to_keep(), known).argmax(1)
        np.add.at(counts, (known.glosses.numpy(), predicted.numpy()), 1)
    return counts
