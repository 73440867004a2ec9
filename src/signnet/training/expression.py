"""Fit the reader of expressions: standardise, principal axes, logistic regression."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from signnet.clip.shapes import Float
from signnet.dataset import Dataset, Progress, no_progress
from signnet.errors import DatasetError, needs_extra
from signnet.recognise.expression import ExpressionReader, describe

__all__ = ["fit_expression", "fit_features"]

MOST = 5000
"""Largest number of clips to fit to: time and memory grow with it."""

AXES = 40
"""Principal axes of the features."""

STRENGTH = 0.1
"""C of the logistic regression: small, since clips are few and features many."""


def fit_expression(
    data: Dataset,
    seed: int = 0,
    progress: Progress = no_progress,
) -> ExpressionReader | None:
    """Fit a reader of expressions to clips.

    Parameters
    ----------
    data
        The training clips; those without an expression or a face are left out.
    seed
        Seed for choosing among many clips and for the principal axes.
    progress
        Callback `(done, total)`; not called where no clip states an expression.

    Returns
    -------
    ExpressionReader or None
        None where fewer than two expressions have a clip that shows a face.

    Raises
    ------
    SettingsError
        If scikit-learn is not installed.
    """
    stated = np.flatnonzero([bool(one) for one in data.column("expression")])
    chosen = np.random.default_rng(seed).permutation(stated)[:MOST]
    if not len(chosen):
        return None
    described = list(_described(data.at(sorted(chosen.tolist())), progress))
    reader = None
    if len({expression for _, expression in described}) >= 2:
        x, expressions = zip(*described, strict=True)
        reader = fit_features(np.array(x), expressions, seed)
    progress(len(chosen) + 1, len(chosen) + 1)
    return reader


def _described(
    data: Dataset, progress: Progress
) -> Iterator[tuple[Float[np.ndarray, " feature"], str]]:
    """Yield features and expression of the clips that show a face."""
    for number, clip in enumerate(data):
        progress(number, len(data) + 1)  # the fit is one more step
        if clip.expression and (features := describe(clip)) is not None:
            yield features, clip.expression


def fit_features(
    x: Float[np.ndarray, "clip feature"], expressions: Sequence[str], seed: int = 0
) -> ExpressionReader:
    """Fit the linear map to features of `describe`.

    Raises
    ------
    DatasetError
        If there are fewer than two expressions.
    SettingsError
        If scikit-learn is not installed.

    Notes
    -----
    Standardising, principal axes and logistic regression are linear; their product is
    stored.
    """
    counts = Counter(expressions)
    if len(counts) < 2:
        raise DatasetError(f"the clips show {len(counts)} expression; two are needed")
    scaler, axes, regression = _pipeline(min(AXES, *x.shape), seed)
    standard = scaler.fit_transform(x)
    regression.fit(axes.fit_transform(standard), np.array(expressions))
    coefficients, bias = regression.coef_, regression.intercept_
    if len(coefficients) == 1:  # of two expressions, sklearn stores the second's
        coefficients = np.concatenate([0 * coefficients, coefficients])
        bias = np.concatenate([0 * bias, bias])
    directions = axes.components_.T @ coefficients.T
    weights = directions / scaler.scale_[:, None]
    names = tuple(str(one) for one in regression.classes_)
    return ExpressionReader(
        expressions=names,
        clips=np.array([counts[one] for one in names]),
        weights=weights,
        bias=bias - axes.mean_ @ directions - scaler.mean_ @ weights,
    )


def _pipeline(axes: int, seed: int) -> tuple[Any, Any, Any]:
    with needs_extra("train", "learning expressions"):
        from sklearn.decomposition import PCA
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler
    return (
        StandardScaler(),
        PCA(axes, random_state=seed),
        LogisticRegression(C=STRENGTH, max_iter=1000),
    )
