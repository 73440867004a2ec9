"""Suspicious clips to decide about, as a page that keeps the decisions and gives a CSV.

The script stands in the page, and the page's policy allows this script alone. Nothing
is loaded, and nothing is sent.
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
from signnet.doctor.summary import Doubt
from signnet.recognise.recogniser import Prediction
from signnet.reports.doctor import doubt_html
from signnet.reports.film import moving_skeleton
from signnet.reports.markup import bilingual, clip_name_html, text_html
from signnet.reports.numerals import both_numerals
from signnet.reports.page import head, script_of, write

__all__ = ["Case", "cases_of", "write_review"]

_HERE = files("signnet") / "reports"


@dataclass(frozen=True)
class Case:
    """A clip to decide about."""

    clip: str
    gloss: str | None
    reasons: tuple[Doubt, ...]
    near: tuple[Near, ...] = ()
    beside: str | None = None
    """The clip to compare it with."""

    named: tuple[Prediction, ...] = ()
    """What a model takes a clip without a gloss for."""

    def to_json(self) -> dict[str, Any]:
        """Return the object that stands in review.json."""
        return asdict(self) | {"reasons": [str(reason) for reason in self.reasons]}

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
    nameless = Doubt("no gloss", {})
    reasons = {name: [nameless] for name, gloss in glosses.items() if not gloss}
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
) -> Iterable[tuple[str, Doubt, str | None]]:
    """Yield clips, why they are doubted, and a clip to compare them with."""
    for finding in findings:
        for name in finding.clips:
            yield name, Doubt(finding.kind, {}), None
    if likeness is None:
        return
    for name in likeness.odd:
        near = likeness.nearest[name][0]
        yield name, Doubt("looks like {gloss}", {"gloss": near.gloss}), near.clip
    for twins in likeness.twins:
        one, two = twins.glosses
        why = Doubt(
            "twins: {one} and {two} look like one sign", {"one": one, "two": two}
        )
        for clip, other in (twins.clips, twins.clips[::-1]):
            yield clip, why, other
    for variants in likeness.variants:
        first, second = variants.forms
        counts = {"first": f"{len(first)}", "second": f"{len(second)}"}
        why = Doubt(
            "variants: {gloss} has two forms ({first} and {second})",
            {"gloss": variants.gloss} | counts,
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
        The folder; it is created, and an earlier report in it is replaced.
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
    script = script_of("review.js")
    style = (_HERE / "review.css").read_text(encoding="utf-8")
    page = Template((_HERE / "review.html").read_text(encoding="utf-8")).substitute(
        head=head(title, style=style, script=script),
        title=text_html(title),
        cases="".join(_case(case, clips) for case in cases),
        options="".join(f'<option value="{escape(gloss)}">' for gloss in known),
        rows=json.dumps(rows, ensure_ascii=False).replace("<", "\\u003c"),
        script=script,
        **_sentences(len(cases), len(data)),
    )
    figures: dict[str, Any] = {"cases": [case.to_json() for case in cases]}
    return write(out, page, figures, {}, names=("review.html", "review.json"))


def _sentences(count: int, of: int) -> dict[str, str]:
    """Return what the page says, in both languages."""
    keys = bilingual(
        "{count} of {of} clips are doubtful. <kbd>A</kbd> accepts the one that is "
        "marked, <kbd>R</kbd> gives it another gloss, <kbd>1</kbd> to <kbd>5</kbd> one "
        "of those offered, <kbd>D</kbd> drops it, <kbd>U</kbd> takes a decision back, "
        "and <kbd>J</kbd> and <kbd>K</kbd> go on and back.",
        count=f"<span>{count}</span>",
        of=f"<span>{of}</span>",
    )
    kept = bilingual(
        "Decisions stay in this browser; the CSV is an index for <code>signnet "
        "import</code> (of <code>dataset</code>, or of what the clips came from) and "
        "<code>signnet extract</code>."
    )
    words = {
        "undecided": bilingual("undecided"),
        "accepted": bilingual("accepted"),
        "dropped": bilingual("dropped"),
        "relabelled": bilingual("relabelled"),
        "left": bilingual("# undecided"),
    }
    return {
        "kind": bilingual("signnet · review"),
        "keys": both_numerals(keys),
        "kept": kept,
        "save": bilingual("Download index.csv"),
        "right": bilingual("The right gloss of this clip"),
        "relabel": bilingual("Relabel"),
        "cancel": bilingual("Cancel"),
        "footer": bilingual(
            "Made by signnet. This page loads nothing and sends nothing."
        ),
        "words": "".join(
            f'<span data-word="{name}">{told}</span>' for name, told in words.items()
        ),
    }


def _labels(data: Dataset) -> Iterable[tuple[str | None, ...]]:
    return zip(*(data.column(label) for label in LABELS), strict=True)


def _case(case: Case, clips: Mapping[str, Clip]) -> str:
    films = moving_skeleton(
        clips[case.clip], _caption(case.clip, bilingual("this clip"))
    )
    if case.beside and case.beside != case.clip:
        films += moving_skeleton(
            clips[case.beside], _caption(case.beside, bilingual("compare"))
        )
    guesses = "".join(
        f'<button data-gloss="{escape(gloss)}"><kbd>{number}</kbd> {text_html(gloss)} '
        f'<span class="soft">{both_numerals(share)}</span></button> '
        for number, (gloss, share) in enumerate(case.guesses, 1)
    )
    why = both_numerals("; ".join(map(doubt_html, case.reasons)))
    perhaps = f"{bilingual('Perhaps')} {guesses}" if guesses else ""
    return (
        f'<section class="case" tabindex="-1" data-clip="{escape(case.clip)}">'
        f"<h2>{text_html(case.gloss or case.clip)}</h2>"
        f'<p class="measure">{why}</p><div class="films">{films}</div>'
        f'<p class="choice">{perhaps}</p><p class="choice">{_buttons()}'
        '<output aria-live="polite"></output></p></section>'
    )


def _buttons() -> str:
    names = {
        "a": bilingual("Accept"),
        "r": bilingual("Relabel"),
        "d": bilingual("Drop"),
    }
    return "".join(
        f'<button data-key="{key}">{name} <kbd>{key.upper()}</kbd></button> '
        for key, name in names.items()
    )


def _caption(name: str, role: str) -> str:
    return f'{role}<br><span class="name">{clip_name_html(name)}</span>'
