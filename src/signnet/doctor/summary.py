"""What a dataset holds, what it lacks, and what is wrong with it: the data doctor."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from signnet.doctor.measures import Signs, inspect
from signnet.doctor.rules import Finding, find, left_handed
from signnet.doctor.sample import Survey
from signnet.skeleton import PARTS

__all__ = ["Doubt", "Summary", "alike", "summarise"]

FEW_CLIPS = 3
"""Fewer clips of a gloss leave nothing to test after training on some."""

_UNEVEN = 5
"""So many times as many clips make a model prefer the commonest gloss."""

Labels = Sequence[str | None]

Table = dict[str, dict[str, int]]
"""Clips by gloss and by another label."""


@dataclass(frozen=True)
class Doubt:
    """What a researcher should know before training: a sentence and its values."""

    says: str
    values: dict[str, str]

    def __str__(self) -> str:
        """Give the sentence in English."""
        return self.says.format(**self.values)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Counts by label, the share of frames without each part, and doubts."""

    clips: int
    glosses: int
    signers: int
    sessions: int
    frames: int
    looked_at: int
    """Clips whose landmarks were read; what is said of landmarks is of these."""

    per_gloss: dict[str, int]
    per_signer: dict[str, int]
    per_session: dict[str, int]
    per_expression: dict[str, int]
    per_frame_rate: dict[str, int]
    """Clips by frames a second, rounded; `unknown` where the recording does not say."""

    per_source: dict[str, int]
    """Clips by the tracker or the format they came from."""

    gloss_by_signer: Table
    gloss_by_session: Table
    gloss_by_expression: Table
    missing: dict[str, float]
    """Mean share of a clip's frames in which the part was not seen."""

    missing_by_signer: dict[str, dict[str, float]]
    doubts: tuple[Doubt, ...]
    findings: tuple[Finding, ...]
    """Suspicious clips by kind."""

    def to_json(self) -> dict[str, Any]:
        """Give the object that `signnet info --json` prints."""
        return asdict(self) | {"doubts": [str(doubt) for doubt in self.doubts]}


