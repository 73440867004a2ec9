"""A base as a folder: `model.onnx`, which embeds clips, and its card, `model.json`."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from signnet.config import ModelConfig
from signnet.config.base import BaseConfig
from signnet.errors import ModelError, SettingsError
from signnet.models import parameters
from signnet.models.base import BaseEncoder
from signnet.recognise.model_card import CARD, GRAPH, ModelCard, TrainedClip
from signnet.recognise.recogniser import find_model, shipped_models
from signnet.training.graph import (
    base_parity,
    read_base_weights,
    write_base_graph,
)

__all__ = ["TOLERANCE", "Base", "base_graph_of", "open_base", "write_base"]

TOLERANCE = 1e-4
"""Largest difference allowed between PyTorch's and ONNX Runtime's embeddings."""

_INPUT = ("streams", "frames", "arms_only", "trim", "depth", "distances", "full_face")
"""Settings of the front end, which a model must share with its base."""


@dataclass(frozen=True, eq=False)
class Base:
    """A base that models can be trained on."""

    encoder: BaseEncoder
    facts: dict[str, Any]
    """Name, sha256, words and clips, as the card of a model states them."""

    input: dict[str, Any]
    """Settings of its front end."""

    graph: Path
    """The file that it was read from."""

    def check(self, model: ModelConfig) -> None:
        """Check that a model has the same input; SettingsError says what differs."""
        wanted = _input_of(asdict(model))
        different = [key for key in _INPUT if wanted[key] != self.input[key]]
        if different:
            raise SettingsError(
                f"the base {self.facts['name']} reads another {', '.join(different)} "
                "than the recipe; train with --base none, or keep the recipe's"
            )


def _input_of(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: settings[key] for key in _INPUT} | {
        "streams": tuple(settings["streams"])
    }


def open_base(name: str | Path) -> Base:
    """Open a base by folder or shipped name.

    Raises
    ------
    ModelError
        If there is none, it is another kind of model, or its files are damaged.
    """
    folder = find_model(name)
    card = ModelCard.read(folder / CARD)
    settings = card.recipe.get("input")
    if card.vocabulary or not isinstance(settings, dict):
        raise ModelError(
            f"{folder} is a model of {len(card.vocabulary)} glosses, not a base; make "
            "a base with `signnet pretrain`"
        )
    try:
        known: dict[str, Any] = {
            key: tuple(one) if isinstance(one, list) else one
            for key, one in settings.items()
        }
        config = ModelConfig(**known)
    except (TypeError, SettingsError) as error:
        raise ModelError(
            f"{folder} holds a base of another signnet version ({error}); make it again"
        ) from error
    encoder = BaseEncoder.from_state(config, read_base_weights(folder / GRAPH))
    facts = {"name": card.name, "sha256": _digest(folder / GRAPH)} | {
        key: card.base[key] for key in ("words", "clips") if key in card.base
    }
    return Base(encoder, facts, _input_of(asdict(config)), folder / GRAPH)


def base_graph_of(facts: Mapping[str, Any]) -> Path | None:
    """Find the graph of a model's base, if it is shipped; None otherwise."""
    folder = shipped_models().get(str(facts.get("name")))
    if folder is None or _digest(folder / GRAPH) != facts.get("sha256"):
        return None
    return folder / GRAPH


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def write_base(
    base: BaseEncoder,
    config: BaseConfig,
    out: Path,
    *,
    seed: int,
    words: Sequence[str],
    clips: Sequence[TrainedClip],
) -> float:
    """Write a base into a folder and check it against PyTorch.

    Parameters
    ----------
    base
        The encoder.
    config, seed
        What it was learnt with.
    out
        The folder, which exists.
    words
        The words it learnt, as `corpus/gloss`.
    clips
        Name, signer and session of the clips it learnt from.

    Returns
    -------
    float
        Largest difference between the embeddings of ONNX Runtime and PyTorch.

    Raises
    ------
    ModelError
        If they differ by more than `TOLERANCE`.
    """
    draft = out / f"{GRAPH}.part"
    write_base_graph(base, draft)
    halved = BaseEncoder.from_state(config.input, read_base_weights(draft))
    difference = base_parity(halved, draft)
    if not difference <= TOLERANCE:
        draft.unlink()
        raise ModelError(
            f"the exported base differs from PyTorch by {difference:.1e} (allowed "
            f"{TOLERANCE:.0e}); nothing was written, please report it"
        )
    draft.replace(out / GRAPH)
    _card(base, config, out.name, seed, words, clips).write(out / CARD)
    return difference


def _card(
    base: BaseEncoder,
    config: BaseConfig,
    name: str,
    seed: int,
    words: Sequence[str],
    clips: Sequence[TrainedClip],
) -> ModelCard:
    held = config.pretrain.hold_out
    return ModelCard(
        name=name,
        created=date.today().isoformat(),
        vocabulary=(),
        trained_on=tuple(clips),
        abstain_below=0.0,
        output=f"embedding float32[1, {base.leave.out_features}]",
        members=0,
        parameters=parameters(base),
        held_out=f"one word in {held}, by a hash of its gloss" if held else "nothing",
        seed=seed,
        recipe=asdict(config),
        embedding={"axes": [base.leave.out_features], "weights": [1.0]},
        base={"words": len(words), "clips": len(clips)},
    )
