"""A comparison of models as a page, with its tables as CSV and LaTeX."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from signnet.clip import Clip
from signnet.evaluate.comparison import Comparison, Pair
from signnet.reports.charts import Row, bar, between, learning_curve, percent
from signnet.reports.film import moving_skeleton
from signnet.reports.page import FOOTER, render, say, words, write
from signnet.reports.sections import about, breakable, interval, table

__all__ = ["disputed", "write_comparison"]

_LONGEST_LIST = 60
_FILMS = 8

Rows = list[dict[str, Any]]


def disputed(comparison: Comparison, most: int = _FILMS) -> list[str]:
    """Name the clips that some models recognise and others do not."""
    right = [one.correct for one in comparison.evaluations.values()]
    return [
        name
        for name, *told in zip(comparison.names, *right, strict=True)
        if any(told) and not all(told)
    ][:most]


def write_comparison(
    comparison: Comparison,
    out: Path,
    *,
    title: str,
    facts: Mapping[str, str],
    curves: Mapping[str, Sequence[Row]],
    clips: Mapping[str, Clip],
) -> Path:
    """Write comparison.html, comparison.json and tables into a folder.

    Parameters
    ----------
    comparison
        What to show.
    out
        The folder; it is made, and files of these names are replaced.
    title
        The heading.
    facts
        What a reader wants to know: data, split, command.
    curves
        The rows of `metrics.jsonl` of the models that have them, by name.
    clips
        Clips to show moving, by name; see `disputed`.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    SettingsError
        If the folder cannot be written.
    """
    body = (
        _models(comparison),
        _pairs(comparison),
        _signers(comparison),
        _glosses(comparison),
        _clips(comparison, clips),
        _learning(curves),
        about(facts),
    )
    page = render(
        title=title,
        kind=say("signnet · comparison"),
        body="\n".join(part for part in body if part),
        footer=say(FOOTER),
    )
    names = ("comparison.html", "comparison.json")
    return write(out, page, comparison.to_json(), tables_of(comparison), names=names)


def tables_of(comparison: Comparison) -> dict[str, Rows]:
    """Give the tables by name: models, pairs, per_gloss, clips."""
    judged = comparison.evaluations
    models: Rows = [
        {"model": name, "clips": one.clips, "top1": one.top1}
        | dict(zip(("low", "high"), one.top1_ci95, strict=True))
        | {"top5": one.top5, "macro_f1": one.macro_f1}
        | {"calibration_error": one.calibration.error, "held_out": one.held_out}
        for name, one in judged.items()
    ]
    pairs: Rows = [
        {"first": pair.first, "second": pair.second, "difference": pair.difference}
        | dict(zip(("low", "high"), pair.ci95, strict=True))
        | {"only_first": pair.only_first, "only_second": pair.only_second}
        | {"p": pair.p, "p_holm": pair.p_holm}
        for pair in comparison.pairs
    ]
    per_gloss: Rows = [
        {"gloss": gloss, "clips": clips} | dict(zip(judged, shares, strict=True))
        for gloss, clips, shares in _by_gloss(comparison)
    ]
    answered = [comparison.answers[name] for name in judged]
    clips: Rows = [
        {"clip": name, "gloss": gloss} | dict(zip(judged, said, strict=True))
        for name, gloss, *said in zip(
            comparison.names, comparison.glosses, *answered, strict=True
        )
    ]
    return {"models": models, "pairs": pairs, "per_gloss": per_gloss, "clips": clips}


def _models(comparison: Comparison) -> str:
    body = "".join(
        f'<tr><th scope="row">{words(name)}</th>'
        f'<td class="bar-cell">{bar(one.top1, one.top1_ci95)}</td>'
        f'<td class="number">{percent(one.top1)}</td>'
        f'<td class="number wide">{interval(one.top1_ci95)}</td>'
        f'<td class="number">{percent(one.top5)}</td>'
        f'<td class="number wide">{percent(one.macro_f1)}</td>'
        f'<td class="number wide">{percent(one.calibration.error)}</td></tr>'
        for name, one in comparison.evaluations.items()
    )
    error = "~" + say("Calibration error")
    between_ = "~" + say("95\u00a0% interval")
    heads = (say("Model"), "", "#Top-1", between_, "#Top-5", "~Macro F1", error)
    held = {one.held_out for one in comparison.evaluations.values()}
    told = "".join(f'<p class="held-out">{words(one)}</p> ' for one in sorted(held))
    title = say("{number} clips, the same for all models", number=len(comparison.names))
    return f"<section>{table(title, heads, body)}{say('Held out:')} {told}</section>"


def _pairs(comparison: Comparison) -> str:
    reach = max(0.05, *(abs(end) for p in comparison.pairs for end in p.ci95))
    body = "".join(_pair(pair, reach) for pair in comparison.pairs)
    only = (say("Only the first right"), say("Only the second right"))
    heads = (
        *(say("First, second"), "", "#" + say("Difference")),
        *("~" + say("95\u00a0% interval"), f"~{only[0]}", f"~{only[1]}", "#p", "~Holm"),
    )
    note = say(
        "Bars reach to the right where the second model recognises more clips. p says "
        "how often equally good models would differ so much on these clips (McNemar's "
        "exact test); Holm's p allows for comparing several pairs. Both count clips as "
        "independent, so with few signers they flatter."
    )
    inner = table(say("Is the difference more than chance?"), heads, body)
    return f'<section>{inner}<p class="soft measure">{note}</p></section>'


def _pair(pair: Pair, reach: float) -> str:
    low, high = (f"{100 * end:+.1f}" for end in pair.ci95)
    return (
        f'<tr><th scope="row">{words(pair.first)}<br>{words(pair.second)}<br>'
        f'<span class="soft">{_verdict(pair)}</span></th>'
        f'<td class="bar-cell">{between(pair.difference, pair.ci95, reach)}</td>'
        f'<td class="number">{100 * pair.difference:+.1f}</td>'
        f'<td class="number wide">{low} … {high}</td>'
        f'<td class="number wide">{pair.only_first}</td>'
        f'<td class="number wide">{pair.only_second}</td>'
        f'<td class="number">{_probability(pair.p)}</td>'
        f'<td class="number wide">{_probability(pair.p_holm)}</td></tr>'
    )


def _verdict(pair: Pair) -> str:
    if pair.p_holm >= 0.05:
        return say("no difference shown")
    return (
        say("the second is better")
        if pair.difference > 0
        else say("the first is better")
    )


def _probability(p: float) -> str:
    return "&lt;\u00a00.001" if p < 0.001 else f"{p:.3f}"


def _signers(comparison: Comparison) -> str:
    judged = comparison.evaluations
    signers = list(next(iter(judged.values())).per_signer)[:_LONGEST_LIST]
    if not signers:
        return ""
    rows = [
        (who, [one.per_signer[who].top1 for one in judged.values()]) for who in signers
    ]
    return f"<section>{_shares(comparison, 'By signer', 'Signer', rows)}</section>"


def _glosses(comparison: Comparison) -> str:
    rows = [
        (gloss, shares)
        for gloss, _, shares in _by_gloss(comparison)
        if len(set(shares)) > 1
    ]
    if not rows:
        return f"<section><p>{say('No gloss tells the models apart.')}</p></section>"
    rows.sort(key=lambda row: row[1][-1] - row[1][0])
    title = "Glosses on which the models differ"
    return f"<section>{_shares(comparison, title, 'Gloss', rows)}</section>"


def _shares(
    comparison: Comparison, title: str, kind: str, rows: list[tuple[str, list[float]]]
) -> str:
    body = "".join(
        f'<tr><th scope="row">{words(name)}</th>'
        + "".join(
            f'<td class="bar-cell shared">{bar(share)}</td>'
            f'<td class="number">{percent(share)}</td>'
            for share in shares
        )
        + "</tr>"
        for name, shares in rows
    )
    heads = [say(kind)]
    for name in comparison.evaluations:
        heads += ["", f"#{breakable(name)}"]
    return table(say(title), heads, body)


def _by_gloss(comparison: Comparison) -> list[tuple[str, int, list[float]]]:
    judged = list(comparison.evaluations.values())
    return [
        (gloss, score.clips, [one.per_gloss[gloss].top1 for one in judged])
        for gloss, score in judged[0].per_gloss.items()
    ]


def _clips(comparison: Comparison, clips: Mapping[str, Clip]) -> str:
    names = disputed(comparison, _LONGEST_LIST)
    if not names:
        return ""
    place = {name: number for number, name in enumerate(comparison.names)}
    films = "".join(
        moving_skeleton(clips[name], _told(comparison, place[name]))
        for name in names
        if name in clips
    )
    body = "".join(_answers(comparison, place[name]) for name in names)
    heads = (say("Signed"), *(breakable(name) for name in comparison.evaluations))
    inner = table(say("What each answered"), heads, body)
    return (
        f"<section><h2>{say('Clips on which they differ')}</h2>"
        f'<div class="films">{films}</div>{inner}</section>'
    )


def _told(comparison: Comparison, clip: int) -> str:
    said = ", ".join(words(answers[clip]) for answers in comparison.answers.values())
    name = breakable(comparison.names[clip])
    return (
        f"<strong>{words(comparison.glosses[clip])}</strong>: {said}<br>"
        f'<span class="name">{name}</span>'
    )


def _answers(comparison: Comparison, clip: int) -> str:
    cells = "".join(
        f'<td class="{"right" if one.correct[clip] else "wrong"}">'
        f"{words(comparison.answers[name][clip])}</td>"
        for name, one in comparison.evaluations.items()
    )
    return (
        f'<tr><th scope="row">{words(comparison.glosses[clip])}<br>'
        f'<span class="soft name">{breakable(comparison.names[clip])}</span></th>'
        f"{cells}</tr>"
    )


def _learning(curves: Mapping[str, Sequence[Row]]) -> str:
    drawn = "".join(
        f"<figure><h3>{words(name)}</h3>{learning_curve(rows, 'top1', share=True)}"
        "</figure>"
        for name, rows in curves.items()
        if rows
    )
    if not drawn:
        return ""
    return (
        f"<section><h2>{say('Learning curves')}</h2>"
        f'<p class="soft"><span class="key line t"></span> {say("training")}, '
        f'<span class="key line v"></span> {say("validation")}</p>'
        f'<div class="pair">{drawn}</div></section>'
    )
