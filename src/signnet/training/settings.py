"""Settings of a training: recipe, seed and resources."""

from dataclasses import dataclass
from pathlib import Path

from signnet.config import Recipe
from signnet.config.base import SHIPPED_BASE
from signnet.errors import SettingsError

__all__ = ["RunSettings"]

_SEEDS = 2**31
"""scikit-learn takes seeds below 2**32; member k of an ensemble adds k."""


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """Recipe, seed and resources of one training."""

    recipe: Recipe
    seed: int = 0
    members: int = 1
    """Networks of the ensemble; member k is trained with seed + k."""

    base: str | Path = SHIPPED_BASE
    """Base whose embedding the exemplars use, if the recipe asks for one."""

    resume: bool = False
    """Continue an unfinished run of the same settings."""

    threads: int | None = None
    """Threads of torch while training; None leaves the number as it is."""

    processes: int = 1
    """Processes that share every batch and the threads, with one device each."""

    wandb: str | None = None
    """Project of Weights & Biases to log to, offline; nothing is sent."""

    keep_memory: bool = False
    """Let this process keep freed memory for good, which makes steps faster."""

    def __post_init__(self) -> None:
        """Check ranges."""
        names = {"members": "ensemble", "processes": "processes", "seed": "seed"}
        counts = {shown: getattr(self, name) for name, shown in names.items()}
        counts["threads"] = 1 if self.threads is None else self.threads
        for shown, value in counts.items():
            if type(value) is not int:
                raise SettingsError(
                    f"{shown} is {value!r:.60}; it should be a whole number"
                )
        if not 0 <= self.seed < _SEEDS:
            raise SettingsError(f"seed is {self.seed}; it should be 0 to {_SEEDS - 1}")
        if self.members < 1:
            raise SettingsError(
                f"an ensemble of {self.members}; it should be 1 or more"
            )
        if self.members > 1 and not self.networks:
            raise SettingsError(
                f"an ensemble of {self.members} without a network; choose a recipe "
                "whose model.architecture is not none"
            )
        if self.processes < 1:
            raise SettingsError(f"{self.processes} processes; it should be 1 or more")
        if self.threads is not None and self.threads < 1:
            raise SettingsError(f"{self.threads} threads; it should be 1 or more")

    @property
    def networks(self) -> int:
        """Number of networks to train; 0 if exemplars alone recognise."""
        return 0 if self.recipe.model.architecture == "none" else self.members
