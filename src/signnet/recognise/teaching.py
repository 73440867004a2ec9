"""Teaches a model a signer's way of signing, or new words, from a few clips.

The clips it was trained on are not needed: what it remembers of them is in the model.
The network is left out, since it knows neither the signer nor the new words.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32

from signnet.clip import Clip, nfc
from signnet.errors import DatasetError, ModelError
from signnet.recognise.exemplars import (
    ANCHORS,
    MOST_ANCHORS,
    SHARPNESS,
    Memory,
    likeness,
)
from signnet.recognise.expression import FILE
from signnet.recognise.recogniser import Recogniser, open_session
from signnet.skeleton import JOINT_COUNT

__all__ = ["ABSTAIN_BELOW", "Taught", "correction"]

NEW_RIDGE = 0.01
"""Penalty on the taught clips; docs/results.md says on what these two were chosen."""

OLD_RIDGE = 0.1
"""Penalty on the remembered ones: the larger, the more their answers may change."""

ABSTAIN_BELOW = 0.75
"""Probability below which a taught model says that it is unsure."""

ANOTHER_WORD = 0.7
"""Score of another gloss from which on a clip looks like it (docs/results.md)."""

UNLIKE = 0.2
"""Likeness below which two clips cannot be the same sign by the same signer."""

SAME = 0.95
"""Likeness above which two clips are the same recording, or as good as that."""

TOLERANCE = 1e-3
"""Largest difference allowed between the written graph's probabilities and numpy's."""


def correction(
    anchors: Float[np.ndarray, "anchor axis"],
    points: Float[np.ndarray, "clip axis"],
    missing: Float[np.ndarray, "clip gloss"],
) -> Float[np.ndarray, "anchor_and_clip gloss"]:
    """Find weights of anchors and clips that add what is missing, and nothing else.

    Parameters
    ----------
    anchors
        Remembered clips, at which the scores shall stay as they are.
    points
        The taught clips, embedded.
    missing
        What their scores lack: 1 for the right gloss and 0 for others, less the score.

    Notes
    -----
    Kernel ridge regression on the residual: (K + ridge)⁻¹ [0; missing], with a ridge of
    its own for each kind of row.
    """
    every = np.concatenate([anchors, points]).astype(np.float64)
    ridge = np.repeat([OLD_RIDGE, NEW_RIDGE], [len(anchors), len(points)])
    wanted = np.concatenate([np.zeros((len(anchors), missing.shape[1])), missing])
    return np.linalg.solve(likeness(every, every) + np.diag(ridge), wanted)


@dataclass(frozen=True, eq=False)
class Taught:
    """A model, what was taught to it since its training, and what it forgot."""

    base: Memory
    """As it was trained, without the glosses that it forgot."""

    glosses: tuple[str, ...]
    """The base's vocabulary."""

    points: Float32[np.ndarray, "clip axis"]
    """The taught clips, embedded, in half precision."""

    clips: tuple[dict[str, Any], ...]
    """Of each: name, gloss, signer, session, added (a date)."""

    card: Mapping[str, Any]
    """Of the model it was read from."""

    forgotten: tuple[str, ...] = ()

    @classmethod
    def open(cls, folder: Path) -> "Taught":
        """Read a model, taught before or not; ModelError if it cannot be taught."""
        card = Recogniser(folder).card
        memory, glosses = Memory.open(folder), tuple(card["vocabulary"])
        exemplars, width = len(memory.clips), memory.weights.shape[1]
        if width != len(glosses):
            raise ModelError(
                f"{folder}: model.onnx has {width} glosses and model.json "
                f"{len(glosses)}; copy both files of the same model"
            )
        before = card.get("enrolled", {"exemplars": exemplars, "new": [], "clips": []})
        start = before["exemplars"]
        clips = tuple(before["clips"])
        known = np.array([gloss not in before["new"] for gloss in glosses])
        base = Memory(
            memory.part, memory.clips[:start], memory.weights[:start][:, known]
        )
        return cls(
            base=base,
            glosses=tuple(gloss for gloss in glosses if gloss not in before["new"]),
            points=memory.clips[exemplars - len(clips) :],
            clips=clips,
            card=card,
            forgotten=tuple(before.get("forgotten", ())),
        )

    @property
    def new(self) -> tuple[str, ...]:
        """The glosses that the training did not know."""
        taught = {clip["gloss"] for clip in self.clips}
        return tuple(sorted(taught - set(self.glosses)))

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The base's glosses, then the new ones."""
        return (*self.glosses, *self.new)

    @property
    def anchors(self) -> int:
        """How many exemplars are clips as they are: variants stand behind them."""
        return min(self._trained, len(self.base.clips), MOST_ANCHORS)

    def _held(self) -> Float[np.ndarray, "anchor axis"]:
        """Give the clips at which teaching on shall keep the answers."""
        return np.concatenate([self.base.clips[: self.anchors], self.points])

    @property
    def _trained(self) -> int:
        return self.card.get("enrolled", {}).get(
            "trained", len(self.card["trained_on"])
        )

    def with_clips(self, clips: Sequence[Clip]) -> "Taught":
        """Teach clips; their order, and how often one teaches, do not matter.

        Raises
        ------
        DatasetError
            If there is none, one has no gloss, was taught before, or shows no hand.
        """
        if not clips:
            raise DatasetError("no clips to teach; give one to five of each word")
        bare = [clip.name for clip in clips if not clip.gloss]
        if bare:
            raise DatasetError(
                f"{len(bare)} clips have no gloss, for example {bare[0]}; say which "
                "word they show with --gloss, or with their folder's name"
            )
        twice = {clip.name for clip in clips} & {one["name"] for one in self.clips}
        if twice:
            raise DatasetError(
                f"{min(twice)} was taught to this model before; leave it out, rename "
                "the clip, or --forget its word first"
            )
        points = self.base.embed(clips).astype(np.float16).astype(np.float32)
        today = date.today().isoformat()
        entries = [
            {key: getattr(clip, key) for key in ("name", "gloss", "signer", "session")}
            | {"added": today}
            for clip in clips
        ]
        return replace(
            self,
            points=np.concatenate([self.points, points]),
            clips=(*self.clips, *entries),
        )

    def without(self, word: str) -> "Taught":
        """Forget a gloss; ModelError if it is unknown or too few would be left."""
        word = nfc(word)
        if word not in self.vocabulary:
            raise ModelError(f"the model does not know {word}; nothing to forget")
        if len(self.vocabulary) < 3:
            raise ModelError(f"without {word} one gloss is left; two are needed")
        known = np.array([gloss != word for gloss in self.glosses])
        kept = np.array([clip["gloss"] != word for clip in self.clips], bool)
        return replace(
            self,
            base=replace(self.base, weights=self.base.weights[:, known]),
            glosses=tuple(gloss for gloss in self.glosses if gloss != word),
            points=self.points[kept],
            clips=tuple(clip for clip in self.clips if clip["gloss"] != word),
            forgotten=(*self.forgotten, word),
        )

    def memory(self) -> Memory:
        """Fit what was taught: the answers change near the taught clips only."""
        weights = np.pad(self.base.weights, ((0, 0), (0, len(self.new))))
        if not len(self.points):
            return replace(self.base, weights=weights)
        wide = replace(self.base, weights=weights)
        right = [
            [one == clip["gloss"] for one in self.vocabulary] for clip in self.clips
        ]
        missing = np.array(right, np.float64) - wide.scores(self.points)
        anchors = self.base.clips[: self.anchors]
        added = correction(anchors, self.points, missing)
        return self.base.with_exemplars(
            np.concatenate([self.base.clips, anchors, self.points]),
            np.concatenate([weights, added]),
        )

    def doubts(self, first: int = 0) -> list[str]:
        """Say in one line each what speaks against the clips taught from `first` on."""
        earlier = replace(self, points=self.points[:first], clips=self.clips[:first])
        scores = earlier.memory().scores(self.points)
        alike = likeness(self.points, self.points)
        np.fill_diagonal(alike, -1)
        glosses = np.array([clip["gloss"] for clip in self.clips])
        found: list[str] = []
        for row in range(first, len(glosses)):
            same: Bool[np.ndarray, " clip"] = glosses == glosses[row]
            name = f"{self.clips[row]['name']} ({glosses[row]})"
            others = np.array([one != glosses[row] for one in earlier.vocabulary])
            best = int(np.argmax(np.where(others, scores[row], -np.inf)))
            if scores[row, best] >= ANOTHER_WORD:
                found.append(f"{name} looks like {earlier.vocabulary[best]}")
            nearest = int(np.argmax(np.where(same, -1, alike[row])))
            if not same[nearest] and alike[row, nearest] >= SAME:
                other = self.clips[nearest]
                found.append(
                    f"{name} is the same as {other['name']} ({other['gloss']})"
                )
            if same.sum() > 1 and alike[row][same].max() < UNLIKE:
                found.append(f"{name} is unlike the other clips of its word")
        return found

    def save(self, out: Path, source: Path) -> None:
        """Write the model's folder, whole or not at all.

        Raises
        ------
        ModelError
            If there is something at `out` already, it cannot be written, or the graph
            does not answer as it should.
        """
        if out.exists():
            raise ModelError(f"{out} exists already; choose another --out")
        memory = self.memory()
        check(memory)
        card = json.dumps(self.new_card(memory, out.name), ensure_ascii=False, indent=1)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=out.parent, prefix=".enrol-") as made:
                draft = Path(made) / "model"
                draft.mkdir()
                (draft / "model.onnx").write_bytes(memory.graph)
                (draft / "model.json").write_text(card, encoding="utf-8")
                np.save(draft / ANCHORS, self._held().astype(np.float16))
                for extra in ("motions.parquet", "words.json", FILE):
                    if (source / extra).is_file():
                        shutil.copyfile(source / extra, draft / extra)
                draft.rename(out)
        except OSError as error:
            raise ModelError(f"cannot write {out}: {error.strerror}") from error

    def new_card(self, memory: Memory, name: str) -> dict[str, Any]:
        """Give the card of the taught model: what was added, and what is not known."""
        trained = [list(one) for one in self.card["trained_on"][: self._trained]]
        taught = [[one["name"], one["signer"], one["session"]] for one in self.clips]
        return dict(self.card) | {
            "name": name,
            "created": date.today().isoformat(),
            "vocabulary": list(self.vocabulary),
            "members": 0,
            "parameters": memory.clips.size + memory.weights.size,
            "abstain_below": ABSTAIN_BELOW,
            "held_out": "nothing: not measured since it was taught",
            "metrics": {},
            "trained_on": trained + taught,
            "enrolled": {
                "exemplars": len(self.base.clips),
                "trained": self._trained,
                "new": list(self.new),
                "forgotten": list(self.forgotten),
                "clips": list(self.clips),
            },
        }


def check(memory: Memory) -> None:
    """Hold the graph against numpy on made-up landmarks; ModelError if they differ."""
    session = open_session(memory.graph)
    rng = np.random.default_rng(0)
    for frames in (1, 13, 60):
        landmarks = rng.normal(0.5, 0.2, (1, frames, JOINT_COUNT, 3)).astype(np.float32)
        answered = session.run(["probabilities", "embedding"], {"landmarks": landmarks})
        found, embedding = (np.asarray(one) for one in answered)
        evidence = np.exp(SHARPNESS * memory.scores(embedding).astype(np.float64))
        difference = np.abs(found - evidence / evidence.sum()).max()
        if not difference <= TOLERANCE:
            raise ModelError(
                f"the taught graph differs from what was fitted by {difference:.1e}; "
                "nothing was written, please report it"
            )


def refuse_doubts(taught: Taught, first: int) -> None:
    """Raise DatasetError with one line for each doubt about the newly taught clips."""
    if found := taught.doubts(first):
        raise DatasetError(
            "\n".join(found) + "\nnothing was changed; look at these clips, or add "
            "--yes to teach them all the same"
        )
