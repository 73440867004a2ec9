"""The folder of a run: started once, and continued only as the same run.

RUN/run.json          recipe, seed, split, vocabulary, threads, versions
RUN/member-0/         one folder per network of an ensemble
    last.pt           the exact state after the last epoch
    best.pt           the weights with the lowest validation loss
    metrics.jsonl     one line per epoch
    events.out.*      the same for TensorBoard, and the confusions
    wandb/            the same for Weights & Biases, if requested
RUN/checkpoint.pt     the finished model
RUN/model.onnx, RUN/model.json   the same, for the recogniser
RUN/expression.npz    the reader of expressions, if the training clips show several
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import torch

from signnet.errors import ModelError
from signnet.files import write_text
from signnet.recognise.exemplars import ANCHORS
from signnet.recognise.expression import FILE
from signnet.recognise.model_card import CARD
from signnet.splits import Fold
from signnet.training.settings import RunSettings

__all__ = ["load_state", "prepare_folder", "recorded_threads"]


def prepare_folder(
    out: Path,
    fold: Fold,
    settings: RunSettings,
    vocabulary: tuple[str, ...],
    base: dict[str, Any],
) -> None:
    """Write `run.json`, or check that it describes the run to continue.

    Raises
    ------
    ModelError
        If the folder holds a run and `resume` is False, another run than the requested
        one, or files that belong to no run.
    """
    wanted = _card(fold, settings, vocabulary) | ({"base": base} if base else {})
    card = out / "run.json"
    if not card.exists() or (settings.resume and _is_lost(card)):
        if not (settings.resume and any(out.glob("member-*/last.pt"))):
            _refuse_foreign(out)
        wanted |= {"torch": torch.__version__, "python": sys.version.split()[0]}
        text = json.dumps(wanted, ensure_ascii=False, indent=1)
        write_text(card, text, ModelError)
        return
    if not settings.resume:
        raise ModelError(
            f"{out} already holds a run; add --resume or choose another --out"
        )
    found = {"threads": wanted["threads"]} | _read_card(card)  # not always recorded
    different = [key for key, value in wanted.items() if found.get(key) != value]
    if different:
        raise ModelError(
            f"{out} holds a run with another {', '.join(different)}; repeat the "
            "command it was started with, or choose another --out"
        )


def _refuse_foreign(out: Path) -> None:
    """Refuse a folder without run.json in which a run would replace something."""
    names = ("checkpoint.pt", "model.onnx", CARD, ANCHORS, FILE, "member-*")
    found = [one for name in names for one in sorted(out.glob(name))]
    if found:
        raise ModelError(
            f"{out} holds {found[0].name} but no run.json; choose another --out"
        )


def _is_lost(card: Path) -> bool:
    """Return whether a broken run.json stands alone: a full disk, nothing to lose."""
    try:
        _read_card(card)
    except ModelError:
        kept = ("checkpoint.pt", "member-*/last.pt", "model.onnx")
        return not any(any(card.parent.glob(one)) for one in kept)
    return False


def recorded_threads(card: Path) -> int | None:
    """Return the threads that a run or a base was started with; None if not known."""
    try:
        threads = json.loads(card.read_text("utf-8"))["threads"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return threads if type(threads) is int and threads > 0 else None


def _card(
    fold: Fold, settings: RunSettings, vocabulary: tuple[str, ...]
) -> dict[str, Any]:
    """Describe a run by the values that its file will hold."""
    wanted = {
        "recipe": settings.recipe.to_dict(),
        "seed": settings.seed,
        "members": settings.networks,
        "held_out": fold.held_out,
        "clips": _fingerprint(fold),
        "vocabulary": list(vocabulary),
        "threads": torch.get_num_threads(),
    }
    return json.loads(json.dumps(wanted))  # tuples become lists, as in the file


def _fingerprint(fold: Fold) -> str:
    """Hash the names of the training clips and of the held-out clips."""
    return hashlib.sha256(json.dumps([fold.train, fold.test]).encode()).hexdigest()


def _read_card(card: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(card.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise ModelError(
            f"{card} is broken ({error}); delete the run's folder to start again"
        ) from error


def load_state(path: Path) -> dict[str, Any]:
    """Read `last.pt` or `best.pt`; ModelError if the file is broken."""
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # torch raises many kinds for a broken file
        raise ModelError(
            f"{path} is broken ({type(error).__name__}); delete it to train this "
            "member anew"
        ) from error
