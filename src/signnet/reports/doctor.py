"""What `signnet info` found, as a page."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.doctor.rules import Finding
from signnet.doctor.summary import Doubt, Summary, Table
from signnet.reports.charts import bar
from signnet.reports.film import moving_skeleton
from signnet.reports.markup import (
    bilingual,
    clip_name_html,
    join,
    names_html,
    percent,
    table,
    text_html,
    tiles,
)
from signnet.reports.page import render, write

__all__ = ["doubt_html", "write_page"]

_FILMS = 4
"""Clips shown of each kind of fault."""

_LONGEST_LIST = 40

_MOST_CELLS = 20_000
"""Of a table of glosses and another label; a browser shows no more at ease."""


def write_page(summary: Summary, data: Dataset, out: Path, *, title: str) -> Path:
    """Write info.html and info.json into a folder; return the page.

    Parameters
    ----------
    summary
        What to show.
    data
        The dataset that was summarised; some suspicious clips are shown moving.
    out
        The folder; it is created, and an earlier report in it is replaced.
    title
        The heading, such as the dataset's name.

    Raises
    ------
    SettingsError
        If the folder cannot be written.
    """
    shown = {name for one in summary.findings for name in one.clips[:_FILMS]}
    clips = {clip.name: clip for clip in data.select(shown)}
    page = render(
        title=title,
        kind=bilingual("signnet · data"),
        body=_body(summary, clips),
        footer=bilingual("Made by signnet. This page loads nothing and sends nothing.")
        + " <code>info.json</code>",
    )
    return write(out, page, summary.to_json(), {}, names=("info.html", "info.json"))


def _body(summary: Summary, clips: Mapping[str, Clip]) -> str:
    return join(
        (
            _counts(summary),
            _doubts(summary),
            _suspicious(summary, clips),
            _missing(summary),
            _crossed(
                bilingual("Glosses and sessions"),
                summary.gloss_by_session,
                [*summary.per_session],
            ),
            _crossed(
                bilingual("Glosses and expressions"),
                summary.gloss_by_expression,
                [*summary.per_expression],
            ),
        )
    )


def _counts(summary: Summary) -> str:
    figures = {
        bilingual("Clips"): f"{summary.clips}",
        bilingual("Glosses"): f"{summary.glosses}",
        bilingual("Signers"): f"{summary.signers}",
        bilingual("Sessions"): f"{summary.sessions}",
        bilingual("Frames"): f"{summary.frames}",
    }
    note = ""
    if summary.looked_at < summary.clips:
        says = "Landmarks of {n} clips were checked."
        note = f'<p class="soft">{bilingual(says, n=summary.looked_at)}</p>'
    return f"<section>{tiles(figures)}{note}</section>"


def _doubts(summary: Summary) -> str:
    if not summary.doubts:
        return ""
    items = "".join(f"<li>{doubt_html(doubt)}</li>" for doubt in summary.doubts)
    return (
        f'<section class="warning"><h2>{bilingual("Before you train")}</h2>'
        f"<ul>{items}</ul></section>"
    )


def doubt_html(doubt: Doubt) -> str:
    """Write a warning in both languages."""
    values = {name: text_html(value) for name, value in doubt.values.items()}
    return bilingual(doubt.says, **values)


def _suspicious(summary: Summary, clips: Mapping[str, Clip]) -> str:
    if not summary.findings:
        return f"<section><p>{bilingual('No clip looks suspicious.')}</p></section>"
    found = sorted(summary.findings, key=lambda one: -len(one.clips))
    shown = "".join(_finding(one, summary.looked_at, clips) for one in found)
    return f"<section><h2>{bilingual('Suspicious clips')}</h2>{shown}</section>"


def _finding(finding: Finding, of: int, clips: Mapping[str, Clip]) -> str:
    share = len(finding.clips) / of
    films = "".join(
        moving_skeleton(
            clips[name], f'<span class="name">{clip_name_html(name)}</span>'
        )
        for name in finding.clips[:_FILMS]
        if name in clips
    )
    counted = f"{len(finding.clips)} / {of} ({percent(share)})"
    return (
        f"<h3>{bilingual(finding.kind)}: {counted}</h3>"
        f'<p class="soft measure">{bilingual(finding.says)}</p>'
        f'<div class="films">{films}</div>'
        f"<details><summary>{bilingual('Names')}</summary>"
        f"{names_html(finding.clips, _LONGEST_LIST)}</details>"
    )


def _missing(summary: Summary) -> str:
    shares = {bilingual("all signers"): summary.missing}
    shares |= {text_html(who): own for who, own in summary.missing_by_signer.items()}
    heads = [bilingual("Signer")]
    for part in summary.missing:
        heads += ["", "#" + bilingual(part.replace("_", " "))]
    title = bilingual("Share of frames in which a part was not seen")
    rows = (_missing_row(*item) for item in list(shares.items())[:_LONGEST_LIST])
    return f"<section>{table(title, heads, rows)}</section>"


def _missing_row(signer: str, shares: Mapping[str, float]) -> str:
    cells = "".join(
        f'<td class="bar-cell">{bar(share, None, "base")}</td>'
        f'<td class="number">{percent(share)}</td>'
        for share in shares.values()
    )
    return f'<tr><th scope="row">{signer}</th>{cells}</tr>'


def _crossed(title: str, crossed: Table, columns: Sequence[str]) -> str:
    """Show clips by gloss and another label; empty cells stand out."""
    of = len(crossed) * len(columns)
    if not of or len(columns) > _LONGEST_LIST or of > _MOST_CELLS:
        return ""
    heads = (
        bilingual("Gloss"),
        *(f"#{text_html(column)}" for column in columns),
        "#" + bilingual("all"),
    )
    gaps = bilingual(
        "{gaps} of {of} cells are empty.",
        gaps=of - sum(map(len, crossed.values())),
        of=of,
    )
    inner = table(title, heads, _crossed_rows(crossed, columns))
    return (
        f'<section><details open><summary>{title}</summary><p class="soft">{gaps}</p>'
        f"{inner}</details></section>"
    )


def _crossed_rows(crossed: Table, columns: Sequence[str]) -> Iterator[str]:
    for gloss, row in crossed.items():
        cells = _cells([row.get(column, 0) for column in columns])
        yield (
            f'<tr><th scope="row">{text_html(gloss)}</th>{cells}'
            f'<td class="number">{sum(row.values())}</td></tr>'
        )


def _cells(counts: Sequence[int]) -> str:
    return "".join(
        f'<td class="number{"" if count else " gap"}">{count}</td>' for count in counts
    )
