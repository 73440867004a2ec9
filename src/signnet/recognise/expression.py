"""The expression of a signer's face, read by one linear map.

It stands beside the network: what a face looks like on average, how much it moves and
where it ends up are enough for one linear map. Reading needs numpy only.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from signnet.clip import Clip
from signnet.errors import ModelError
from signnet.files import whole_file
from signnet.skeleton import BROWS, EYES, LIPS, NOSE, PARTS

__all__ = ["FILE", "ExpressionReader", "describe"]

FILE = "expression.npz"
"""Where it is kept, beside `model.onnx`."""

FORMAT = 1
JOINTS = [
    PARTS["face"].start + joint for joint in sorted({*LIPS, *EYES, *BROWS, *NOSE})
]
FEATURES = 6 * len(JOINTS)


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
        with whole_file(path, ModelError) as temporary, temporary.open("wb") as file:
            np.savez(file, format=FORMAT, **asdict(self))

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
