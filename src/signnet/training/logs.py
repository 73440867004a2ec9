"""Logs of a training: metrics.jsonl, TensorBoard, Weights & Biases.

The first two are always written. W&B is written if a project is named, and offline:
nothing is sent until somebody runs `wandb sync` on the folder.
"""

import json
import os
import shutil
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from torch.utils.tensorboard import SummaryWriter

from signnet.clip.shapes import Int, UInt8
from signnet.errors import needs_extra
from signnet.training.progress import EpochReport

__all__ = ["MemberLog", "WandbProject", "confusion_picture", "import_wandb"]

_SIDE = 600
"""Approximate width and height of a confusion picture, in pixels."""

_PAIRS = 30
"""Largest number of confusions listed, the most frequent first."""


@dataclass(frozen=True, kw_only=True)
class WandbProject:
    """Name and settings of a run in Weights & Biases."""

    project: str
    name: str
    settings: dict[str, Any]


class MemberLog:
    """The log of one network's training, in the folder of that network.

    Parameters
    ----------
    folder
        Folder of the network; an earlier log is removed if no epoch is done yet.
    epochs
        Number of epochs done; lines of later ones in an earlier log are dropped.
    wandb
        Project to log to as well, or None.
    """

    def __init__(
        self, folder: Path, epochs: int, wandb: WandbProject | None = None
    ) -> None:
        if not epochs:
            _remove_log(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._lines = folder / "metrics.jsonl"
        self._drop_after(epochs)
        self._board = SummaryWriter(str(folder), purge_step=epochs + 1)
        self._wandb = _open_wandb(folder, wandb) if wandb else None

    def __enter__(self) -> "MemberLog":
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the logs."""
        self._board.close()
        if self._wandb:
            self._wandb.finish(exit_code=int(error[0] is not None))

    def _drop_after(self, epochs: int) -> None:
        """Drop lines after the last saved epoch, left by a killed run.

        A new run starts with an empty file.
        """
        text = self._lines.read_text("utf-8") if self._lines.exists() else ""
        kept = text.splitlines()[:epochs]
        self._lines.write_text("".join(f"{line}\n" for line in kept), "utf-8")

    def write(self, report: EpochReport) -> None:
        """Write the measures of an epoch."""
        with self._lines.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(report.to_dict()) + "\n")
        figures = {
            name.replace("_", "/", 1): value
            for name, value in report.to_dict().items()
            if name not in ("epoch", "best") and not np.isnan(value)
        }
        for name, value in figures.items():
            self._board.add_scalar(name, value, report.epoch)
        if self._wandb:
            self._wandb.log(figures, step=report.epoch)

    def confusion(
        self, counts: Int[np.ndarray, "truth predicted"], vocabulary: tuple[str, ...]
    ) -> None:
        """Log which glosses were confused in the held-out clips.

        Parameters
        ----------
        counts
            Number of clips by truth (rows) and prediction (columns).
        vocabulary
            The glosses, in the order of rows and columns.
        """
        picture, pairs = confusion_picture(counts), _worst(counts, vocabulary)
        rows = "".join(f"| {truth} | {other} | {n} |\n" for truth, other, n in pairs)
        table = f"| signed | predicted | clips |\n|---|---|---|\n{rows}"
        self._board.add_image("confusion", picture, dataformats="HWC")
        self._board.add_text("confusions", table)
        if self._wandb:
            wandb = import_wandb()
            columns = ["signed", "predicted", "clips"]
            listed = wandb.Table(columns=columns, data=[list(pair) for pair in pairs])
            shown = {"confusion": wandb.Image(picture), "confusions": listed}
            self._wandb.log(shown)


def _remove_log(folder: Path) -> None:
    """Remove what an earlier start of the same run wrote, and nothing else."""
    for pattern in ("metrics.jsonl", "best.pt", "last.pt", "events.out.tfevents.*"):
        for file in folder.glob(pattern):
            file.unlink()
    shutil.rmtree(folder / "wandb", ignore_errors=True)


def confusion_picture(
    counts: Int[np.ndarray, "truth predicted"],
) -> UInt8[np.ndarray, "height width 3"]:
    """Draw a confusion matrix: rows are what was signed, dark is frequent.

    Colours show the share of a row's clips: white is none, dark blue is all correct,
    dark red is all predicted as one other gloss. A gloss without a clip is grey.
    """
    total = counts.sum(1, keepdims=True)
    share = (counts / np.maximum(total, 1))[..., None]
    right, wrong = np.array([20, 60, 160.0]), np.array([180, 30, 20.0])
    ink = np.where(np.eye(len(counts), dtype=bool)[..., None], right, wrong)
    cells = np.where(total[..., None] == 0, 225.0, 255 - share * (255 - ink))
    step = max(1, _SIDE // max(1, len(counts)))
    return cells.repeat(step, 0).repeat(step, 1).round().astype(np.uint8)


def _worst(
    counts: Int[np.ndarray, "truth predicted"], vocabulary: tuple[str, ...]
) -> list[tuple[str, str, int]]:
    wrong = counts * ~np.eye(len(counts), dtype=bool)
    order = np.argsort(-wrong, axis=None, kind="stable")[:_PAIRS]
    cells = np.stack(np.unravel_index(order, wrong.shape), axis=1).tolist()
    return [
        (vocabulary[truth], vocabulary[other], int(wrong[truth, other]))
        for truth, other in cells
        if wrong[truth, other]
    ]


def import_wandb() -> ModuleType:
    """Import W&B; SettingsError if it is not installed."""
    os.environ["WANDB_ERROR_REPORTING"] = (
        "false"  # W&B would report crashes to its makers
    )
    with needs_extra("wandb", "--wandb"):
        return import_module("wandb")


def _open_wandb(folder: Path, run: WandbProject) -> Any:
    wandb = import_wandb()
    quiet = wandb.Settings(
        silent=True,
        console="off",
        disable_git=True,
        save_code=False,
        x_disable_meta=True,
    )
    return wandb.init(
        project=run.project,
        name=run.name,
        config=run.settings,
        dir=str(folder),
        mode="offline",
        settings=quiet,
    )
