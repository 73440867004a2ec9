"""Everything needed to rebuild a model, in one file of plain values and tensors."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from signnet.clip.shapes import Bool, Float
from signnet.config import ModelConfig, Recipe, recipe_from_dict
from signnet.errors import ModelError, SettingsError
from signnet.files import whole_file
from signnet.models import Exemplars, FrontEnd, Network, build
from signnet.models.base import BaseEncoder
from signnet.skeleton import JOINT_COUNT

__all__ = ["FORMAT", "Checkpoint", "Predictor", "save_atomically"]

FORMAT = 2
"""Increased when an older version could not read the file correctly."""

_SMALLEST = 1e-6
"""Lower bound of a network's probabilities, so that the logarithm is finite."""


class Predictor(nn.Module):
    """Networks, exemplars or both, from raw landmarks to probabilities.

    Parameters
    ----------
    members
        The networks of an ensemble; empty if only exemplars recognise.
    temperature
        Divisor of the logarithms of the probabilities.
    exemplars
        Kernel regression beside the networks, or None.
    exemplar_weight
        Factor of the exemplars' scores.
    """

    members: Iterable[Any]
    front: FrontEnd
    """The front end that all members and the exemplars share."""

    def __init__(
        self,
        members: list[Network],
        temperature: float = 1.0,
        exemplars: Exemplars | None = None,
        exemplar_weight: float = 0.0,
    ) -> None:
        super().__init__()
        parts = [*members, exemplars] if exemplars else members
        if not parts:
            raise ModelError("the model has neither a network nor exemplars")
        self.members = nn.ModuleList(members)
        self.exemplars, self.exemplar_weight = exemplars, exemplar_weight
        self.temperature = temperature
        self.joints: Tensor
        self.front = parts[0].front
        joints = torch.tensor(self.front.joints)
        self.register_buffer("joints", joints, persistent=False)

    def of_joints(
        self, landmarks: Tensor, valid: Tensor | None = None
    ) -> Float[Tensor, "batch gloss"]:
        """Return the probabilities for landmarks of the selected joints only.

        The logarithm of the members' mean probability and the exemplars' weighted
        scores are added; without exemplars the result is the mean probability.
        """
        return self.outputs(landmarks, valid)[0]

    def outputs(
        self, landmarks: Tensor, valid: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """Return probabilities and, with exemplars, the embedding and their scores.

        Parameters
        ----------
        landmarks
            Float[batch, time, selected joint, 3]; see `FrontEnd.forward`.
        valid
            Bool[batch, time].

        Returns
        -------
        tuple[Tensor, ...]
            Float[batch, gloss], then Float[batch, axis] and Float[batch, gloss].
        """
        streams, fresh = self.front(landmarks, valid)
        logits = [network.classify(streams, fresh) for network in self.members]
        if self.exemplars is None:
            return ((_log_mean(logits) / self.temperature).softmax(-1),)
        embedding = self.exemplars.embed(streams, fresh)
        similar = self.exemplars.score(embedding)
        evidence = self.exemplar_weight * similar
        if logits:
            evidence = _log_mean(logits) + evidence
        return (evidence / self.temperature).softmax(-1), embedding, similar

    def forward(
        self,
        landmarks: Float[Tensor, "batch time joint 3"],
        valid: Bool[Tensor, "batch time"] | None = None,
    ) -> Float[Tensor, "batch gloss"]:
        """Return the probability of each gloss for landmarks of all 553 joints."""
        return self.of_joints(landmarks[:, :, self.joints], valid)


def _log_mean(logits: list[Tensor]) -> Float[Tensor, "batch gloss"]:
    """Return the logarithm of the networks' mean probability."""
    probabilities = torch.stack(logits).softmax(-1).mean(0)
    return probabilities.clamp_min(_SMALLEST).log()


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A trained model and what is known about it."""

    recipe: Recipe
    vocabulary: tuple[str, ...]
    """The glosses, in the order of the outputs."""

    members: tuple[dict[str, Tensor], ...]
    """Weights of each network; several are an ensemble; empty for exemplars alone."""

    exemplars: dict[str, Tensor] | None = None
    """Tensors of `Exemplars`, if the recipe gives them a weight."""

    trained_on: tuple[tuple[str, str | None, str | None], ...] = ()
    """Name, signer and session of the clips trained on."""

    held_out: str = ""
    """What the training held out, in words."""

    base: dict[str, Any] = field(default_factory=dict[str, Any])
    """Name, sha256, words and clips of the base inside; empty without one."""

    seed: int = 0
    temperature: float = 1.0
    """The logarithms of the probabilities are divided by it."""

    metrics: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def parts(self) -> str:
        """The parts that recognise, in words: network, exemplars, or both."""
        count = len(self.members)
        network = "network" if count == 1 else f"{count} networks"
        found = [network] if self.members else []
        found += ["exemplars"] if self.exemplars else []
        found += ["base"] if self.base else []
        if len(found) > 1:
            return f"{', '.join(found[:-1])} and {found[-1]} together"
        return "exemplars alone" if self.exemplars else network

    def predictor(self) -> Predictor:
        """Rebuild the model for inference; ModelError if the weights do not fit."""
        model = self.recipe.model
        try:
            networks = [self._network(weights) for weights in self.members]
            stored = self.exemplars
            exemplars = _exemplars(model, stored) if stored else None
        except (RuntimeError, TypeError) as error:
            raise ModelError(
                "the weights do not fit their network; use the version of signnet "
                "that trained it, or train again"
            ) from error
        weight = model.exemplars
        return Predictor(networks, self.temperature, exemplars, weight).eval()

    def _network(self, weights: dict[str, Tensor]) -> Network:
        network = build(self.recipe.model, len(self.vocabulary))
        network.load_state_dict(weights)
        return network

    def measured_by(self, other: "Checkpoint") -> "Checkpoint":
        """Take the figures and temperature of a model that held clips out.

        Raises
        ------
        ModelError
            If the recipes differ, or the other model held nothing out.
        """
        if other.recipe != self.recipe:
            raise ModelError("the measured run was trained with another recipe")
        if not other.metrics:
            raise ModelError("the measured run held nothing out; train it with --split")
        held_out = f"nothing; the figures are of the same recipe with {other.held_out}"
        return replace(
            self,
            metrics=other.metrics,
            temperature=other.temperature,
            held_out=held_out,
        )

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        content = {field: getattr(self, field) for field in self.__dataclass_fields__}
        content |= {
            "format": FORMAT,
            "joints": JOINT_COUNT,
            "recipe": asdict(self.recipe),
            "members": list(self.members),
            "vocabulary": list(self.vocabulary),
            "trained_on": [list(clip) for clip in self.trained_on],
        }
        save_atomically(content, path)

    @classmethod
    def load(cls, path: Path) -> "Checkpoint":
        """Read a checkpoint.

        Raises
        ------
        ModelError
            If the file is missing or broken, or has another format or unknown settings.
        """
        content = _read(path)
        if (
            content.pop("format", None) != FORMAT
            or content.pop("joints", None) != JOINT_COUNT
        ):
            raise ModelError(
                f"{path} is not a signnet checkpoint of format {FORMAT}; train again "
                "or use the version of signnet that wrote it"
            )
        try:
            content["recipe"] = recipe_from_dict(content["recipe"])
            content["trained_on"] = tuple(tuple(clip) for clip in content["trained_on"])
            for key in ("members", "vocabulary"):
                content[key] = tuple(content[key])
            return cls(**content)
        except (SettingsError, KeyError, TypeError) as error:
            raise ModelError(f"{path}: {error}") from error


def _exemplars(config: ModelConfig, stored: dict[str, Tensor]) -> Exemplars:
    """Rebuild exemplars, with their base if one was stored with them."""
    inside = {
        name.removeprefix("base."): one
        for name, one in stored.items()
        if name.startswith("base.")
    }
    own = {name: one for name, one in stored.items() if not name.startswith("base.")}
    return Exemplars(
        config, **own, base=BaseEncoder.from_state(config, inside) if inside else None
    )


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ModelError(f"{path} does not exist; train a model with `signnet train`")
    try:
        content = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # torch raises many kinds for a broken file
        raise ModelError(
            f"{path} is not a readable checkpoint ({type(error).__name__}); copy it "
            "again or train again"
        ) from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} holds a {type(content).__name__}, not a checkpoint")
    return content


def save_atomically(content: dict[str, Any], path: Path) -> None:
    """Write a dictionary of plain values and tensors, whole or not at all.

    Raises
    ------
    ModelError
        If it cannot be written (disk full, no permission).
    """
    try:
        with whole_file(path, ModelError) as temporary:
            torch.save(content, temporary)
    except RuntimeError as error:  # what torch makes of a full disk
        reason = str(error).splitlines()[0]
        raise ModelError(f"cannot write {path}: {reason}") from error
