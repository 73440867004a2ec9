"""Fits kernel ridge regression to training clips and to variants of them."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from sklearn.decomposition import PCA
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import StandardScaler
from torch import Generator, Tensor

from signnet.config import AugmentConfig, Recipe
from signnet.models import Exemplars, FrontEnd
from signnet.train.augment import JointGroups, augment
from signnet.train.batches import AnyClips, Clips

__all__ = ["fit_exemplars"]

MOST = 5000
"""Exemplars at most: time and memory of the fit grow with their cube and square."""

MOST_STORED = 3500
"""The same of clips too many for memory, so that 1.5 GB are enough (docs/scale.md)."""

VARIANTS = 8
"""Variants remembered beside each clip, where there is room; one is left-handed."""

AXES = 256
"""Principal axes of the features in which telling directions are sought."""

DIRECTIONS = 128
"""Directions in which clips are compared."""

PROBES = 600
"""Exemplars at which the slope of the answers is taken."""

FLOOR = 0.3
"""Added to the mean squared slope of 1, so that no direction is forgotten."""

WIDTH = 0.6
"""Kernel width: the mean squared distance of clips from their mean."""

RIDGE = 0.03
"""Penalty of the regression; docs/results.md says on what all of these were chosen."""


def fit_exemplars(
    recipe: Recipe, clips: AnyClips, glosses: int, seed: int
) -> Exemplars | None:
    """Remember clips, if the recipe gives exemplars a weight.

    Parameters
    ----------
    recipe
        What the network looks at, and how clips are varied: noise and losses, which
        teach a network to be robust, are left out.
    clips
        The training clips, all with a gloss.
    glosses
        Size of the vocabulary.
    seed
        Of the variants, the choice among many clips and the principal axes.

    Notes
    -----
    Regression is done twice: in principal axes, then in the directions in which the
    answers of the first were seen to change, as recursive feature machines do
    (Radhakrishnan and others, Science 383, 2024, doi 10.1126/science.adi5639).
    """
    if not recipe.model.exemplars:
        return None
    x, labels = _looks(recipe, clips, seed)
    answers = np.eye(glosses, dtype=np.float32)[labels]
    scaler: Any = StandardScaler().fit(x)
    axes: Any = PCA(min(AXES, *x.shape), svd_solver="randomized", random_state=seed)
    axes.fit(scaler.transform(x))
    x -= scaler.mean_.astype(np.float32)
    first = _sharpened(x, axes.components_.T / scaler.scale_[:, None])
    directions = _telling_directions(x @ first, answers, seed)
    projection = _sharpened(x, first @ directions)
    tensors = (
        projection,
        scaler.mean_ @ projection,
        x @ projection,
        _regression(x @ projection, answers),
    )
    made = (torch.from_numpy(np.asarray(one, np.float32)) for one in tensors)
    return Exemplars(recipe.model, *made)


def _sharpened(
    x: Float[np.ndarray, "exemplar feature"],
    projection: Float[np.ndarray, "feature axis"],
) -> Float[np.ndarray, "feature axis"]:
    """Scale a projection so that the kernel of what it gives is exp(-distance²)."""
    spread = (x @ projection).var(0).sum()
    return (projection * np.sqrt(WIDTH / spread)).astype(np.float32)


def _regression(
    z: Float[np.ndarray, "exemplar axis"], answers: Float[np.ndarray, "exemplar gloss"]
) -> Float[np.ndarray, "exemplar gloss"]:
    ridge: Any = KernelRidge(kernel="rbf", gamma=1.0, alpha=RIDGE)  # pyright: ignore[reportArgumentType]
    return ridge.fit(z.astype(np.float64), answers).dual_coef_


def _telling_directions(
    z: Float[np.ndarray, "exemplar axis"],
    answers: Float[np.ndarray, "exemplar gloss"],
    seed: int,
) -> Float[np.ndarray, "axis direction"]:
    """Give directions as long as the answers are steep along them, steepest first.

    The slope at x of the answer Σ wᵢ exp(-|x - zᵢ|²) is, but for a factor,
    Σ wᵢ kᵢ (zᵢ - x). The mean over glosses and probes of its square, a matrix, tells
    which directions matter.
    """
    weights = _regression(z, answers).astype(np.float32)
    probes = np.random.default_rng(seed).permutation(len(z))[:PROBES]
    kernel = rbf_kernel(z[probes], z, gamma=1.0).astype(np.float32)
    squares = np.zeros((z.shape[1], z.shape[1]))
    for weight in weights.T:
        slopes = kernel @ (z * weight[:, None]) - (kernel @ weight)[:, None] * z[probes]
        squares += slopes.T @ slopes
    steepness, directions = np.linalg.eigh(squares)
    steepness = steepness.clip(0)[::-1] / steepness.mean() + FLOOR
    return (directions[:, ::-1] * np.sqrt(steepness))[:, :DIRECTIONS]


def _looks(
    recipe: Recipe, clips: AnyClips, seed: int
) -> tuple[Float[np.ndarray, "exemplar feature"], Int[np.ndarray, " exemplar"]]:
    """Give the features and glosses of clips as they are and of their variants."""
    front = FrontEnd(recipe.model)
    rng = Generator().manual_seed(seed)
    most = MOST if isinstance(clips, Clips) else MOST_STORED
    kept = torch.randperm(len(clips), generator=rng)[:most]
    variants = min(VARIANTS, most // len(kept) - 1)
    varied = replace(recipe.augment, noise=0.0, joint_drop=0.0, span_drop=0.0)
    plain = AugmentConfig(time_scale=(1.0, 1.0), rotation=0.0, noise=0.0)
    looks = [plain, replace(varied, mirror=1.0), *[varied] * VARIANTS][: variants + 1]
    x = [_features(front, clips, kept, look, rng) for look in looks]
    return np.concatenate(x), clips.glosses[kept].repeat(len(looks)).numpy()


def _features(
    front: FrontEnd,
    clips: AnyClips,
    kept: Int[Tensor, " exemplar"],
    config: AugmentConfig,
    rng: Generator,
) -> Float[np.ndarray, "exemplar feature"]:
    groups = JointGroups(tuple(front.joints), tuple(front.cuts))
    made: list[Tensor] = []
    for some in kept.split(64):
        part = clips.take(some)
        looked = augment(part.landmarks, part.lengths, config, groups, rng)
        streams, _ = front(*looked)
        made.append(Exemplars.features(streams))
    return torch.cat(made).numpy()
