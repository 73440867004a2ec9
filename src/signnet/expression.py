"""The expression of a signer's face: how it is read, and how reading it is learnt.

It stands beside the network: what a face looks like on average, how much it moves and
where it ends up are enough for one linear map. Reading needs numpy only.
"""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from signnet.clip import Clip
from signnet.errors import DatasetError, ModelError, needs_extra
from signnet.skeleton import BROWS, EYES, LIPS, NOSE, PARTS
from signnet.store import Dataset

__all__ = ["FILE", "ExpressionReader", "describe", "fit_expression", "fit_features"]

FILE = "expression.npz"
"""Where it is kept, beside `model.onnx`."""

FORMAT = 1
JOINTS = [
    PARTS["face"].start + joint for joint in sorted({*LIPS, *EYES, *BROWS, *NOSE})
]
FEATURES = 6 * len(JOINTS)

MOST = 5000
"""Clips at most that are learnt from: time and memory grow with them."""

AXES = 40
"""Principal axes of the features."""

STRENGTH = 0.1
"""C of the logistic regression: small, since clips are few and features many."""


def describe(clip: Clip) -> Float[np.ndarray, " feature"] | None:
    """Give a face's features, or None where it was seen in fewer than two frames.

    Parameters
    ----------
    clip
        Of its face, lips, eyes, brows and nose are used, in the frames that show all
        of them.

    Returns
    -------
    numpy.ndarray or None
        x (to the picture's right) and y (down) of each joint, about their mean in each
        frame and in units of their spread over the clip: mean, then standard deviation,
        then the change from the first to the last third of the clip.
    """
    face = clip.evenly_timed().landmarks[:, JOINTS, :2].astype(np.float64)
    face = face[np.isfinite(face).all((1, 2))]
    if len(face) < 2:
        return None
    face = face - face.mean(1, keepdims=True)
    spread = np.sqrt((face**2).sum(2).mean(1)).mean()
    if spread == 0:
        return None
    face = face / spread
    third = max(1, len(face) // 3)
    change = face[-third:].mean(0) - face[:third].mean(0)
    parts = (face.mean(0), face.std(0), change)
    return np.concatenate([part.ravel() for part in parts])


@dataclass(frozen=True, kw_only=True, eq=False)
class ExpressionReader:
    """One linear map from a face's features to expressions.

    Raises
    ------
    ModelError
        If the parts do not fit together.
    """

    expressions: tuple[str, ...]
    """In the order of the columns."""

    clips: Int[np.ndarray, " expression"]
    """How many clips of each were learnt from."""

    weights: Float[np.ndarray, "feature expression"]
    bias: Float[np.ndarray, " expression"]

    def __post_init__(self) -> None:
        """Refuse parts of other sizes, and numbers that are none."""
        count = len(self.expressions)
        found = [self.weights.shape, self.bias.shape, self.clips.shape]
        if found != [(FEATURES, count), (count,), (count,)] or count < 2:
            raise ModelError(
                f"weights {found[0]} and bias {found[1]} for {count} expressions; "
                f"expected {FEATURES} features and two or more expressions"
            )
        if not (np.isfinite(self.weights).all() and np.isfinite(self.bias).all()):
            raise ModelError("weights that are no numbers")

    @property
    def commonest(self) -> str:
        """The expression of which most clips were learnt from."""
        return self.expressions[int(self.clips.argmax())]

    def probabilities(
        self, features: Float[np.ndarray, "*clip feature"]
    ) -> Float[np.ndarray, "*clip expression"]:
        """Give the probability of each expression for features of `describe`."""
        scores = features @ self.weights + self.bias
        evidence = np.exp(scores - scores.max(-1, keepdims=True))
        return evidence / evidence.sum(-1, keepdims=True)

    def read(self, clip: Clip) -> dict[str, float] | None:
        """Give each expression's probability, best first; None where no face is seen.

        Few signers taught it, so of others' faces it is often wrong.
        """
        features = describe(clip)
        if features is None:
            return None
        chances = self.probabilities(features)
        order = np.argsort(-chances, kind="stable")
        return {self.expressions[one]: float(chances[one]) for one in order}

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all; ModelError if it cannot be written."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                np.savez(file, format=FORMAT, **asdict(self))
            temporary.replace(path)
        except OSError as error:
            raise ModelError(f"cannot write {path}: {error.strerror}") from error
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

    @classmethod
    def open(cls, path: Path) -> "ExpressionReader":
        """Read a file of `save`; ModelError if it is damaged, foreign or missing."""
        try:
            stored = _arrays(path)
            if int(stored.pop("format")) != FORMAT:
                raise ModelError(f"another format than {FORMAT}")
            names = tuple(str(one) for one in stored.pop("expressions").tolist())
            return cls(expressions=names, **stored)
        except Exception as error:  # numpy and zipfile raise many kinds
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(
                f"{path} is no readable file of expressions ({reason}); copy the "
                "model's folder again, or train again"
            ) from error


def _arrays(path: Path) -> dict[str, Any]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return dict(stored.items())


def fit_expression(data: Dataset, seed: int = 0) -> ExpressionReader | None:
    """Learn to read expressions from clips.

    Parameters
    ----------
    data
        The training clips; those without an expression or a face are left out.
    seed
        Of the choice among many clips, and of the principal axes.

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
    described = [
        (features, clip.expression)
        for clip in data.at(sorted(chosen.tolist()))
        if clip.expression and (features := describe(clip)) is not None
    ]
    if len({expression for _, expression in described}) < 2:
        return None
    x, expressions = zip(*described, strict=True)
    return fit_features(np.array(x), expressions, seed)


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
    Standardising, principal axes and logistic regression are linear one after the
    other: their product is what is kept.
    """
    counts = Counter(expressions)
    if len(counts) < 2:
        raise DatasetError(f"{len(counts)} expression; two are needed to tell apart")
    scaler, axes, regression = _pipeline(min(AXES, *x.shape), seed)
    standard = scaler.fit_transform(x)
    regression.fit(axes.fit_transform(standard), np.array(expressions))
    coefficients, bias = regression.coef_, regression.intercept_
    if len(coefficients) == 1:  # of two expressions sklearn keeps the second's only
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
