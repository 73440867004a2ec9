"""The parts of the evaluation report, each a function from figures to HTML."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from signnet.clip import Clip
from signnet.evaluate.evaluation import Evaluation, GroupScore, Mistake
from signnet.evaluate.metrics import GlossScore
from signnet.reports.charts import (
    Row,
    bar,
    heat_map,
    learning_curve,
    percent,
    reliability,
)
from signnet.reports.film import moving_skeleton
from signnet.reports.page import plain, say, words

__all__ = ["breakable", "interval", "sections", "table", "tiles"]

_LONGEST_LIST = 20


def sections(
    evaluation: Evaluation,
    facts: Mapping[str, str],
    curves: Sequence[Row] | None,
    clips: Mapping[str, Clip] | None = None,
) -> str:
    """Give the body of the page, the most important first.

    `clips` are those to be shown moving, by name.
    """
    parts = (
        headline(evaluation),
        outside(evaluation),
        confusions(evaluation),
        groups(evaluation),
        expression(evaluation),
        glosses(evaluation),
        f'<div class="pair">{calibration(evaluation)}{mistakes(evaluation)}</div>',
        films(evaluation, clips or {}),
        learning(curves or ()),
        about(facts),
    )
    return "\n".join(part for part in parts if part)


def headline(evaluation: Evaluation) -> str:
    """Show top-1 with its interval, what it is held against, and other scores."""
    right = int(evaluation.correct.sum())
    number, unit = percent(evaluation.top1).split("\u00a0")
    return (
        '<section><div class="headline"><div>'
        f'<h2>{say("Recognised at first guess")}</h2><p class="figure">{number}'
        f"<small>\u00a0{unit}</small></p></div><div>"
        f"<p>{_sureness(evaluation, right)}</p>"
        f'<p class="soft">{doubt(evaluation)}</p>'
        f'<p class="held-out">{say("Held out:")} {words(evaluation.held_out)}</p></div>'
        f"</div>{orientation(evaluation)}{scores(evaluation)}</section>"
    )


def _sureness(evaluation: Evaluation, right: int) -> str:
    return say(
        "<strong>{right} of {all} clips</strong>; 95\u00a0% interval "
        "<strong>{interval}</strong>",
        right=right,
        all=evaluation.clips,
        interval=interval(evaluation.top1_ci95),
    )


def interval(bounds: tuple[float, float]) -> str:
    """Write an interval of shares: 80.4-95.5 %."""
    joined = "\u2060–\u2060"  # no line breaks at the dash
    return f"{100 * bounds[0]:.1f}{joined}{percent(bounds[1])}"


def doubt(evaluation: Evaluation) -> str:
    """Say what the interval leaves out."""
    bounds = evaluation.top1_ci95_signers
    if bounds:
        number = len(evaluation.per_signer)
        return say(
            "For new signers like these {number}: {interval} (whole signers drawn). "
            "The first interval counts clips as independent.",
            number=number,
            interval=interval(bounds),
        )
    return say(
        "The interval counts clips as independent. Clips of one signer or session "
        "resemble each other, so for new people it is wider."
    )


def orientation(evaluation: Evaluation) -> str:
    """Show top-1 beside what a guess reaches."""
    rows = (
        (say("This model"), evaluation.top1, evaluation.top1_ci95, ""),
        (say("Always the commonest gloss"), evaluation.majority, None, "base"),
        (say("Guessing among the vocabulary"), evaluation.chance, None, "base"),
    )
    body = "".join(
        f'<tr><th scope="row">{name}</th><td class="bar-cell">{bar(share, ci, kind)}'
        f'</td><td class="number">{percent(share)}</td></tr>'
        for name, share, ci, kind in rows
    )
    heads = (say("Answer"), "", "#Top-1")
    return table(say("What to hold it against"), heads, body)


def scores(evaluation: Evaluation) -> str:
    """Show the other scores in small."""
    shares = {
        "Among the first 3": evaluation.top3,
        "Among the first 5": evaluation.top5,
        "Mean over glosses": evaluation.balanced_accuracy,
        "Macro F1": evaluation.macro_f1,
        "Calibration error": evaluation.calibration.error,
    }
    return tiles({say(name): percent(share) for name, share in shares.items()})


def tiles(figures: Mapping[str, str]) -> str:
    """Show a few figures with their names."""
    inner = "".join(
        f"<div><dt>{name}</dt><dd>{figure}</dd></div>"
        for name, figure in figures.items()
    )
    return f'<dl class="tiles">{inner}</dl>'


def table(caption: str, heads: Sequence[str], body: str) -> str:
    """Make a table; a head starting with # is of numbers, with ~ hidden on phones."""
    kinds = {"#": ' class="number"', "~": ' class="number wide"'}
    cells = "".join(
        f'<th scope="col"{kinds.get(head[:1], "")}>{head.lstrip("#~")}</th>'
        if head
        else "<td></td>"
        for head in heads
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{plain(caption)}">'
        "<table>"
        f"<caption>{caption}</caption><thead><tr>{cells}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def outside(evaluation: Evaluation) -> str:
    """Name the clips that the model cannot know; empty where there is none."""
    if not evaluation.unknown:
        return ""
    names = ", ".join(breakable(name) for name in evaluation.unknown[:_LONGEST_LIST])
    more = len(evaluation.unknown) - _LONGEST_LIST
    return (
        f'<section class="warning"><h2>{say("Clips outside the vocabulary")}</h2><p>'
        + say(
            "The model has no gloss for {number} clips; they count as wrong.",
            number=len(evaluation.unknown),
        )
        + f'</p><p class="name">{names}{f" + {more}" if more > 0 else ""}'
        "</p></section>"
    )


def confusions(evaluation: Evaluation) -> str:
    """Show which glosses are taken for which."""
    labels, matrix = evaluation.labels, evaluation.confusion
    if not evaluation.confusions:
        inner = f"<p>{say('No clip was mistaken.')}</p>" + folded(labels, matrix)
        return f"<section><h2>{say('What is taken for what')}</h2>{inner}</section>"
    wrong = matrix - np.diag(matrix.diagonal())
    involved = np.flatnonzero(wrong.any(axis=0) | wrong.any(axis=1))
    fewer = tuple(labels[place] for place in involved)
    rest = len(labels) > len(fewer)
    key = say(
        "Rows: what was signed. Columns: what was answered. {right} right, {wrong} "
        "mistaken; the deeper the colour, the larger the share of the row.",
        right='<span class="key hit"></span>',
        wrong='<span class="key miss"></span>',
    )
    title = say("The {number} glosses with mistakes", number=len(fewer))
    return (
        f"<section><h2>{say('What is taken for what')}</h2>"
        f'<p class="soft measure">{key}</p>'
        + (f"<h3>{title}</h3>" if rest else "")
        + heat_map(fewer, matrix[np.ix_(involved, involved)])
        + (folded(labels, matrix) if rest else "")
        + pairs(evaluation)
        + "</section>"
    )


def folded(labels: Sequence[str], matrix: np.ndarray) -> str:
    """Put a matrix behind a line that opens it."""
    inner = heat_map(labels, matrix)
    title = say("All {number} glosses", number=len(labels))
    return f"<details><summary>{title}</summary>{inner}</details>"


def pairs(evaluation: Evaluation) -> str:
    """List the most frequent mistakes."""
    body = "".join(
        f'<tr><th scope="row">{words(pair.truth)}</th><td>{words(pair.answer)}</td>'
        f'<td class="number">{pair.clips}</td></tr>'
        for pair in evaluation.confusions[:_LONGEST_LIST]
    )
    title = say("Mistaken pairs, {number} in all", number=len(evaluation.confusions))
    heads = (say("Signed"), say("Answered"), "#" + say("Clips"))
    inner = table(say("Most frequent first"), heads, body)
    return f"<details><summary>{title}</summary>{inner}</details>"


def groups(evaluation: Evaluation) -> str:
    """Show top-1 per signer, session and expression, where they are known."""
    kinds = {
        "Signer": evaluation.per_signer,
        "Session": evaluation.per_session,
        "Expression": evaluation.per_expression,
    }
    cards = "".join(_group(kind, scores) for kind, scores in kinds.items() if scores)
    return f'<div class="pair">{cards}</div>' if cards else ""


def _group(kind: str, scores: Mapping[str, GroupScore]) -> str:
    body = "".join(
        f'<tr><th scope="row">{words(name)}</th>'
        f'<td class="bar-cell">{bar(score.top1, score.top1_ci95)}</td>'
        f'<td class="number">{percent(score.top1)}</td>'
        f'<td class="number wide">{interval(score.top1_ci95)}</td>'
        f'<td class="number">{score.clips}</td></tr>'
        for name, score in scores.items()
    )
    interval_head = "~" + say("95\u00a0% interval")
    heads = (say(kind), "", "#Top-1", interval_head, "#" + say("Clips"))
    return f"<section>{table(say(f'By {kind.lower()}'), heads, body)}</section>"


def expression(evaluation: Evaluation) -> str:
    """Show how well faces are read, beside guesses; empty where none are."""
    score = evaluation.expression
    if score is None:
        return ""
    training, test = (
        f"{say(title)} ({words(name)})"
        for title, name in (
            ("Always the commonest in training", score.commonest_of_training),
            ("Always the commonest of these clips", score.commonest_of_test),
        )
    )
    rows = (
        (say("This model"), score.top1, score.top1_ci95, ""),
        (training, score.training_guess, None, "base"),
        (test, score.test_guess, None, "base"),
    )
    body = "".join(
        f'<tr><th scope="row">{name}</th><td class="bar-cell">{bar(share, ci, kind)}'
        f'</td><td class="number">{percent(share)}</td>'
        f'<td class="number wide">{interval(ci) if ci else ""}</td></tr>'
        for name, share, ci, kind in rows
    )
    heads = (say("Answer"), "", "#Top-1", "~" + say("95\u00a0% interval"))
    counted = say(
        "Clips that state an expression: {clips}; without a face, and counted as "
        "wrong: {faceless}. An expression that was recorded in one session, or by "
        "one signer, is told by these as well as by the face, unless they were held "
        "out.",
        clips=score.clips,
        faceless=score.faceless,
    )
    held_out = f"{say('Held out:')} {words(evaluation.held_out)}"
    return (
        f"<section>{table(say('The expression of the face'), heads, body)}"
        f'<p class="soft measure">{counted} {held_out}</p></section>'
    )


def glosses(evaluation: Evaluation) -> str:
    """Show each gloss, the worst first."""
    scores = sorted(
        evaluation.per_gloss.items(), key=lambda item: (item[1].top1, item[1].f1)
    )
    body = "".join(_gloss(gloss, score) for gloss, score in scores)
    right, precision, taken = say("Right"), say("Precision"), say("Taken for")
    heads = (say("Gloss"), "", f"#{right}", f"~{precision}", "~F1", taken)
    inner = table(say("Every gloss, the worst first"), heads, body)
    return f"<section>{inner}</section>"


def _gloss(gloss: str, score: GlossScore) -> str:
    other = words(score.confused_with) if score.confused_with else "–"
    return (
        f'<tr><th scope="row">{words(gloss)}</th>'
        f'<td class="bar-cell">{bar(score.top1)}</td>'
        f'<td class="number">{score.correct} / {score.clips}</td>'
        f'<td class="number wide">{percent(score.precision)}</td>'
        f'<td class="number wide">{percent(score.f1)}</td><td>{other}</td></tr>'
    )


def calibration(evaluation: Evaluation) -> str:
    """Show whether a probability of 80 % is right 80 times in a hundred."""
    scores = evaluation.calibration
    loss = "–" if scores.log_loss is None else f"{scores.log_loss:.3f}"
    caption = say(
        "Share of right answers against the model's probability; a larger dot has more "
        "clips. Above the dashed line the model is too modest, below it too sure. Mean "
        "gap {gap}, log loss {loss}, Brier score {brier}.",
        gap=percent(scores.error),
        loss=loss,
        brier=f"{scores.brier:.3f}",
    )
    return (
        f"<section><h2>{say('How far to trust its probabilities')}</h2><figure>"
        f"{reliability(scores.bins)}<figcaption>{caption}</figcaption></figure>"
        "</section>"
    )


def mistakes(evaluation: Evaluation) -> str:
    """List the clips that were mistaken with the most certainty."""
    if not evaluation.mistakes:
        return ""
    shown = evaluation.mistakes[:_LONGEST_LIST]
    body = "".join(map(_mistake, shown))
    of = f"({len(shown)} / {len(evaluation.mistakes)})"
    title = f"{say('Surest mistakes')} {of}"
    rank = "~" + say("Rank of truth")
    heads = (say("Signed"), say("Answered"), "#" + say("Surety"), rank)
    return f"<section>{table(title, heads, body)}</section>"


def _mistake(mistake: Mistake) -> str:
    return (
        f'<tr><th scope="row">{words(mistake.truth)}<br>'
        f'<span class="soft name">{breakable(mistake.name)}</span></th>'
        f"<td>{words(mistake.answer)}</td>"
        f'<td class="number">{percent(mistake.probability)}</td>'
        f'<td class="number wide">{mistake.rank or "–"}</td></tr>'
    )


def breakable(name: str) -> str:
    """Write a clip's name so that a narrow column breaks it between its parts."""
    return words(name).replace("__", "__<wbr>")


def films(evaluation: Evaluation, clips: Mapping[str, Clip]) -> str:
    """Show the surest mistakes as moving skeletons; empty without their clips."""
    shown = "".join(
        moving_skeleton(clips[one.name], _told(one))
        for one in evaluation.mistakes
        if one.name in clips
    )
    if not shown:
        return ""
    return (
        f"<section><h2>{say('The surest mistakes, as the model sees them')}</h2>"
        f'<div class="films">{shown}</div></section>'
    )


def _told(mistake: Mistake) -> str:
    return (
        f"<strong>{words(mistake.truth)}</strong> → {words(mistake.answer)} "
        f'{percent(mistake.probability)}<br><span class="name">'
        f"{breakable(mistake.name)}</span>"
    )


def learning(curves: Sequence[Row]) -> str:
    """Show loss and top-1 over the epochs; empty without curves."""
    if not curves:
        return ""
    return (
        f"<section><h2>{say('Learning curves')}</h2>"
        f'<p class="soft"><span class="key line t"></span> {say("training")}, '
        f'<span class="key line v"></span> {say("validation")}</p>'
        f'<div class="pair"><figure><h3>{say("Loss")}</h3>'
        f"{learning_curve(curves, 'loss', share=False)}</figure><figure><h3>Top-1</h3>"
        f"{learning_curve(curves, 'top1', share=True)}</figure></div></section>"
    )


def about(facts: Mapping[str, str]) -> str:
    """List what a reader needs to know of the run."""
    if not facts:
        return ""
    inner = "".join(
        f"<dt>{say(escape(k))}</dt><dd>{words(v)}</dd>" for k, v in facts.items()
    )
    title = say("About this run")
    return f'<section><h2>{title}</h2><dl class="facts">{inner}</dl></section>'
