"""The expression of a signer's face, read by one linear map.

It stands beside the network: a face's average shape, how much it moves and where it
ends up are enough for one linear map. Reading needs numpy only.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip import Clip
from signnet.clip.shapes import Float, Int
from signnet.errors import ModelError
from signnet.files import read_arrays, whole_file
from signnet.skeleton import BROWS, EYES, LIPS, NOSE, PARTS

__all__ = ["FILE", "ExpressionReader", "describe"]

FILE = "expression.npz"
"""Name of the reader's file, beside `model.onnx`."""

FORMAT = 1
JOINTS = [
    PARTS["face"].start + joint for joint in sorted({*LIPS, *EYES, *BROWS, *NOSE})
]
FEATURES = 6 * len(JOINTS)


def describe(clip: Clip) -> Float[np.ndarray, " feature"] | None:
    """Compute a face's features; None if it was seen in fewer than two frames.

    Parameters
    ----------
    clip
        Lips, eyes, brows and nose are used, in the frames that show all of them.

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
    """Training clips of each expression."""

    weights: Float[np.ndarray, "feature expression"]
    bias: Float[np.ndarray, " expression"]

    def __post_init__(self) -> None:
        """Check sizes and refuse NaN."""
        count = len(self.expressions)
        found = [self.weights.shape, self.bias.shape, self.clips.shape]
        if found != [(FEATURES, count), (count,), (count,)] or count < 2:
            raise ModelError(
                f"weights {found[0]} and bias {found[1]} for {count} expressions; "
                f"expected {FEATURES} features and two or more expressions"
            )
        if not (np.isfinite(self.weights).all() and np.isfinite(self.bias).all()):
            raise ModelError("weights or bias hold NaN or infinity")

    @property
    def commonest(self) -> str:
        """The expression with the most training clips."""
        return self.expressions[int(self.clips.argmax())]

    def probabilities(
        self, features: Float[np.ndarray, "*clip feature"]
    ) -> Float[np.ndarray, "*clip expression"]:
        """Compute the probability of each expression from features of `describe`."""
        scores = features @ self.weights + self.bias
        evidence = np.exp(scores - scores.max(-1, keepdims=True))
        return evidence / evidence.sum(-1, keepdims=True)

    def read(self, clip: Clip) -> dict[str, float] | None:
        """Compute the probability of each expression, best first; None without a face.

        It was fitted on few signers, so it is often wrong about others.
        """
        features = describe(clip)
        if features is None:
            return None
        found = self.probabilities(features)
        order = np.argsort(-found, kind="stable")
        return {self.expressions[index]: float(found[index]) for index in order}

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all; ModelError if it cannot be written."""
        with whole_file(path, ModelError) as temporary, temporary.open("wb") as file:
            np.savez(file, format=FORMAT, **asdict(self))

    @classmethod
    def open(cls, path: Path) -> "ExpressionReader":
        """Read a file of `save`; ModelError if it is damaged, foreign or missing."""
        try:
            stored: dict[str, Any] = dict(read_arrays(path))
            if int(stored.pop("format")) != FORMAT:
                raise ModelError(f"its format is not {FORMAT}")
            names = tuple(str(one) for one in stored.pop("expressions").tolist())
            return cls(expressions=names, **stored)
        except Exception as error:  # numpy and zipfile raise many kinds
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(
                f"{path} is not a readable file of expressions ({reason}); copy the "
                "model's folder again, or train again"
            ) from error
