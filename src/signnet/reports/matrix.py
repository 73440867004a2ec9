"""A confusion matrix as SVG text.

Colours and fonts come from `report.css`, so that one drawing serves light and dark.
Every text from outside goes through `html.escape`.
"""

import math
import unicodedata
from collections.abc import Sequence
from html import escape

import numpy as np

from signnet.evaluation.metrics import Matrix
from signnet.reports.markup import bilingual, labelled, language

__all__ = ["confusion_matrix"]

_LONGEST_LABEL = 24


def confusion_matrix(labels: Sequence[str], confusion: Matrix) -> str:
    """Draw a confusion matrix; the names of the rows stay in view when it scrolls."""
    count = len(labels)
    size = 30 if count <= 10 else 22 if count <= 24 else 15
    margin = 14 + round(8.5 * max(len(_letters(_short(label))) for label in labels))
    side, middle = size * count, size / 2 + 4
    rows = "".join(
        _label(label, margin - 6, size * row + middle, "end")
        for row, label in enumerate(labels)
    )
    columns = "".join(
        f'<g transform="translate({size * column + middle:g} -6) rotate(-90)">'
        f"{_label(label, 0, 0.0, 'start')}</g>"
        for column, label in enumerate(labels)
    )
    height = margin + side + 1
    box = labelled(bilingual("Confusion matrix of {0} glosses", count))
    drawing = labelled(bilingual("Glosses signed (rows) and predicted (columns)"))
    return (
        f'<div class="scroll matrix" data-name="confusion-{count}" tabindex="0" '
        f'role="region" {box}>'
        f'<svg class="rows" width="{margin}" height="{height}" '
        f'viewBox="0 {-margin} {margin} {height}" aria-hidden="true">{rows}</svg>'
        f'<svg width="{side + 1}" height="{height}" role="img" '
        f'viewBox="0 {-margin} {side + 1} {height}" {drawing}>'
        f"{columns}{_grid(count, size)}{_cells(labels, confusion, size)}</svg></div>"
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"


def _letters(text: str) -> str:
    """Leave out the combining characters, which take no width of their own."""
    return "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Cf"))


def _label(text: str, x: int, y: float, anchor: str) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{language(text)}>'
        f"{escape(_short(text))}<title>{escape(text)}</title></text>"
    )


def _grid(count: int, size: int) -> str:
    side = size * count
    ends = range(0, side + 1, size)
    lines = "".join(f"M0 {end + 0.5}H{side}M{end + 0.5} 0V{side}" for end in ends)
    squares = "".join(f"M{c} {c}h{size}v{size}h-{size}z" for c in ends[:-1])
    return f'<path class="diagonal" d="{squares}"/><path class="grid" d="{lines}"/>'


def _cells(labels: Sequence[str], confusion: Matrix, size: int) -> str:
    shown = confusion.sum(axis=1)
    return "".join(
        f'<g class="cell {_kind(row, column, confusion[row, column] / shown[row])}" '
        f'transform="translate({size * column} {size * row})">'
        f"<title>{escape(labels[row])} → {escape(labels[column])}: "
        f"{confusion[row, column]} / {shown[row]}</title>"
        f'<rect x="1" y="1" width="{size - 1}" height="{size - 1}"/>'
        f'<text x="{size / 2 + 0.5}" y="{size / 2 + 4}">{confusion[row, column]}</text>'
        "</g>"
        for row, column in np.argwhere(confusion).tolist()
    )


def _kind(row: int, column: int, share: float) -> str:
    return f"{'hit' if row == column else 'miss'}-{math.ceil(4 * share)}"
