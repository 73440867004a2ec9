"""The sections of an evaluation that show mistakes: the matrix, pairs, clips, films."""

from collections.abc import Mapping, Sequence

import numpy as np

from signnet.clip import Clip
from signnet.evaluation.evaluation import Evaluation, Mistake
from signnet.evaluation.metrics import Matrix
from signnet.reports.film import moving_skeleton
from signnet.reports.markup import bilingual, clip_name_html, percent, table, text_html
from signnet.reports.matrix import confusion_matrix

__all__ = ["confusions", "films", "mistakes"]

_LONGEST_LIST = 500
"""Rows of a table; evaluation.json has them all."""


def confusions(evaluation: Evaluation) -> str:
    """Show which glosses are confused with which."""
    title = f"<h2>{bilingual('Which glosses are confused')}</h2>"
    labels, matrix = evaluation.labels, evaluation.confusion
    if not evaluation.confusions:
        none = bilingual("There are no mistakes.")
        return f"<section>{title}<p>{none}</p>{_folded(labels, matrix)}</section>"
    key = bilingual(
        "Rows: the gloss signed. Columns: the gloss predicted. {right} correct, "
        "{wrong} wrong; the darker the colour, the larger the share of the row.",
        right='<span class="key hit"></span>',
        wrong='<span class="key miss"></span>',
    )
    return (
        f'<section>{title}<p class="soft measure">{key}</p>'
        f"{_matrices(labels, matrix)}{_pairs(evaluation)}</section>"
    )


def _matrices(labels: Sequence[str], matrix: Matrix) -> str:
    """Draw the glosses with mistakes, and a matrix of all that can be opened."""
    wrong = matrix - np.diag(matrix.diagonal())
    involved = np.flatnonzero(wrong.any(axis=0) | wrong.any(axis=1)).tolist()
    fewer = tuple(labels[index] for index in involved)
    drawn = confusion_matrix(fewer, matrix[np.ix_(involved, involved)])
    if len(fewer) == len(labels):
        return drawn
    title = bilingual("The {number} glosses with mistakes", number=len(fewer))
    return f"<h3>{title}</h3>{drawn}{_folded(labels, matrix)}"


def _folded(labels: Sequence[str], matrix: Matrix) -> str:
    title = bilingual("All {number} glosses", number=len(labels))
    inner = confusion_matrix(labels, matrix)
    return f"<details><summary>{title}</summary>{inner}</details>"


def _pairs(evaluation: Evaluation) -> str:
    """List the most frequent confusions."""
    rows = (
        f'<tr><th scope="row">{text_html(pair.truth)}</th>'
        f"<td>{text_html(pair.answer)}</td>"
        f'<td class="number">{pair.clips}</td></tr>'
        for pair in evaluation.confusions[:_LONGEST_LIST]
    )
    title = bilingual("Confused pairs")
    order = bilingual("the most frequent first")
    heads = (bilingual("Signed"), bilingual("Predicted"), "#" + bilingual("Clips"))
    inner = table(title, heads, rows, order=order, kind="sortable long")
    count = len(evaluation.confusions)
    return f"<details><summary>{title}: {count}</summary>{inner}</details>"


def mistakes(evaluation: Evaluation) -> str:
    """List the mistaken clips."""
    if not evaluation.mistakes:
        return ""
    shown = evaluation.mistakes[:_LONGEST_LIST]
    title = bilingual("Mistakes")
    heads = (
        *(bilingual("Signed"), bilingual("Predicted"), "#" + bilingual("Confidence")),
        "~" + bilingual("Rank of the correct gloss"),
    )
    caption = f"{title} ({len(shown)} / {len(evaluation.mistakes)})"
    order = bilingual("the most confident first")
    rows = map(_mistake, shown)
    inner = table(caption, heads, rows, order=order, kind="sortable long")
    return f"<section>{inner}</section>"


def _mistake(mistake: Mistake) -> str:
    return (
        f'<tr><th scope="row">{text_html(mistake.truth)}<br>'
        f'<span class="soft name">{clip_name_html(mistake.name)}</span></th>'
        f"<td>{text_html(mistake.answer)}</td>"
        f'<td class="number">{percent(mistake.probability)}</td>'
        f'<td class="number wide">{mistake.rank or "–"}</td></tr>'
    )


def films(evaluation: Evaluation, clips: Mapping[str, Clip]) -> str:
    """Show mistaken clips as moving skeletons; empty without their landmarks."""
    shown = "".join(
        moving_skeleton(clips[mistake.name], _caption(mistake))
        for mistake in evaluation.mistakes
        if mistake.name in clips
    )
    if not shown:
        return ""
    title = bilingual("The most confident mistakes, as the model sees them")
    return f'<section><h2>{title}</h2><div class="films">{shown}</div></section>'


def _caption(mistake: Mistake) -> str:
    return (
        f"<strong>{text_html(mistake.truth)}</strong> → {text_html(mistake.answer)} "
        f'<span>{percent(mistake.probability)}</span><br><span class="name">'
        f"{clip_name_html(mistake.name)}</span>"
    )
