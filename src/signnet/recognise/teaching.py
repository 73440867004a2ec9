"""Teach a model a signer's way of signing, or new words, from a few clips.

The model itself is never changed: what was taught stands beside it and corrects its
answers near the taught clips. The clips it was trained on are not needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from signnet.clip import nfc
from signnet.clip.shapes import Float, Float32
from signnet.errors import DatasetError, ModelError
from signnet.recognise.exemplars import SHARPNESS, Kernel
from signnet.recognise.familiarity import SURE_ABOVE, familiar_probabilities, handicap
from signnet.recognise.sketch import Sketch

__all__ = [
    "ABSTAIN_BELOW",
    "LONGEST_GLOSS",
    "LONGEST_LABEL",
    "MOST_CLIPS",
    "NEW_RIDGE",
    "OLD_RIDGE",
    "Taught",
    "TaughtClip",
    "correction",
]

NEW_RIDGE = 0.01
"""Penalty on the taught clips; docs/results.md says how these two were chosen."""

OLD_RIDGE = 0.1
"""Penalty on the anchors: the larger it is, the more their scores may change."""

ABSTAIN_BELOW = 0.6
"""Probability below which a taught model is unsure; a base has its own limit."""

LONGEST_GLOSS = 60
"""Characters of a taught gloss; the page shows it on a button."""

LONGEST_LABEL = 200
"""Characters of a taught clip's name, signer or session."""

MOST_CLIPS = 5000
"""Largest number of taught clips: the time to fit them grows with the cube."""

_SMALLEST = 1e-12
"""Lower bound of the model's probabilities, so that the logarithm is finite."""


def correction(
    kernel: Kernel,
    anchors: Float[np.ndarray, "anchor axis"],
    points: Float[np.ndarray, "clip axis"],
    missing: Float[np.ndarray, "clip gloss"],
) -> Float[np.ndarray, "anchor_and_clip gloss"]:
    """Fit weights of anchors and clips that add the missing scores and nothing else.

    Parameters
    ----------
    kernel
        The similarity of embedded clips.
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
    return np.linalg.solve(kernel.similarity(rows, rows) + np.diag(ridge), wanted)


@dataclass(frozen=True, kw_only=True, eq=False)
class TaughtClip:
    """One taught clip: what it shows, and how the model sees it."""

    name: str
    gloss: str
    embedding: Float32[np.ndarray, " axis"]
    scores: Float32[np.ndarray, " gloss"]
    """Scores that the model itself gives the clip, one for each of its glosses."""

    signer: str | None = None
    session: str | None = None
    added: str | None = None
    """A date, such as 2026-01-31."""

    sketch: Sketch | None = None
    """A few joints of a few frames, so that the word has a figure."""

    @property
    def labels(self) -> dict[str, str | None]:
        """Name, gloss, signer, session and date."""
        keys = ("name", "gloss", "signer", "session", "added")
        return {key: getattr(self, key) for key in keys}


def _check_labels(clip: TaughtClip) -> None:
    """Check that the file of what was taught can hold a clip's labels."""
    for key, text in clip.labels.items():
        if not text:
            continue
        longest = LONGEST_GLOSS if key == "gloss" else LONGEST_LABEL
        if len(text) > longest:
            raise DatasetError(
                f"the {key} {text[:30]}... has {len(text)} characters; at most "
                f"{longest} can be taught, so shorten it"
            )
        if any("\ud800" <= one <= "\udfff" for one in text):
            raise DatasetError(f"{text!a} is not Unicode; rename the file or label")


