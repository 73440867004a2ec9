"""Fits kernel ridge regression to training clips and to variants of them."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from sklearn.decomposition import PCA
from sklearn.kernel_ridge import KernelRidge
from sklearn.preprocessing import StandardScaler
from torch import Generator, Tensor

from signnet.augment import JointGroups, augment
from signnet.batches import Clips
from signnet.config import AugmentConfig, Recipe
from signnet.models import Exemplars, FrontEnd

__all__ = ["fit_exemplars"]

MOST = 5000
"""Exemplars at most: time and memory of the fit grow with their cube and square."""

VARIANTS = 8
"""Variants remembered beside each clip, where there is room; one is left-handed."""

AXES = 192
"""Principal axes in which clips are compared."""

WIDTH = 0.6
"""Kernel width: the exponent at the mean squared distance of features from 0."""

RIDGE = 0.01
"""Penalty of the regression. These five were chosen on P1-list, P1, P2 and P5."""


def fit_exemplars(
    recipe: Recipe, clips: Clips, glosses: int, seed: int
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
    """
    if not recipe.model.exemplars:
        return None
    x, labels = _looks(recipe, clips, seed)
    scaler: Any = StandardScaler().fit(x)
    axes: Any = PCA(min(AXES, *x.shape), svd_solver="randomized", random_state=seed)
    sharpness = np.sqrt(WIDTH / x.shape[1])
    z = axes.fit_transform(scaler.transform(x)) * sharpness
    ridge: Any = KernelRidge(kernel="rbf", gamma=1.0, alpha=RIDGE)  # pyright: ignore[reportArgumentType]
    ridge.fit(z.astype(np.float64), np.eye(glosses)[labels])
    projection = axes.components_.T / scaler.scale_[:, None] * sharpness
    tensors = (projection, scaler.mean_ @ projection, z, ridge.dual_coef_)
    made = (torch.from_numpy(np.asarray(one, np.float32)) for one in tensors)
    return Exemplars(recipe.model, *made)


def _looks(
    recipe: Recipe, clips: Clips, seed: int
) -> tuple[Float[np.ndarray, "exemplar feature"], Int[np.ndarray, " exemplar"]]:
    """Give the features and glosses of clips as they are and of their variants."""
    front = FrontEnd(recipe.model)
    rng = Generator().manual_seed(seed)
    kept = torch.randperm(len(clips), generator=rng)[:MOST]
    variants = min(VARIANTS, MOST // len(kept) - 1)
    varied = replace(recipe.augment, noise=0.0, joint_drop=0.0, span_drop=0.0)
    plain = AugmentConfig(time_scale=(1.0, 1.0), rotation=0.0, noise=0.0)
    looks = [plain, replace(varied, mirror=1.0), *[varied] * VARIANTS][: variants + 1]
    x = [_features(front, clips, kept, look, rng) for look in looks]
    return np.concatenate(x), clips.glosses[kept].repeat(len(looks)).numpy()


def _features(
    front: FrontEnd,
    clips: Clips,
    kept: Int[Tensor, " exemplar"],
    config: AugmentConfig,
    rng: Generator,
) -> Float[np.ndarray, "exemplar feature"]:
    groups = JointGroups(tuple(front.joints), tuple(front.cuts))
    made: list[Tensor] = []
    for some in kept.split(64):
        landmarks, lengths = clips.landmarks[some], clips.lengths[some]
        streams, _ = front(*augment(landmarks, lengths, config, groups, rng))
        made.append(Exemplars.features(streams))
    return torch.cat(made).numpy()
