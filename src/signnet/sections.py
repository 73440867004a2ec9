"""The parts of the evaluation report, each a function from figures to HTML."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from signnet.charts import (
    Row,
    bar,
    heat_map,
    language,
    learning_curve,
    percent,
    reliability,
)
from signnet.confusion import GlossScore
from signnet.evaluation import Evaluation, GroupScore, Mistake

__all__ = ["sections", "words"]

_LONGEST_LIST = 20


def words(text: str) -> str:
    """Escape a text and name its language where that is Bangla."""
    attribute = language(text)
    return f"<span{attribute}>{escape(text)}</span>" if attribute else escape(text)


def sections(
    evaluation: Evaluation, facts: Mapping[str, str], curves: Sequence[Row] | None
) -> str:
    """Give the body of the page, the most important first."""
    parts = (
        headline(evaluation),
        outside(evaluation),
        confusions(evaluation),
        groups(evaluation),
        glosses(evaluation),
        f'<div class="pair">{calibration(evaluation)}{mistakes(evaluation)}</div>',
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
        f'<h2>Recognised at first guess</h2><p class="figure">{number}'
        f"<small>\u00a0{unit}</small></p></div><div>"
        f"<p><strong>{right} of {evaluation.clips} clips</strong>; 95\u00a0% interval "
        f"<strong>{interval(evaluation.top1_ci95)}</strong></p>"
        f'<p class="soft">{doubt(evaluation)}</p>'
        f'<p class="held-out">Held out: {words(evaluation.held_out)}</p></div></div>'
        f"{orientation(evaluation)}{tiles(evaluation)}</section>"
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
        return (
            f"For new signers like these {number}: {interval(bounds)} (whole signers "
            "drawn). The first interval counts clips as independent."
        )
    return (
        "The interval counts clips as independent. Clips of one signer or session "
        "resemble each other, so for new people it is wider."
    )


def orientation(evaluation: Evaluation) -> str:
    """Show top-1 beside what a guess reaches."""
    rows = (
        ("This model", evaluation.top1, evaluation.top1_ci95, ""),
        ("Always the commonest gloss", evaluation.majority, None, "base"),
        ("Guessing among the vocabulary", evaluation.chance, None, "base"),
    )
    body = "".join(
        f'<tr><th scope="row">{name}</th><td class="bar-cell">{bar(share, ci, kind)}'
        f'</td><td class="number">{percent(share)}</td></tr>'
        for name, share, ci, kind in rows
    )
    return table("What to hold it against", ("Answer", "", "#Top-1"), body)


def tiles(evaluation: Evaluation) -> str:
    """Show the other scores in small."""
    scores = {
        "Among the first 3": evaluation.top3,
        "Among the first 5": evaluation.top5,
        "Mean over glosses": evaluation.balanced_accuracy,
        "Macro F1": evaluation.macro_f1,
        "Calibration error": evaluation.calibration.error,
    }
    inner = "".join(
        f"<div><dt>{name}</dt><dd>{percent(score)}</dd></div>"
        for name, score in scores.items()
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
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table>'
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
        '<section class="warning"><h2>Clips outside the vocabulary</h2>'
        f"<p>The model has no gloss for {len(evaluation.unknown)} clips; they count as "
        f'wrong.</p><p class="name">{names}{f" and {more} more" if more > 0 else ""}'
        "</p></section>"
    )


def confusions(evaluation: Evaluation) -> str:
    """Show which glosses are taken for which."""
    labels, matrix = evaluation.labels, evaluation.confusion
    if not evaluation.confusions:
        inner = "<p>No clip was mistaken.</p>" + folded("All", labels, matrix)
        return f"<section><h2>What is taken for what</h2>{inner}</section>"
    wrong = matrix - np.diag(matrix.diagonal())
    involved = np.flatnonzero(wrong.any(axis=0) | wrong.any(axis=1))
    fewer = tuple(labels[place] for place in involved)
    rest = len(labels) > len(fewer)
    return (
        '<section><h2>What is taken for what</h2><p class="soft measure">Rows: what was'
        " signed. Columns: what was answered. "
        '<span class="key hit"></span> right, <span class="key miss"></span> mistaken; '
        "the deeper the colour, the larger the share of the row.</p>"
        + (f"<h3>The {len(fewer)} glosses with mistakes</h3>" if rest else "")
        + heat_map(fewer, matrix[np.ix_(involved, involved)])
        + (folded("All", labels, matrix) if rest else "")
        + pairs(evaluation)
        + "</section>"
    )


def folded(which: str, labels: Sequence[str], matrix: np.ndarray) -> str:
    """Put a matrix behind a line that opens it."""
    inner = heat_map(labels, matrix)
    title = f"{which} {len(labels)} glosses"
    return f"<details><summary>{title}</summary>{inner}</details>"


def pairs(evaluation: Evaluation) -> str:
    """List the most frequent mistakes."""
    body = "".join(
        f'<tr><th scope="row">{words(pair.truth)}</th><td>{words(pair.answer)}</td>'
        f'<td class="number">{pair.clips}</td></tr>'
        for pair in evaluation.confusions[:_LONGEST_LIST]
    )
    title = f"Mistaken pairs, {len(evaluation.confusions)} in all"
    inner = table("Most frequent first", ("Signed", "Answered", "#Clips"), body)
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
    heads = (kind, "", "#Top-1", "~95\u00a0% interval", "#Clips")
    return f"<section>{table(f'By {kind.lower()}', heads, body)}</section>"


def glosses(evaluation: Evaluation) -> str:
    """Show each gloss, the worst first."""
    scores = sorted(
        evaluation.per_gloss.items(), key=lambda item: (item[1].top1, item[1].f1)
    )
    body = "".join(_gloss(gloss, score) for gloss, score in scores)
    heads = ("Gloss", "", "#Right", "~Precision", "~F1", "Taken for")
    inner = table("Every gloss, the worst first", heads, body)
    return f"<section>{inner}</section>"


def _gloss(gloss: str, score: GlossScore) -> str:
    other = words(score.confused_with) if score.confused_with else "–"
    return (
        f'<tr><th scope="row">{words(gloss)}</th>'
        f'<td class="bar-cell">{bar(score.top1)}</td>'
        f'<td class="number">{score.correct} of {score.clips}</td>'
        f'<td class="number wide">{percent(score.precision)}</td>'
        f'<td class="number wide">{percent(score.f1)}</td><td>{other}</td></tr>'
    )


def calibration(evaluation: Evaluation) -> str:
    """Show whether a probability of 80 % is right 80 times in a hundred."""
    scores = evaluation.calibration
    loss = "–" if scores.log_loss is None else f"{scores.log_loss:.3f}"
    return (
        "<section><h2>How far to trust its probabilities</h2><figure>"
        f"{reliability(scores.bins)}<figcaption>Share of right answers against the "
        "model's probability; a larger dot has more clips. Above the dashed line the "
        "model is too modest, below it too sure. Mean gap "
        f"{percent(scores.error)}, log loss {loss}, Brier score {scores.brier:.3f}."
        "</figcaption></figure></section>"
    )


def mistakes(evaluation: Evaluation) -> str:
    """List the clips that were mistaken with the most certainty."""
    if not evaluation.mistakes:
        return ""
    shown = evaluation.mistakes[:_LONGEST_LIST]
    body = "".join(map(_mistake, shown))
    title = f"Surest mistakes ({len(shown)} of {len(evaluation.mistakes)})"
    heads = ("Signed", "Answered", "#Surety", "~Rank of truth")
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


def learning(curves: Sequence[Row]) -> str:
    """Show loss and top-1 over the epochs; empty without curves."""
    if not curves:
        return ""
    return (
        '<section><h2>Learning curves</h2><p class="soft"><span class="key line t">'
        '</span> training, <span class="key line v"></span> validation</p>'
        f'<div class="pair"><figure><h3>Loss</h3>'
        f"{learning_curve(curves, 'loss', share=False)}</figure><figure><h3>Top-1</h3>"
        f"{learning_curve(curves, 'top1', share=True)}</figure></div></section>"
    )


def about(facts: Mapping[str, str]) -> str:
    """List what a reader needs to know of the run."""
    if not facts:
        return ""
    inner = "".join(f"<dt>{words(k)}</dt><dd>{words(v)}</dd>" for k, v in facts.items())
    return f'<section><h2>About this run</h2><dl class="facts">{inner}</dl></section>'