@dataclass(frozen=True, kw_only=True, eq=False)
class Taught:
    """What a model was taught since its training, and what it forgot."""

    glosses: tuple[str, ...]
    """The vocabulary of the model itself; empty for a base."""

    kernel: Kernel
    anchors: Float32[np.ndarray, "anchor axis"]
    """Embedded clips of the training at which scores should not change."""

    clips: tuple[TaughtClip, ...] = ()
    forgotten: tuple[str, ...] = ()
    """Glosses of the model itself that it no longer answers."""

    readings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Transliteration and English of taught glosses, which the page shows."""

    @cached_property
    def new(self) -> tuple[str, ...]:
        """The taught glosses that the model itself does not know, in order."""
        return tuple(sorted({clip.gloss for clip in self.clips} - set(self.glosses)))

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The glosses that are answered: the model's own, then the new ones."""
        kept = [one for one in self.glosses if one not in self.forgotten]
        return (*kept, *self.new)

    @property
    def sure_above(self) -> float:
        """Probability from which a model with taught clips is sure."""
        return ABSTAIN_BELOW if self.glosses else SURE_ABOVE

    @property
    def is_empty(self) -> bool:
        """Whether nothing was taught and nothing was forgotten."""
        return not self.clips and not self.forgotten

    def with_clips(self, clips: Sequence[TaughtClip]) -> "Taught":
        """Teach clips; neither their order nor the number of calls matters.

        A forgotten gloss that is taught again is answered again, from the taught clips
        and from what the model itself knows of it.

        Raises
        ------
        DatasetError
            If there is none, two have one name, one was taught before, there would be
            too many, or a gloss or label is too long.
        """
        self._check_new([clip.name for clip in clips])
        for clip in clips:
            _check_labels(clip)
        if len(clips) + len(self.clips) > MOST_CLIPS:
            raise DatasetError(
                f"{len(clips) + len(self.clips)} clips to teach; at most {MOST_CLIPS}, "
                "train a model with `signnet train` instead"
            )
        back = {clip.gloss for clip in clips}
        forgotten = tuple(one for one in self.forgotten if one not in back)
        return replace(self, clips=(*self.clips, *clips), forgotten=forgotten)

    def _check_new(self, names: list[str]) -> None:
        if not names:
            raise DatasetError("no clips to teach; give one or more of each word")
        if twice := {one.name for one in self.clips} & {*names}:
            raise DatasetError(
                f"{min(twice)} was taught to this model before; leave it out, rename "
                "the clip, or --forget its word first"
            )
        if len({*names}) < len(names):
            raise DatasetError(
                f"two clips are called {max(names, key=names.count)}; rename one"
            )

    def without(self, gloss: str) -> "Taught":
        """Forget a gloss; ModelError if it is unknown or one would be left alone.

        A gloss that was taught loses its taught clips; if the model knew it before, it
        is answered as before. Forgetting it once more removes it.
        """
        gloss = nfc(gloss)
        if gloss not in self.vocabulary:
            raise ModelError(f"the model does not know {gloss}; nothing to forget")
        kept = tuple(clip for clip in self.clips if clip.gloss != gloss)
        if len(kept) < len(self.clips):
            left = replace(self, clips=kept)
        else:
            left = replace(self, forgotten=(*self.forgotten, gloss))
        if self.glosses and len(left.vocabulary) < 2:
            raise ModelError(f"without {gloss} one gloss is left; two are needed")
        return left

    def scores(
        self,
        embeddings: Float[np.ndarray, "clip axis"],
        scores: Float[np.ndarray, "clip gloss"],
    ) -> Float[np.ndarray, "clip taught_gloss"]:
        """Score the model's glosses and the new ones, near 1 for the right one.

        Parameters
        ----------
        embeddings, scores
            What the model itself gives.
        """
        wide = np.pad(scores, ((0, 0), (0, len(self.new))))
        return wide + self._changes(embeddings) if self.clips else wide

    def probabilities(
        self,
        probabilities: Float[np.ndarray, " gloss"],
        embedding: Float[np.ndarray, " axis"],
        scores: Float[np.ndarray, " gloss"],
    ) -> Float32[np.ndarray, " answered"]:
        """Compute the probability of each gloss of `vocabulary`.

        The evidence of the model, log p, changes by as much as teaching changes the
        scores; a new gloss has only that change. A network beside the exemplars keeps
        its say. A base has no evidence of its own: its probabilities add up to less
        than 1, and the rest says that the sign is none of its words.
        """
        if not self.glosses:
            return familiar_probabilities(
                self._changes(embedding[None])[0], self._counts
            )
        evidence = np.log(np.maximum(probabilities.astype(np.float64), _SMALLEST))
        if len(scores):
            evidence += np.logaddexp.reduce(SHARPNESS * scores.astype(np.float64))
        wide = np.pad(evidence, (0, len(self.new)))
        if self.clips:
            wide += SHARPNESS * self._changes(embedding[None])[0]
        kept = wide[self._answered]
        raised = np.exp(kept - kept.max())
        return (raised / raised.sum()).astype(np.float32)

    def _changes(
        self, embeddings: Float[np.ndarray, "clip axis"]
    ) -> Float[np.ndarray, "clip taught_gloss"]:
        rows, weights = self._fitted
        points = embeddings.astype(np.float64)
        changes = self.kernel.similarity(points, rows) @ weights
        if self._apart:
            kernel, own, strengths = self._apart
            alone = kernel.similarity(points[:, -kernel.size :], own) @ strengths
            new = slice(len(self.glosses), None)
            alone -= handicap(self._counts)
            changes[:, new] = np.maximum(changes[:, new], alone)
        return changes

    @cached_property
    def _apart(self) -> tuple[Kernel, np.ndarray, np.ndarray] | None:
        """How new words are scored by themselves: kernel, rows and their weights.

        In the base's part of the embedding, other signers' ways of a word are closer to
        each other; in the directions that tell the model's own words apart, a new word
        has no say. None without a base or new words.
        """
        kernel = self.kernel.base
        if not kernel or not self.glosses or not self.new:
            return None
        clips = [one for one in self.clips if one.gloss in self.new]
        rows = np.stack([one.embedding[-kernel.size :] for one in clips])
        right = np.array([[one.gloss == word for word in self.new] for one in clips])
        weights = correction(kernel, rows[:0], rows, right.astype(np.float64))
        return kernel, rows.astype(np.float64), weights

    @cached_property
    def _counts(self) -> np.ndarray:
        """Number of taught clips of each new gloss."""
        taught = [clip.gloss for clip in self.clips]
        return np.array([taught.count(gloss) for gloss in self.new])

    @cached_property
    def _answered(self) -> np.ndarray:
        """Indices of the answered glosses among the model's and the new ones."""
        every = (*self.glosses, *self.new)
        return np.array([index for index, one in enumerate(every) if one in self._kept])

    @cached_property
    def _kept(self) -> set[str]:
        return set(self.vocabulary)

    @cached_property
    def _fitted(self) -> tuple[np.ndarray, np.ndarray]:
        """The rows that are compared with, and the weights of their similarities."""
        points = np.stack([clip.embedding for clip in self.clips])
        every = np.array((*self.glosses, *self.new))
        right = np.array([clip.gloss for clip in self.clips])[:, None] == every
        known = np.stack([clip.scores for clip in self.clips])
        missing = right.astype(np.float64)
        missing[:, : known.shape[1]] -= known
        rows = np.concatenate([self.anchors, points]).astype(np.float64)
        return rows, correction(self.kernel, self.anchors, points, missing)
