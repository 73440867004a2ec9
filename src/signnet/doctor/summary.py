"""Summary of a dataset: what it holds, what it lacks, and what is wrong with it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from signnet.dataset import Dataset, Progress, no_progress
from signnet.doctor.measures import Measures, measure
from signnet.doctor.rules import Finding, find_faults, left_handed
from signnet.doctor.spelling import alike, code_points
from signnet.errors import DatasetError
from signnet.skeleton import PARTS

__all__ = ["Doubt", "Summary", "summarise"]

FEW_CLIPS = 3
"""With fewer clips, a gloss has none left for testing after training."""

_UNEVEN = 5
"""Ratio of clips above which a model prefers the most frequent gloss."""

Labels = Sequence[str | None]

Table = dict[str, dict[str, int]]
"""Clips by gloss and by another label; one that a gloss lacks is left out."""


@dataclass(frozen=True)
class Doubt:
    """A warning about the labels before training: a sentence and its values."""

    says: str
    values: dict[str, str]

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.says.format(**self.values)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Counts by label, the share of frames without each part, warnings and faults."""

    clips: int
    glosses: int
    signers: int
    sessions: int
    frames: int
    looked_at: int
    """Clips whose landmarks were read; `missing` and `findings` describe these."""

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
        """Return the object that `signnet info --json` prints."""
        return asdict(self) | {"doubts": [str(doubt) for doubt in self.doubts]}


def summarise(
    data: Dataset,
    *,
    sample: int | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Summary:
    """Count a dataset's clips and find what may spoil training.

    Parameters
    ----------
    data
        The dataset. All labels are counted.
    sample
        Read the landmarks of about this number of clips; None reads all.
    seed
        Seed for choosing the sample.
    progress
        Callback `(done, total)` before each clip whose landmarks are read.

    Raises
    ------
    DatasetError
        If there is no clip, or a file cannot be read.
    """
    if not len(data):
        raise DatasetError(f"{data.path} holds no clips; import or extract some")
    clips = _measure_all(data.sample(sample, seed), progress)
    summary = Summary(
        **_counts_by_label(data),
        looked_at=len(clips),
        missing=_missing(clips),
        missing_by_signer={
            signer: _missing([clip for clip in clips if clip.signer == signer])
            for signer in _count([clip.signer for clip in clips])
        },
        doubts=(),
        findings=find_faults(clips),
    )
    return replace(summary, doubts=tuple(_doubts(summary, clips)))


def _measure_all(data: Dataset, progress: Progress) -> list[Measures]:
    measured = list[Measures]()
    for done, clip in enumerate(data):
        progress(done, len(data))
        measured.append(measure(clip))
    return measured


def _counts_by_label(data: Dataset) -> dict[str, Any]:
    """Return the fields of a summary that need no landmarks."""
    glosses, signers = data.column("gloss"), data.column("signer")
    expressions, sources = data.column("expression"), data.column("source")
    sessions = _joined(signers, data.column("session"))
    return {
        "clips": len(data),
        "glosses": len(_count(glosses)),
        "signers": len(_count(signers)),
        "sessions": len(_count(sessions)),
        "frames": sum(data.table["frames"].to_pylist()),
        "per_gloss": _count(glosses),
        "per_signer": _count(signers),
        "per_session": _count(sessions),
        "per_expression": _count(expressions),
        "per_frame_rate": _count(map(_rate, data.table["fps"].to_pylist())),
        "per_source": _count(_origin(one or "") for one in sources),
        "gloss_by_signer": _cross(glosses, signers),
        "gloss_by_session": _cross(glosses, sessions),
        "gloss_by_expression": _cross(glosses, expressions),
    }


def _joined(signers: Labels, sessions: Labels) -> Labels:
    """Name sessions with their signer, since signers use the same session names."""
    pairs = zip(signers, sessions, strict=True)
    return [f"{who}/{when}" if who and when else None for who, when in pairs]


def _rate(fps: float) -> str:
    return f"{fps:.0f}" if np.isfinite(fps) else "unknown"


def _origin(source: str) -> str:
    """Name the tracker of an extracted clip, or the format of an imported one."""
    tracker = re.search(r", (tasks|solutions)\b", source)
    return tracker[1] if tracker else source.partition(" ")[0] or "unknown"


def _count(labels: Iterable[str | None]) -> dict[str, int]:
    return dict(sorted(Counter(label for label in labels if label).items()))


def _cross(glosses: Labels, others: Labels) -> Table:
    """Count clips by gloss and another label."""
    table: Table = {gloss: {} for gloss in _count(glosses)}
    for (gloss, other), clips in Counter(zip(glosses, others, strict=True)).items():
        if gloss and other:
            table[gloss][other] = clips
    return {gloss: dict(sorted(row.items())) for gloss, row in table.items()}


def _missing(clips: Sequence[Measures]) -> dict[str, float]:
    if not clips:
        return {}
    return {p: float(np.mean([clip.missing[p] for clip in clips])) for p in PARTS}


def _doubts(summary: Summary, clips: Sequence[Measures]) -> Iterator[Doubt]:
    yield from _rare_glosses(summary)
    yield from _uneven(summary.per_gloss)
    yield from _narrow_glosses(summary)
    for group in alike(summary.per_gloss):
        written = ", ".join(f"{gloss} ({code_points(gloss)})" for gloss in group)
        yield _doubt("glosses that look the same: {some}", some=written)
    yield from _mixtures(summary)
    for who, share in left_handed(clips).items():
        says = "signer {who} leads with the left hand ({share} of the movement)"
        yield _doubt(says, who=who, share=f"{share:.0%}")
    if handless := [clip.name for clip in clips if clip.unseen_hands == 1]:
        says = "clips that never show a hand: {n} ({some})"
        yield _doubt(says, n=len(handless), some=_some(handless))


def _rare_glosses(summary: Summary) -> Iterator[Doubt]:
    counts = summary.per_gloss
    if bare := summary.clips - sum(counts.values()):
        yield _doubt("clips without a gloss: {n}; they cannot be trained on", n=bare)
    if few := [gloss for gloss, count in counts.items() if count < FEW_CLIPS]:
        says = "glosses with under {least} clips: {n} ({some})"
        yield _doubt(says, least=FEW_CLIPS, n=len(few), some=_some(few))


def _narrow_glosses(summary: Summary) -> Iterator[Doubt]:
    """Warn about glosses shown by one signer only, or with one expression only."""
    signers = summary.gloss_by_signer
    if lone := [gloss for gloss, who in signers.items() if len(who) == 1]:
        says = "glosses shown by one signer only: {n} ({some})"
        yield _doubt(says, n=len(lone), some=_some(lone))
    if len(summary.per_expression) < 2:
        return
    expressions = summary.gloss_by_expression
    if bound := [gloss for gloss, how in expressions.items() if len(how) == 1]:
        says = "glosses shown with one expression only: {n} ({some})"
        yield _doubt(says, n=len(bound), some=_some(bound))


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


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
