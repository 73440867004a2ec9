"""Teach a model a signer's way of signing, or new words, from a few clips.

The clips it was trained on are not needed: their embeddings are in the model. The
network is left out, since it knows neither the signer nor the new words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32

from signnet.clip import Clip, nfc
from signnet.errors import DatasetError, ModelError
from signnet.recognise.exemplars import MOST_ANCHORS, Exemplars, similarity
from signnet.recognise.model_card import CARD, ModelCard, Teaching

__all__ = ["ABSTAIN_BELOW", "NEW_RIDGE", "OLD_RIDGE", "Taught", "correction"]

NEW_RIDGE = 0.01
"""Penalty on the taught clips; docs/results.md says how these two were chosen."""

OLD_RIDGE = 0.1
"""Penalty on the anchors: the larger it is, the more their scores may change."""

ABSTAIN_BELOW = 0.75
"""Probability below which a taught model is unsure."""


def correction(
    anchors: Float[np.ndarray, "anchor axis"],
    points: Float[np.ndarray, "clip axis"],
    missing: Float[np.ndarray, "clip gloss"],
) -> Float[np.ndarray, "anchor_and_clip gloss"]:
    """Fit weights of anchors and clips that add the missing scores and nothing else.

    Parameters
    ----------
    anchors
        Exemplars whose scores should not change.
    points
        The taught clips, embedded.
    missing
        Residual of their scores: 1 for the right gloss, 0 for others, minus the score.

    Notes
    -----
    Kernel ridge regression on the residual: (K + ridge)⁻¹ [0; missing], with a ridge of
    its own for each kind of row.
    """
    rows = np.concatenate([anchors, points]).astype(np.float64)
    ridge = np.repeat([OLD_RIDGE, NEW_RIDGE], [len(anchors), len(points)])
    wanted = np.concatenate([np.zeros((len(anchors), missing.shape[1])), missing])
    return np.linalg.solve(similarity(rows, rows) + np.diag(ridge), wanted)


@dataclass(frozen=True, eq=False)
class Taught:
    """A model, what it was taught since its training, and what it forgot."""

    base: Exemplars
    """The exemplars of the training, without the glosses that were forgotten."""

    glosses: tuple[str, ...]
    """The base's vocabulary."""

    points: Float32[np.ndarray, "clip axis"]
    """The taught clips, embedded, rounded to half precision."""

    clips: tuple[dict[str, str | None], ...]
    """Name, gloss, signer, session and `added` (a date) of each taught clip."""

    card: ModelCard
    """The card of the model that this one was made from."""

    forgotten: tuple[str, ...] = ()
    """Glosses of the training that were removed."""

    @classmethod
    def open(cls, folder: Path) -> "Taught":
        """Read a model, taught before or not.

        Raises
        ------
        ModelError
            If the model has no exemplars, or its files do not belong together.
        """
        card, stored = ModelCard.read(folder / CARD), Exemplars.open(folder)
        if stored.weights.shape[1] != len(card.vocabulary):
            raise ModelError(
                f"{folder}: model.onnx has {stored.weights.shape[1]} glosses and "
                f"{CARD} {len(card.vocabulary)}; copy both files of the same model"
            )
        before = card.enrolled or Teaching(
            exemplars=len(stored.clips), trained=len(card.trained_on)
        )
        if before.exemplars + len(before.clips) > len(stored.clips):
            raise ModelError(
                f"{folder}: {CARD} counts {before.exemplars} exemplars and "
                f"{len(before.clips)} taught clips, model.onnx has "
                f"{len(stored.clips)}; copy both files of the same model"
            )
        known = np.array([gloss not in before.new for gloss in card.vocabulary])
        trained = slice(before.exemplars)
        return cls(
            base=replace(
                stored,
                clips=stored.clips[trained],
                weights=stored.weights[trained][:, known],
            ),
            glosses=tuple(one for one in card.vocabulary if one not in before.new),
            points=stored.clips[len(stored.clips) - len(before.clips) :],
            clips=before.clips,
            card=card,
            forgotten=before.forgotten,
        )

    @property
    def new(self) -> tuple[str, ...]:
        """The glosses that the training did not know."""
        taught = {str(clip["gloss"]) for clip in self.clips}
        return tuple(sorted(taught - set(self.glosses)))

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The base's glosses, then the new ones."""
        return (*self.glosses, *self.new)

    @property
    def is_untaught(self) -> bool:
        """Whether nothing was taught and nothing of the training was forgotten."""
        return not self.clips and not self.forgotten

    @property
    def trained(self) -> int:
        """Number of clips that the training used."""
        before = self.card.enrolled
        return before.trained if before else len(self.card.trained_on)

    @property
    def anchors(self) -> Float32[np.ndarray, "anchor axis"]:
        """Exemplars that are clips as they were recorded; variants follow them."""
        return self.base.clips[: min(self.trained, MOST_ANCHORS)]

    def with_clips(self, clips: Sequence[Clip]) -> "Taught":
        """Teach clips; neither their order nor the number of calls matters.

        Raises
        ------
        DatasetError
            If there is none, one has no gloss, was taught before, or shows no hand.
        """
        self._check_new(clips)
        points = self.base.embed(clips).astype(np.float16).astype(np.float32)
        labels = ("name", "gloss", "signer", "session")
        today = {"added": date.today().isoformat()}
        entries = [
            {key: getattr(clip, key) for key in labels} | today for clip in clips
        ]
        return replace(
            self,
            points=np.concatenate([self.points, points]),
            clips=(*self.clips, *entries),
        )

    def _check_new(self, clips: Sequence[Clip]) -> None:
        if not clips:
            raise DatasetError("no clips to teach; give one to five of each word")
        bare = [clip.name for clip in clips if not clip.gloss]
        if bare:
            raise DatasetError(
                f"{len(bare)} clips have no gloss, for example {bare[0]}; say which "
                "word they show with --gloss, or with their folder's name"
            )
        names = [clip.name for clip in clips]
        if twice := {one["name"] for one in self.clips} & {*names}:
            raise DatasetError(
                f"{min(map(str, twice))} was taught to this model before; leave it "
                "out, rename the clip, or --forget its word first"
            )
        if len({*names}) < len(names):
            raise DatasetError(
                f"two clips are called {max(names, key=names.count)}; rename one"
            )

    def without(self, gloss: str) -> "Taught":
        """Forget a gloss; ModelError if it is unknown or too few would be left."""
        gloss = nfc(gloss)
        if gloss not in self.vocabulary:
            raise ModelError(f"the model does not know {gloss}; nothing to forget")
        if len(self.vocabulary) < 3:
            raise ModelError(f"without {gloss} one gloss is left; two are needed")
        known = np.array([one != gloss for one in self.glosses])
        kept = np.array([clip["gloss"] != gloss for clip in self.clips], bool)
        removed = (gloss,) if gloss in self.glosses else ()
        return replace(
            self,
            base=replace(self.base, weights=self.base.weights[:, known]),
            glosses=tuple(one for one in self.glosses if one != gloss),
            points=self.points[kept],
            clips=tuple(clip for clip in self.clips if clip["gloss"] != gloss),
            forgotten=(*self.forgotten, *removed),
        )

    def exemplars(self) -> Exemplars:
        """Fit what was taught: scores change near the taught clips only."""
        weights = np.pad(self.base.weights, ((0, 0), (0, len(self.new))))
        wide = replace(self.base, weights=weights)
        if not len(self.points):
            return wide
        glosses = np.array([str(clip["gloss"]) for clip in self.clips])
        right = glosses[:, None] == np.array(self.vocabulary)
        missing = right.astype(np.float64) - wide.scores(self.points)
        added = correction(self.anchors, self.points, missing)
        return self.base.with_exemplars(
            np.concatenate([self.base.clips, self.anchors, self.points]),
            np.concatenate([weights, added]),
        )
