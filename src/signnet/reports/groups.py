"""The sections of an evaluation that score signers, sessions, expressions, glosses."""

from collections.abc import Iterator, Mapping

from signnet.evaluation.evaluation import Evaluation
from signnet.evaluation.expressions import ExpressionScore
from signnet.evaluation.metrics import UNKNOWN, GlossScore, GroupScore
from signnet.reports.charts import bar
from signnet.reports.markup import (
    INTERVAL,
    bilingual,
    held_out_html,
    interval,
    percent,
    table,
    text_html,
)

__all__ = ["expression", "glosses", "groups"]


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
    rows = (
        f'<tr><th scope="row">{_name(name)}</th>'
        f'<td class="bar-cell">{bar(score.top1, score.top1_ci95)}</td>'
        f'<td class="number">{percent(score.top1)}</td>'
        f'<td class="number wide">{interval(score.top1_ci95)}</td>'
        f'<td class="number">{score.clips}</td></tr>'
        for name, score in scores.items()
    )
    heads = (
        *(bilingual(kind), "", "#" + bilingual("Top-1")),
        *("~" + bilingual(INTERVAL), "#" + bilingual("Clips")),
    )
    inner = table(bilingual(f"By {kind.lower()}"), heads, rows, kind="sortable")
    return f"<section>{inner}</section>"


def _name(group: str) -> str:
    return bilingual("not stated") if group == UNKNOWN else text_html(group)


def expression(evaluation: Evaluation) -> str:
    """Show how well facial expressions are predicted; empty where none are."""
    score = evaluation.expression
    if score is None:
        return ""
    heads = (
        *(bilingual("Method"), "", "#" + bilingual("Top-1")),
        *("~" + bilingual(INTERVAL), "#" + bilingual("Clips")),
    )
    title = bilingual("Facial expression")
    counted = bilingual(
        "Clips labelled with an expression: {clips}; of these, without a face and "
        "counted as wrong: {faceless}. If an expression was recorded in one session "
        "only, or by one signer only, the model may recognise the session or signer "
        "instead of the face, unless these were held out.",
        clips=score.clips,
        faceless=score.faceless,
    )
    kept = f"{bilingual('Held out:')} {held_out_html(evaluation.held_out)}"
    return (
        f"<section>{table(title, heads, _expression_rows(score))}"
        f'<p class="soft measure">{counted} {kept}</p></section>'
    )


def _expression_rows(score: ExpressionScore) -> Iterator[str]:
    training = bilingual("Always the most frequent in training")
    tested = bilingual("Always the most frequent of these clips")
    rows = (
        (bilingual("This model"), score.top1, score.top1_ci95, ""),
        (
            f"{training} ({text_html(score.commonest_of_training)})",
            *(score.training_guess, None, "base"),
        ),
        (
            f"{tested} ({text_html(score.commonest_of_test)})",
            *(score.test_guess, None, "base"),
        ),
    )
    for name, share, bounds, kind in rows:
        yield (
            f'<tr><th scope="row">{name}</th>'
            f'<td class="bar-cell">{bar(share, bounds, kind)}</td>'
            f'<td class="number">{percent(share)}</td>'
            f'<td class="number wide">{interval(bounds) if bounds else ""}</td>'
            f'<td class="number">{score.clips}</td></tr>'
        )


def glosses(evaluation: Evaluation) -> str:
    """Show each gloss, the worst first."""
    scores = sorted(
        evaluation.per_gloss.items(), key=lambda item: (item[1].top1, item[1].f1)
    )
    heads = (
        *(bilingual("Gloss"), "", "#" + bilingual("Correct")),
        *("~" + bilingual("Precision"), "~F1", bilingual("Confused with")),
    )
    rows = (_gloss(gloss, score) for gloss, score in scores)
    order = bilingual("the worst first")
    inner = table(bilingual("All glosses"), heads, rows, order=order, kind="sortable")
    return f"<section>{inner}</section>"


def _gloss(gloss: str, score: GlossScore) -> str:
    other = text_html(score.confused_with) if score.confused_with else "–"
    return (
        f'<tr><th scope="row">{text_html(gloss)}</th>'
        f'<td class="bar-cell">{bar(score.top1)}</td>'
        f'<td class="number">{score.correct} / {score.clips}</td>'
        f'<td class="number wide">{score.correct} / {score.predicted}</td>'
        f'<td class="number wide">{percent(score.f1)}</td><td>{other}</td></tr>'
    )
