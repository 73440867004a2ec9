"""What `signnet info` found, as a page that a person looks at."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from signnet.clip import Clip
from signnet.doctor.rules import Finding
from signnet.doctor.sample import Survey
from signnet.doctor.summary import Doubt, Summary, Table
from signnet.reports.charts import bar, percent
from signnet.reports.film import moving_skeleton
from signnet.reports.page import render, say, words, write
from signnet.reports.sections import breakable, table, tiles

__all__ = ["write_page"]

_PICTURES = 4
"""Clips shown of each kind of finding."""

_LONGEST_LIST = 40


def write_page(summary: Summary, survey: Survey, out: Path, *, title: str) -> Path:
    """Write info.html and info.json into a folder; return the page.

    Parameters
    ----------
    summary
        What to show.
    survey
        Where the clips to show are.
    out
        The folder; it is made, and files of these names are replaced.
    title
        The heading, such as the dataset's name.

    Raises
    ------
    SettingsError
        If the folder cannot be written.
    """
    wanted = {name for one in summary.findings for name in one.clips[:_PICTURES]}
    pictures = {clip.name: clip for clip in survey.clips(wanted)}
    page = render(
        title=title,
        kind=say("signnet · data"),
        body=_body(summary, pictures),
        footer=say("Made by signnet. This page loads nothing and sends nothing.")
        + " <code>info.json</code>",
    )
    return write(out, page, summary.to_json(), {}, names=("info.html", "info.json"))


def _body(summary: Summary, pictures: Mapping[str, Clip]) -> str:
    parts = (
        _counts(summary),
        _doubts(summary),
        _suspicious(summary, pictures),
        _missing(summary),
        _crossed(say("Glosses and sessions"), summary.gloss_by_session),
        _crossed(say("Glosses and expressions"), summary.gloss_by_expression),
    )
    return "\n".join(part for part in parts if part)


def _counts(summary: Summary) -> str:
    figures = {
        say("Clips"): f"{summary.clips}",
        say("Glosses"): f"{summary.glosses}",
        say("Signers"): f"{summary.signers}",
        say("Sessions"): f"{summary.sessions}",
        say("Frames"): f"{summary.frames}",
    }
    note = ""
    if summary.looked_at < summary.clips:
        note = say("Landmarks of {n} clips were looked at.", n=summary.looked_at)
    return f'<section>{tiles(figures)}<p class="soft">{note}</p></section>'


def _doubts(summary: Summary) -> str:
    if not summary.doubts:
        return ""
    items = "".join(f"<li>{_sentence(doubt)}</li>" for doubt in summary.doubts)
    return (
        f'<section class="warning"><h2>{say("Before you train")}</h2>'
        f"<ul>{items}</ul></section>"
    )


def _sentence(doubt: Doubt) -> str:
    values = {name: words(value) for name, value in doubt.values.items()}
    return say(doubt.says, **values)


def _suspicious(summary: Summary, pictures: Mapping[str, Clip]) -> str:
    if not summary.findings:
        return f"<section><p>{say('No clip looks suspicious.')}</p></section>"
    found = sorted(summary.findings, key=lambda one: -len(one.clips))
    shown = "".join(_finding(one, summary.looked_at, pictures) for one in found)
    return f"<section><h2>{say('Suspicious clips')}</h2>{shown}</section>"


def _finding(finding: Finding, of: int, pictures: Mapping[str, Clip]) -> str:
    share = len(finding.clips) / of
    films = "".join(
        moving_skeleton(pictures[name], f'<span class="name">{breakable(name)}</span>')
        for name in finding.clips[:_PICTURES]
        if name in pictures
    )
    names = ", ".join(breakable(name) for name in finding.clips[:_LONGEST_LIST])
    more = len(finding.clips) - _LONGEST_LIST
    rest = f" + {more}" if more > 0 else ""
    return (
        f"<h3>{say(finding.kind)}: {len(finding.clips)} / {of} ({percent(share)})</h3>"
        f'<p class="soft measure">{say(finding.says)}</p>'
        f'<div class="films">{films}</div>'
        f"<details><summary>{say('Names')}</summary>"
        f'<p class="name">{names}{rest}</p></details>'
    )


def _missing(summary: Summary) -> str:
    rows = {say("all signers"): summary.missing}
    rows |= {words(who): shares for who, shares in summary.missing_by_signer.items()}
    parts = list(summary.missing)
    body = "".join(
        f'<tr><th scope="row">{who}</th>'
        + "".join(
            f'<td class="bar-cell">{bar(shares[part], None, "base")}</td>'
            f'<td class="number">{percent(shares[part])}</td>'
            for part in parts
        )
        + "</tr>"
        for who, shares in list(rows.items())[:_LONGEST_LIST]
    )
    heads = [say("Signer")]
    for part in parts:
        heads += ["", "#" + say(part.replace("_", " "))]
    title = say("Share of frames in which a part was not seen")
    return f"<section>{table(title, heads, body)}</section>"


def _crossed(title: str, crossed: Table) -> str:
    """Show clips by gloss and another label; gaps stand out."""
    columns = list(next(iter(crossed.values()), {}))
    if not columns or len(columns) > _LONGEST_LIST:
        return ""
    body = "".join(
        f'<tr><th scope="row">{words(gloss)}</th>{_cells(list(row.values()))}'
        f'<td class="number">{sum(row.values())}</td></tr>'
        for gloss, row in crossed.items()
    )
    heads = [say("Gloss"), *(f"#{words(one)}" for one in columns), "#" + say("all")]
    gaps = sum(not count for row in crossed.values() for count in row.values())
    of = len(crossed) * len(columns)
    inner = table(title, heads, body)
    says = say("{gaps} of {of} cells are empty.", gaps=gaps, of=of)
    return (
        f'<section><details open><summary>{title}</summary><p class="soft">{says}</p>'
        f"{inner}</details></section>"
    )


def _cells(counts: Sequence[int]) -> str:
    return "".join(
        f'<td class="number{"" if count else " gap"}">{count}</td>' for count in counts
    )
