"""What a dataset holds and what it lacks, in numbers."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from signnet.skeleton import PARTS
from signnet.store import Dataset

__all__ = ["Summary", "summarise"]

FEW_CLIPS = 3
"""Fewer clips of a gloss leave nothing to test after training on some."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Counts by label, the share of frames without each part, and doubts."""

    clips: int
    glosses: int
    signers: int
    sessions: int
    frames: int
    per_gloss: dict[str, int]
    per_signer: dict[str, int]
    per_session: dict[str, int]
    per_expression: dict[str, int]
    missing: dict[str, float]
    """Mean share of a clip's frames in which the part was not seen."""

    doubts: tuple[str, ...]
    """What a researcher should know before training, a line each."""


def summarise(data: Dataset) -> Summary:
    """Count a dataset's clips and name what may spoil a training."""
    missing: dict[str, list[float]] = {part: [] for part in PARTS}
    handless: list[str] = []
    for clip in data:
        for part, share in clip.missing().items():
            missing[part].append(share)
        if not (clip.seen("left_hand") | clip.seen("right_hand")).any():
            handless.append(clip.name)
    signers, sessions = data.column("signer"), data.column("session")
    named = [
        f"{signer}/{session}"
        for signer, session in zip(signers, sessions, strict=True)
        if signer and session
    ]
    per_gloss = _count(data.column("gloss"))
    return Summary(
        clips=len(data),
        glosses=len(per_gloss),
        signers=len(_count(signers)),
        sessions=len(set(named)),
        frames=sum(data.table["frames"].to_pylist()),
        per_gloss=per_gloss,
        per_signer=_count(signers),
        per_session=_count(named),
        per_expression=_count(data.column("expression")),
        missing={part: float(np.mean(shares)) for part, shares in missing.items()},
        doubts=tuple(_doubts(data, per_gloss, handless)),
    )


def _count(labels: list[str | None] | list[str]) -> dict[str, int]:
    return dict(sorted(Counter(label for label in labels if label).items()))


def _doubts(data: Dataset, per_gloss: dict[str, int], handless: list[str]) -> list[str]:
    glosses, signers = data.column("gloss"), data.column("signer")
    doubts: list[str] = []
    if bare := sum(not gloss for gloss in glosses):
        doubts.append(
            f"{bare} clips have no gloss: they can be predicted, not trained on"
        )
    if few := [gloss for gloss, count in per_gloss.items() if count < FEW_CLIPS]:
        doubts.append(f"{len(few)} glosses have under {FEW_CLIPS} clips: {_some(few)}")
    makers: dict[str, set[str]] = {}
    for gloss, signer in zip(glosses, signers, strict=True):
        if gloss and signer:
            makers.setdefault(gloss, set()).add(signer)
    if lone := sorted(gloss for gloss, who in makers.items() if len(who) == 1):
        doubts.append(
            f"{len(lone)} glosses are shown by one signer only: {_some(lone)}"
        )
    if handless:
        doubts.append(f"{len(handless)} clips never show a hand: {_some(handless)}")
    return doubts


def _some(words: list[str]) -> str:
    return ", ".join(words[:5]) + (", ..." if len(words) > 5 else "")
