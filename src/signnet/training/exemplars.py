"""Fit exemplars: kernel ridge regression on training clips and variants of them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import StandardScaler
from torch import Generator, Tensor

from signnet.clip.shapes import Bool, Float, Int
from signnet.config import AugmentConfig, Recipe
from signnet.dataset import Progress, no_progress
from signnet.errors import DatasetError
from signnet.models import Exemplars, FrontEnd
from signnet.models.base import BaseEncoder
from signnet.training.augment import JointGroups, augment
from signnet.training.batches import AnyClips, Clips

__all__ = ["Varied", "fit_exemplars", "fit_varied", "vary"]

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


@dataclass(frozen=True, eq=False)
class Varied:
    """Training clips and variants of them, as exemplars see them."""

    features: Float[np.ndarray, "exemplar feature"]
    """First the clips as they are, then each set of variants in the same order."""

    learnt: Float[np.ndarray, "exemplar axis"] | None
    """Embeddings of the base, unit vectors; None without one."""

    glosses: Int[np.ndarray, " exemplar"]

    def where(self, chosen: Bool[np.ndarray, " exemplar"]) -> "Varied":
        """Return some of the exemplars."""
        learnt = None if self.learnt is None else self.learnt[chosen]
        return Varied(self.features[chosen], learnt, self.glosses[chosen])


def vary(
    recipe: Recipe,
    clips: AnyClips,
    base: BaseEncoder | None,
    seed: int,
    progress: Progress = no_progress,
) -> Varied:
    """Make variants of the training clips and see them as exemplars do.

    Parameters
    ----------
    recipe
        Input of the front end, and augmentation of the variants; noise and dropped
        joints, which make a network robust, are left out.
    clips
        The training clips, all with a gloss.
    base
        Embeds the clips; None if the recipe uses no base.
    seed
        Seed for the variants and for choosing among many clips.
    progress
        Callback `(done, total)`, counting sets of variants.
    """
    front = FrontEnd(recipe.model)
    rng = Generator().manual_seed(seed)
    most = MOST if isinstance(clips, Clips) else MOST_STORED
    kept = torch.randperm(len(clips), generator=rng)[:most]
    variants = min(VARIANTS, most // len(kept) - 1)
    varied = replace(recipe.augment, noise=0.0, joint_drop=0.0, span_drop=0.0)
    plain = AugmentConfig(time_scale=(1.0, 1.0), rotation=0.0, noise=0.0)
    sets = [plain, replace(varied, mirror=1.0), *[varied] * VARIANTS][: variants + 1]
    made: list[tuple[Tensor, Tensor]] = []
    for number, config in enumerate(sets):
        progress(number, len(sets))
        made += [
            _seen(front, base, clips.take(some), config, rng) for some in kept.split(64)
        ]
    progress(len(sets), len(sets))
    features, learnt = (torch.cat(one).numpy() for one in zip(*made, strict=True))
    glosses = clips.glosses[kept].repeat(len(sets)).numpy()
    return Varied(features, learnt if base else None, glosses)


def _seen(
    front: FrontEnd,
    base: BaseEncoder | None,
    clips: Clips,
    config: AugmentConfig,
    rng: Generator,
) -> tuple[Tensor, Tensor]:
    groups = JointGroups(tuple(front.joints), tuple(front.cuts))
    varied, valid = augment(clips.landmarks, clips.lengths, config, groups, rng)
    with torch.no_grad():
        streams, fresh = front(varied, valid)
        features = Exemplars.features(streams)
        if base is None:
            return features, torch.zeros(len(features), 0)
        return features, base.embed(torch.cat([*streams, fresh], dim=-1))


def fit_exemplars(
    recipe: Recipe,
    clips: AnyClips,
    glosses: int,
    seed: int,
    base: BaseEncoder | None = None,
) -> Exemplars | None:
    """Vary clips and fit exemplars to them; None if the recipe gives them no weight."""
    if not recipe.model.exemplars:
        return None
    return fit_varied(recipe, vary(recipe, clips, base, seed), glosses, seed, base)


def fit_varied(
    recipe: Recipe,
    varied: Varied,
    glosses: int,
    seed: int,
    base: BaseEncoder | None = None,
    progress: Progress = no_progress,
) -> Exemplars:
    """Fit exemplars to varied clips.

    Parameters
    ----------
    recipe
        Input of the front end.
    varied
        The clips and their variants.
    glosses
        Size of the vocabulary.
    seed
        Seed for the axes.
    base
        The base that embedded the clips, stored with them.
    progress
        Callback `(done, total)`.

    Raises
    ------
    DatasetError
        If nothing tells one clip from another.

    Notes
    -----
    Regression is done twice: in principal axes, then in the directions in which the
    scores of the first change, as recursive feature machines do
    (Radhakrishnan and others, Science 383, 2024, doi 10.1126/science.adi5639). With a
    base, the second uses the mean of two kernels: that of these directions and that of
    the base's embedding.
    """
    progress(0, 3)
    if not np.ptp(varied.features, axis=0).any():
        raise DatasetError(
            "the training clips do not differ in anything, as if no joint were seen in "
            "any; signnet info shows what was seen"
        )
    targets = np.eye(glosses, dtype=np.float32)[varied.glosses]
    scaler: Any = StandardScaler().fit(varied.features)
    axes: Any = PCA(
        min(AXES, *varied.features.shape), svd_solver="randomized", random_state=seed
    ).fit(scaler.transform(varied.features))
    x = varied.features - scaler.mean_.astype(np.float32)
    first = _scaled(x, axes.components_.T / scaler.scale_[:, None])
    progress(1, 3)
    directions = _steep_directions(x @ first, targets, seed)
    progress(2, 3)
    projection = _scaled(x, first @ directions)
    clips, kernel = x @ projection, rbf_kernel(x @ projection, gamma=1.0)
    reach = np.float32(1.0)
    if varied.learnt is not None:
        reach = np.sqrt(WIDTH / varied.learnt.var(0).sum())
        learnt = varied.learnt * reach
        kernel = (kernel + rbf_kernel(learnt, gamma=1.0)) / 2
        clips = np.concatenate([clips, learnt], axis=1)
    weights = _regression(kernel, targets)
    tensors = (projection, scaler.mean_ @ projection, clips, weights)
    made = (torch.from_numpy(np.asarray(one, np.float32)) for one in tensors)
    progress(3, 3)
    return Exemplars(recipe.model, *made, base=base, reach=torch.tensor(float(reach)))


def _scaled(
    x: Float[np.ndarray, "exemplar feature"],
    projection: Float[np.ndarray, "feature axis"],
) -> Float[np.ndarray, "feature axis"]:
    """Scale a projection so that the kernel of the projected is exp(-distance²)."""
    spread = (x @ projection).var(0).sum()
    return (projection * np.sqrt(WIDTH / spread)).astype(np.float32)


def _regression(
    kernel: Float[np.ndarray, "exemplar exemplar"],
    targets: Float[np.ndarray, "exemplar gloss"],
) -> Float[np.ndarray, "exemplar gloss"]:
    ridge: Any = KernelRidge(kernel="precomputed", alpha=RIDGE)  # pyright: ignore[reportArgumentType]
    return ridge.fit(kernel.astype(np.float64), targets).dual_coef_


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
    weights = _regression(rbf_kernel(z, gamma=1.0), targets).astype(np.float32)
    probes = np.random.default_rng(seed).permutation(len(z))[:PROBES]
    kernel = rbf_kernel(z[probes], z, gamma=1.0).astype(np.float32)
    squares = np.zeros((z.shape[1], z.shape[1]))
    for weight in weights.T:
        slopes = kernel @ (z * weight[:, None]) - (kernel @ weight)[:, None] * z[probes]
        squares += slopes.T @ slopes
    steepness, directions = np.linalg.eigh(squares)
    steepness = steepness.clip(0)[::-1] / steepness.mean() + FLOOR
    return (directions[:, ::-1] * np.sqrt(steepness))[:, :DIRECTIONS]
