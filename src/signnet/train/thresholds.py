"""When a model had better say that it does not know the sign.

A sign outside the vocabulary looks more or less like one inside. How sure the model is
of such signs is found by hiding glosses from it; from that follows the threshold that
lets no more than a stated share of them through.
"""

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from torch import Tensor

from signnet.models.checkpoint import Checkpoint
from signnet.train.batches import AnyClips
from signnet.train.exemplars import fit_exemplars
from signnet.train.loop import in_batches

__all__ = [
    "FALSE_ALARMS",
    "WITHHELD",
    "abstaining",
    "fit_temperature",
    "usual_temperature",
]

FALSE_ALARMS = 0.2
"""Share of unknown signs that may be taken for a known one."""

WITHHELD = 0.2
"""Share of right answers withheld at most, though more false alarms result."""

_TEMPERATURES = np.geomspace(0.5, 8, 81)
"""What a temperature is looked for in: a few clips never make it extreme."""

_GROUPS = 5
"""Every fifth gloss is hidden at a time."""


def abstaining(
    checkpoint: Checkpoint, training: AnyClips, held_out: AnyClips
) -> dict[str, float]:
    """Find the probability below which the model should abstain.

    Parameters
    ----------
    checkpoint
        The model, with its temperature.
    training
        The clips that it was trained on.
    held_out
        Clips that it was not trained on.

    Returns
    -------
    dict
        `abstain_below`, and what it does on the held-out clips: `false_alarms`, the
        share of clips above it when their gloss was hidden, and `withheld`, the share
        of right answers below it.

    Notes
    -----
    The exemplars are fitted anew without the hidden glosses; the network only has
    their scores taken away, since training it anew would take too long.
    """
    if not len(held_out):
        return {"abstain_below": 0.0}
    chances = in_batches(checkpoint.predictor().of_joints, held_out)
    best, answer = chances.max(1)
    right = best[answer == held_out.glosses]
    strange = torch.cat(
        [_sureness(checkpoint, training, held_out, group) for group in range(_GROUPS)]
    )
    if not len(right) or not len(strange):
        return {"abstain_below": 0.0}
    most = right.quantile(WITHHELD, interpolation="lower")
    limit = min(float(strange.quantile(1 - FALSE_ALARMS)), float(most))
    return {
        "abstain_below": limit,
        "false_alarms": float((strange >= limit).float().mean()),
        "withheld": float((right < limit).float().mean()),
    }


def _sureness(
    checkpoint: Checkpoint, training: AnyClips, held_out: AnyClips, group: int
) -> Float[Tensor, " strange"]:
    """Give how sure a model would be of glosses that it was never shown."""
    glosses = len(checkpoint.vocabulary)
    hidden = torch.arange(glosses) % _GROUPS == group
    strange = held_out.where((held_out.glosses >= 0) & hidden[held_out.glosses])
    known = training.where(~hidden[training.glosses])
    if not len(strange) or not len(known):
        return torch.zeros(0)
    exemplars = fit_exemplars(checkpoint.recipe, known, glosses, checkpoint.seed)
    stored = dict(exemplars.state_dict()) if exemplars else None
    model = replace(checkpoint, exemplars=stored).predictor()
    chances = in_batches(model.of_joints, strange)[:, ~hidden]
    return (chances / chances.sum(1, keepdim=True)).amax(1)


def usual_temperature(exemplars: float) -> float:
    """Give the temperature of a model that held no clips out to fit one on.

    Parameters
    ----------
    exemplars
        The weight of remembered clips beside the network.

    Notes
    -----
    With the weight of 16 the best temperatures were 3.0 (P5), 1.8 (P2) and 1.8 (P4);
    a network alone is sure enough as it is.
    """
    return max(1.0, exemplars / 8)


def fit_temperature(
    probabilities: Float32[np.ndarray, "clip gloss"], truth: Int[np.ndarray, " clip"]
) -> float:
    """Find what to divide log probabilities by, so that they mean what they say.

    Parameters
    ----------
    probabilities
        The model's belief in each gloss, for clips it was not trained on.
    truth
        The column of each clip's gloss; clips with -1 are left out, and with no other
        the temperature is 1.

    Notes
    -----
    The least log loss: Guo et al. (2017), section 4.2. A grid is searched, 3.5 % apart.
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
