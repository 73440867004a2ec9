"""Suspicious clips to decide about, as a page that keeps the decisions and gives a CSV.

The one page of signnet's reports with a script: it stands in the page, and the page's
policy allows this script alone. Nothing is loaded, and nothing is sent.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any

from signnet.clip import Clip
from signnet.dataset import LABELS, Dataset
from signnet.doctor.likeness import Likeness, Near
from signnet.doctor.rules import Finding
from signnet.recognise.recogniser import Prediction
from signnet.reports.film import moving_skeleton
from signnet.reports.markup import clip_name_html, text_html
from signnet.reports.page import head, write

__all__ = ["Case", "cases_of", "write_review"]

_HERE = files("signnet") / "reports"


@dataclass(frozen=True)
class Case:
    """A clip to decide about."""

    clip: str
    gloss: str | None
    reasons: tuple[str, ...]
    near: tuple[Near, ...] = ()
    beside: str | None = None
    """The clip to compare it with."""

    named: tuple[Prediction, ...] = ()
    """What a model takes a clip without a gloss for."""

    @property
    def guesses(self) -> list[tuple[str, str]]:
        """Glosses to choose from, best first, and how near or probable each is."""
        if self.named:
            shares = [(one.gloss, f"{one.probability:.0%}") for one in self.named]
            return [(gloss, share) for gloss, share in shares if share != "0%"]
        return [(one.gloss, f"{one.cosine:.2f}") for one in self.near]


def cases_of(
    data: Dataset,
    findings: Sequence[Finding],
    likeness: Likeness | None,
    named: Mapping[str, tuple[Prediction, ...]] = MappingProxyType({}),
) -> list[Case]:
    """Collect the clips that have no gloss, or that the doctor or the base doubts.

    Parameters
    ----------
    data
        The dataset.
    findings
        What the doctor found; see `summarise`.
    likeness
        What the base finds alike; None without a comparison.
    named
        What a model takes clips without a gloss for.
    """
    glosses = dict(zip(data.names, data.column("gloss"), strict=True))
    reasons = {name: ["no gloss"] for name, gloss in glosses.items() if not gloss}
    beside: dict[str, str] = {}
    for clip, reason, other in _doubts(findings, likeness):
        reasons.setdefault(clip, []).append(reason)
        if other is not None:
            beside.setdefault(clip, other)
    nearest = likeness.nearest if likeness else {}
    return [
        Case(
            clip=name,
            gloss=glosses[name],
            reasons=tuple(why),
            near=nearest.get(name, ()),
            beside=beside.get(name),
            named=named.get(name, ()),
        )
        for name, why in reasons.items()
        if name in glosses
    ]


def _doubts(
    findings: Sequence[Finding], likeness: Likeness | None
) -> Iterable[tuple[str, str, str | None]]:
    """Yield clips, why they are doubted, and a clip to compare them with."""
    for finding in findings:
        for name in finding.clips:
            yield name, finding.kind, None
    if likeness is None:
        return
    for name in likeness.odd:
        near = likeness.nearest[name][0]
        yield name, f"looks like {near.gloss}", near.clip
    for twins in likeness.twins:
        for clip, other in (twins.clips, twins.clips[::-1]):
            yield (
                clip,
                f"twins: {' and '.join(twins.glosses)} look like one form",
                other,
            )
    for variants in likeness.variants:
        first, second = variants.forms
        why = (
            f"variants: {variants.gloss} has two forms ({len(first)} and {len(second)})"
        )
        yield second[0], why, first[0]
        yield first[0], why, second[0]


def write_review(
    data: Dataset, cases: Sequence[Case], out: Path, *, title: str
) -> Path:
    """Write review.html and review.json into a folder; return the page.

    Parameters
    ----------
    data
        The dataset.
    cases
        The clips to decide about; see `cases_of`.
    out
        The folder; it is created, and files of these names are replaced.
    title
        The heading, such as the dataset's name.

    Raises
    ------
    SettingsError
        If the folder cannot be written.
    """
    shown = {case.clip for case in cases} | {case.beside for case in cases}
    clips = {clip.name: clip for clip in data.select(name for name in shown if name)}
    labels = [dict(zip(LABELS, row, strict=True)) for row in _labels(data)]
    rows = [{"file": n} | one for n, one in zip(data.names, labels, strict=True)]
    known = sorted({gloss for gloss in data.column("gloss") if gloss})
    script = (_HERE / "review.js").read_text(encoding="utf-8")
    style = (_HERE / "review.css").read_text(encoding="utf-8")
    page = Template((_HERE / "review.html").read_text(encoding="utf-8")).substitute(
        head=head(title, style=style, script=script),
        title=text_html(title),
        cases="".join(_case(case, clips) for case in cases),
        options="".join(f'<option value="{escape(gloss)}">' for gloss in known),
        rows=json.dumps(rows, ensure_ascii=False).replace("<", "\\u003c"),
        script=script,
        count=len(cases),
        of=len(data),
    )
    figures: dict[str, Any] = {"cases": [asdict(case) for case in cases]}
    return write(out, page, figures, {}, names=("review.html", "review.json"))


def _labels(data: Dataset) -> Iterable[tuple[str | None, ...]]:
    return zip(*(data.column(label) for label in LABELS), strict=True)


def _case(case: Case, clips: Mapping[str, Clip]) -> str:
    films = moving_skeleton(clips[case.clip], _caption(case.clip, "this clip"))
    if case.beside and case.beside != case.clip:
        films += moving_skeleton(clips[case.beside], _caption(case.beside, "compare"))
    guesses = "".join(
        f'<button data-gloss="{escape(gloss)}"><kbd>{number}</kbd> {text_html(gloss)} '
        f'<span class="soft">{share}</span></button> '
        for number, (gloss, share) in enumerate(case.guesses, 1)
    )
    why = "; ".join(map(text_html, case.reasons))
    return (
        f'<section class="case" tabindex="-1" data-clip="{escape(case.clip)}">'
        f"<h2>{text_html(case.gloss or case.clip)}</h2>"
        f'<p class="measure">{why}</p><div class="films">{films}</div>'
        f'<p class="choice">{f"Perhaps {guesses}" if guesses else ""}</p>'
        '<p class="choice"><button data-key="a">Accept <kbd>A</kbd></button> '
        '<button data-key="r">Relabel <kbd>R</kbd></button> '
        '<button data-key="d">Drop <kbd>D</kbd></button> '
        '<output aria-live="polite">undecided</output></p></section>'
    )


def _caption(name: str, role: str) -> str:
    return f'{role}<br><span class="name">{clip_name_html(name)}</span>'
