"""The temperature of a model's probabilities, and the threshold for abstaining.

A sign outside the vocabulary resembles some sign inside it. How confident the model is
of such signs is measured by hiding glosses from it; the threshold then lets no more
than a stated fraction of them through.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from signnet.clip.shapes import Bool, Float, Float32, Int
from signnet.config import ModelConfig
from signnet.dataset import Progress, no_progress
from signnet.models.checkpoint import Checkpoint
from signnet.training.batches import AnyClips
from signnet.training.exemplars import Varied, fit_varied
from signnet.training.loop import in_batches

__all__ = [
    "FALSE_ALARMS",
    "USUAL_THRESHOLD",
    "WITHHELD",
    "abstaining",
    "fit_temperature",
    "usual_temperature",
]

FALSE_ALARMS = 0.2
"""Fraction of unknown signs that may be taken for a known one."""

WITHHELD = 0.2
"""Largest fraction of right predictions to withhold, even if false alarms increase."""

USUAL_THRESHOLD = 0.36
"""Probability below which a model without held-out clips abstains (docs/results.md)."""

_TEMPERATURES = np.geomspace(0.5, 8, 81)
"""Candidate temperatures: a few clips never make it extreme."""

_GROUPS = 5
"""Every fifth gloss is hidden at a time."""


def abstaining(
    checkpoint: Checkpoint,
    varied: Varied | None,
    held_out: AnyClips,
    progress: Progress = no_progress,
) -> dict[str, float]:
    """Find the probability below which the model should abstain.

    Parameters
    ----------
    checkpoint
        The model, with its temperature.
    varied
        The clips that it was trained on and their variants; None without exemplars.
    held_out
        Clips that it was not trained on.
    progress
        Callback `(done, total)`.

    Returns
    -------
    dict
        `abstain_below`, and its effect on the held-out clips: `false_alarms`, the
        fraction of clips above it when their gloss was hidden, and `withheld`, the
        fraction of right predictions below it. `USUAL_THRESHOLD` alone if no clip was
        held out, or none was recognised.

    Notes
    -----
    The exemplars are fitted again without the hidden glosses; of the network only the
    scores of these glosses are removed, since training it again would take too long.
    """
    if not len(held_out):
        return {"abstain_below": USUAL_THRESHOLD}
    confidence, predicted = in_batches(checkpoint.predictor().of_joints, held_out).max(
        1
    )
    right = confidence[predicted == held_out.glosses]
    unknown = _unknown_confidence(checkpoint, varied, held_out, progress)
    if not len(right) or not len(unknown):
        return {"abstain_below": USUAL_THRESHOLD}
    most = right.quantile(WITHHELD, interpolation="lower")
    limit = min(float(unknown.quantile(1 - FALSE_ALARMS)), float(most))
    return {
        "abstain_below": limit,
        "false_alarms": float((unknown >= limit).float().mean()),
        "withheld": float((right < limit).float().mean()),
    }


def _unknown_confidence(
    checkpoint: Checkpoint,
    varied: Varied | None,
    held_out: AnyClips,
    progress: Progress,
) -> Float[Tensor, " clip"]:
    """Return the confidence for every held-out clip, its gloss hidden in training."""
    found = list[Tensor]()
    for group in range(_GROUPS):
        progress(group, _GROUPS)
        found.append(_confidence_without(checkpoint, varied, held_out, group))
    progress(_GROUPS, _GROUPS)
    return torch.cat(found)


def _confidence_without(
    checkpoint: Checkpoint, varied: Varied | None, held_out: AnyClips, group: int
) -> Float[Tensor, " clip"]:
    """Return the confidence of a model without a group of glosses, on their clips."""
    glosses = len(checkpoint.vocabulary)
    hidden = torch.arange(glosses) % _GROUPS == group
    unknown = held_out.where((held_out.glosses >= 0) & hidden[held_out.glosses])
    if not len(unknown) or hidden.all():
        return torch.zeros(0)
    model = _without(checkpoint, varied, hidden).predictor()
    predicted = in_batches(model.of_joints, unknown)[:, ~hidden]
    return (predicted / predicted.sum(1, keepdim=True)).amax(1)


def _without(
    checkpoint: Checkpoint, varied: Varied | None, hidden: Bool[Tensor, " gloss"]
) -> Checkpoint:
    """Fit the exemplars again without the clips of hidden glosses."""
    if varied is None or checkpoint.exemplars is None:
        return checkpoint
    known = varied.where(~hidden.numpy()[varied.glosses])
    glosses, recipe = len(checkpoint.vocabulary), checkpoint.recipe
    made = dict(fit_varied(recipe, known, glosses, checkpoint.seed).state_dict())
    inside = {
        name: one
        for name, one in checkpoint.exemplars.items()
        if name.startswith("base.")
    }
    return replace(checkpoint, exemplars=made | inside)


def usual_temperature(model: ModelConfig) -> float:
    """Return the temperature of a model without held-out clips to fit one to.

    Notes
    -----
    With a network and exemplars of weight 16 the best temperatures were 3.0 (P5), 1.8
    (P2) and 1.8 (P4); a network alone, and exemplars alone, need none.
    """
    if model.architecture == "none":
        return 1.0
    return max(1.0, model.exemplars / 8)


def fit_temperature(
    probabilities: Float32[np.ndarray, "clip gloss"], truth: Int[np.ndarray, " clip"]
) -> float:
    """Find the divisor of log probabilities that calibrates them.

    Parameters
    ----------
    probabilities
        Probability of each gloss, for clips that the model was not trained on.
    truth
        The column of each clip's gloss; clips with -1 are left out, and if none remain
        the temperature is 1.

    Notes
    -----
    The smallest log loss (Guo et al. 2017, section 4.2) on a grid with steps of 3.5 %.
    """
    known = truth >= 0
    if not known.any():
        return 1.0
    scores = np.log(np.maximum(probabilities[known].astype(np.float64), 1e-12))
    own = scores[np.arange(len(scores)), truth[known]]
    losses = [
        np.log(np.exp(scores / one).sum(1)).mean() - (own / one).mean()
        for one in _TEMPERATURES
    ]
    return float(_TEMPERATURES[np.argmin(losses)])
