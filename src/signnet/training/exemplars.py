"""Fit exemplars: kernel ridge regression on training clips and variants of them."""

from collections.abc import Callable
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
from signnet.dataset import Progress, no_progress
from signnet.models import Exemplars, FrontEnd
from signnet.training.augment import JointGroups, augment
from signnet.training.batches import AnyClips, Clips

__all__ = ["fit_exemplars"]

MOST = 5000
"""Largest number: time and memory of the fit grow with its cube and square."""

MOST_STORED = 3500
"""The same for clips that do not fit in memory; 1.5 GB suffice (docs/scale.md)."""

VARIANTS = 8
"""Variants stored beside each clip, where there is room; one is left-handed."""

AXES = 256
"""Principal axes of the features, in which the directions are found."""

DIRECTIONS = 128
"""Directions in which clips are compared."""

PROBES = 600
"""Exemplars at which the slope of the scores is taken."""

FLOOR = 0.3
"""Added to the mean squared slope of 1, so that no direction vanishes."""

WIDTH = 0.6
"""Kernel width: the mean squared distance of clips from their mean."""

RIDGE = 0.03
"""Penalty of the regression; docs/results.md says how all of these were chosen."""


def fit_exemplars(
    recipe: Recipe,
    clips: AnyClips,
    glosses: int,
    seed: int,
    progress: Progress = no_progress,
) -> Exemplars | None:
    """Fit exemplars to clips, or return None if the recipe gives them no weight.

    Parameters
    ----------
    recipe
        Input of the front end, and augmentation of the variants; noise and dropped
        joints, which make a network robust, are left out.
    clips
        The training clips, all with a gloss.
    glosses
        Size of the vocabulary.
    seed
        Seed for the variants, for choosing among many clips and for the axes.
    progress
        Callback `(done, total)`; not called if the result is None.

    Notes
    -----
    Regression is done twice: in principal axes, then in the directions in which the
    scores of the first change, as recursive feature machines do
    (Radhakrishnan and others, Science 383, 2024, doi 10.1126/science.adi5639).
    """
    if not recipe.model.exemplars:
        return None
    steps = VARIANTS + 4  # clips, their variants, axes, directions, regression
    x, labels = _varied_features(
        recipe, clips, seed, lambda done: progress(done, steps)
    )
    targets = np.eye(glosses, dtype=np.float32)[labels]
    scaler: Any = StandardScaler().fit(x)
    axes: Any = PCA(min(AXES, *x.shape), svd_solver="randomized", random_state=seed)
    axes.fit(scaler.transform(x))
    progress(steps - 2, steps)
    x -= scaler.mean_.astype(np.float32)
    first = _scaled(x, axes.components_.T / scaler.scale_[:, None])
    directions = _steep_directions(x @ first, targets, seed)
    progress(steps - 1, steps)
    projection = _scaled(x, first @ directions)
    tensors = (
        projection,
        scaler.mean_ @ projection,
        x @ projection,
        _regression(x @ projection, targets),
    )
    progress(steps, steps)
    made = (torch.from_numpy(np.asarray(one, np.float32)) for one in tensors)
    return Exemplars(recipe.model, *made)


def _scaled(
    x: Float[np.ndarray, "exemplar feature"],
    projection: Float[np.ndarray, "feature axis"],
) -> Float[np.ndarray, "feature axis"]:
    """Scale a projection so that the kernel of the projected is exp(-distance²)."""
    spread = (x @ projection).var(0).sum()
    return (projection * np.sqrt(WIDTH / spread)).astype(np.float32)


def _regression(
    z: Float[np.ndarray, "exemplar axis"], targets: Float[np.ndarray, "exemplar gloss"]
) -> Float[np.ndarray, "exemplar gloss"]:
    ridge: Any = KernelRidge(kernel="rbf", gamma=1.0, alpha=RIDGE)  # pyright: ignore[reportArgumentType]
    return ridge.fit(z.astype(np.float64), targets).dual_coef_


def _steep_directions(
    z: Float[np.ndarray, "exemplar axis"],
    targets: Float[np.ndarray, "exemplar gloss"],
    seed: int,
) -> Float[np.ndarray, "axis direction"]:
    """Return directions as long as the scores are steep along them, steepest first.

    The slope at x of the score Σ wᵢ exp(-|x - zᵢ|²) is, up to a factor,
    Σ wᵢ kᵢ (zᵢ - x). The mean over glosses and probes of its square, a matrix, shows
    which directions matter.
    """
    weights = _regression(z, targets).astype(np.float32)
    probes = np.random.default_rng(seed).permutation(len(z))[:PROBES]
    kernel = rbf_kernel(z[probes], z, gamma=1.0).astype(np.float32)
    squares = np.zeros((z.shape[1], z.shape[1]))
    for weight in weights.T:
        slopes = kernel @ (z * weight[:, None]) - (kernel @ weight)[:, None] * z[probes]
        squares += slopes.T @ slopes
    steepness, directions = np.linalg.eigh(squares)
    steepness = steepness.clip(0)[::-1] / steepness.mean() + FLOOR
    return (directions[:, ::-1] * np.sqrt(steepness))[:, :DIRECTIONS]


def _varied_features(
    recipe: Recipe, clips: AnyClips, seed: int, tell: Callable[[int], object]
) -> tuple[Float[np.ndarray, "exemplar feature"], Int[np.ndarray, " exemplar"]]:
    """Return features and glosses of the clips, then of each set of variants."""
    front = FrontEnd(recipe.model)
    rng = Generator().manual_seed(seed)
    most = MOST if isinstance(clips, Clips) else MOST_STORED
    kept = torch.randperm(len(clips), generator=rng)[:most]
    variants = min(VARIANTS, most // len(kept) - 1)
    varied = replace(recipe.augment, noise=0.0, joint_drop=0.0, span_drop=0.0)
    plain = AugmentConfig(time_scale=(1.0, 1.0), rotation=0.0, noise=0.0)
    sets = [plain, replace(varied, mirror=1.0), *[varied] * VARIANTS][: variants + 1]
    x: list[np.ndarray] = []
    for number, config in enumerate(sets):
        tell(number)
        x.append(_features(front, clips, kept, config, rng))
    tell(VARIANTS + 1)
    return np.concatenate(x), clips.glosses[kept].repeat(len(sets)).numpy()


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
        varied, valid = augment(part.landmarks, part.lengths, config, groups, rng)
        streams, _ = front(varied, valid)
        made.append(Exemplars.features(streams))
    return torch.cat(made).numpy()