def summarise(
    survey: Survey, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Summary:
    """Count a dataset's clips and name what may spoil a training.

    Parameters
    ----------
    survey
        The labels of all clips, and the clips to look at.
    progress
        Called with how many of how many clips were looked at.
    """
    signs = list[Signs]()
    for clip in survey.clips():
        progress(len(signs), survey.looked_at)
        signs.append(inspect(clip))
    labels = {name: survey.column(name) for name in ("gloss", "signer", "expression")}
    sessions = _joined(labels["signer"], survey.column("session"))
    rates = [_rate(fps) for fps in survey.labels["fps"].to_pylist()]
    sources = [_origin(source) for source in survey.labels["source"].to_pylist()]
    glosses = labels["gloss"]
    summary = Summary(
        clips=survey.labels.num_rows,
        glosses=len(_count(glosses)),
        signers=len(_count(labels["signer"])),
        sessions=len(_count(sessions)),
        frames=sum(survey.labels["frames"].to_pylist()),
        looked_at=len(signs),
        per_gloss=_count(glosses),
        per_signer=_count(labels["signer"]),
        per_session=_count(sessions),
        per_expression=_count(labels["expression"]),
        per_frame_rate=_count(rates),
        per_source=_count(sources),
        gloss_by_signer=_cross(glosses, labels["signer"]),
        gloss_by_session=_cross(glosses, sessions),
        gloss_by_expression=_cross(glosses, labels["expression"]),
        missing=_missing(signs),
        missing_by_signer={
            who: _missing([sign for sign in signs if sign.signer == who])
            for who in _count([sign.signer for sign in signs])
        },
        doubts=(),
        findings=find(signs),
    )
    return replace(summary, doubts=tuple(_doubts(summary, signs)))


def _joined(signers: Labels, sessions: Labels) -> Labels:
    """Name sessions with their signer: every signer has a first one."""
    pairs = zip(signers, sessions, strict=True)
    return [f"{who}/{when}" if who and when else None for who, when in pairs]


def _rate(fps: float) -> str:
    return f"{fps:.0f}" if np.isfinite(fps) else "unknown"


def _origin(source: str) -> str:
    """Name the tracker of an extracted clip, or the format of an imported one."""
    tracker = re.search(r", (tasks|solutions)\b", source)
    return tracker[1] if tracker else source.partition(" ")[0] or "unknown"


def _count(labels: Labels) -> dict[str, int]:
    return dict(sorted(Counter(label for label in labels if label).items()))


def _cross(glosses: Labels, others: Labels) -> Table:
    """Count clips by gloss and another label, with the zeros."""
    pairs = Counter(zip(glosses, others, strict=True))
    columns = _count(others)
    return {
        gloss: {other: pairs[gloss, other] for other in columns}
        for gloss in _count(glosses)
    }


def _missing(signs: Sequence[Signs]) -> dict[str, float]:
    if not signs:
        return {}
    return {p: float(np.mean([sign.missing[p] for sign in signs])) for p in PARTS}


def alike(words: Iterable[str]) -> list[tuple[str, ...]]:
    """Group words that a reader cannot tell apart.

    Differences of Unicode's forms (NFC, NFD, compatibility), of joiners and other
    letters without a shape, of spaces and of case do not count.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for word in sorted(set(words)):
        groups[_looks(word)].append(word)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _looks(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word).casefold()
    kept = (c for c in folded if unicodedata.category(c) not in ("Cf", "Cc", "Zs"))
    return unicodedata.normalize("NFC", "".join(c for c in kept if c not in "-_."))


def _doubts(summary: Summary, signs: Sequence[Signs]) -> Iterator[Doubt]:
    counts = summary.per_gloss
    if bare := summary.clips - sum(counts.values()):
        yield _doubt("clips without a gloss: {n}; they cannot be trained on", n=bare)
    if few := [gloss for gloss, count in counts.items() if count < FEW_CLIPS]:
        says = "glosses with under {least} clips: {n} ({some})"
        yield _doubt(says, least=FEW_CLIPS, n=len(few), some=_some(few))
    yield from _uneven(counts)
    makers = _shown(summary.gloss_by_signer)
    if lone := [gloss for gloss, who in makers.items() if len(who) == 1]:
        says = "glosses shown by one signer only: {n} ({some})"
        yield _doubt(says, n=len(lone), some=_some(lone))
    once = _shown(summary.gloss_by_expression)
    if len(summary.per_expression) > 1 and (
        bound := [gloss for gloss, how in once.items() if len(how) == 1]
    ):
        says = "glosses shown with one expression only: {n} ({some})"
        yield _doubt(says, n=len(bound), some=_some(bound))
    for group in alike(counts):
        written = ", ".join(f"{word} ({_code_points(word)})" for word in group)
        yield _doubt("glosses that look the same: {some}", some=written)
    yield from _mixtures(summary)
    for who, share in left_handed(signs).items():
        says = "signer {who} leads with the left hand ({share} of the movement)"
        yield _doubt(says, who=who, share=f"{share:.0%}")
    if handless := [one.name for one in signs if one.unseen_hands == 1]:
        says = "clips that never show a hand: {n} ({some})"
        yield _doubt(says, n=len(handless), some=_some(handless))


def _shown(table: Table) -> dict[str, list[str]]:
    """List, by gloss, with which labels it occurs."""
    return {gloss: [o for o, n in row.items() if n] for gloss, row in table.items()}


def _uneven(counts: dict[str, int]) -> Iterator[Doubt]:
    if counts and max(counts.values()) >= _UNEVEN * min(counts.values()):
        yield _doubt(
            "glosses are uneven: {low} to {high} clips, median {median}; `train "
            "--balance gloss` helps",
            low=min(counts.values()),
            high=max(counts.values()),
            median=f"{np.median(list(counts.values())):g}",
        )


def _mixtures(summary: Summary) -> Iterator[Doubt]:
    rates = [float(rate) for rate in summary.per_frame_rate if rate != "unknown"]
    if rates and max(rates) > 1.2 * min(rates):
        shown = _counts(summary.per_frame_rate)
        yield _doubt("frame rates are mixed (clips): {counts}", counts=shown)
    if len(summary.per_source) > 1:
        shown = _counts(summary.per_source)
        yield _doubt("clips come from different trackers: {counts}", counts=shown)


def _doubt(says: str, **values: object) -> Doubt:
    return Doubt(says, {name: str(value) for name, value in values.items()})


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} ({number})" for name, number in counts.items())


def _code_points(word: str) -> str:
    return " ".join(f"{ord(letter):04X}" for letter in word)


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:5]) + (", ..." if len(words) > 5 else "")
