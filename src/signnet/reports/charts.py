"""Small charts as SVG text: bars, reliability, risk by coverage, learning curves.

Colours and fonts come from `report.css`, so that one chart serves light and dark.
Every text from outside goes through `html.escape`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from signnet.evaluation.calibration import Bin
from signnet.evaluation.selective import RiskCoverage, Sure
from signnet.reports.markup import bilingual, labelled, percent

__all__ = [
    "Row",
    "bar",
    "difference_bar",
    "learning_curve",
    "reliability",
    "risk_curve",
]

_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 400, 250, 46, 12, 12, 40

Ticks = Sequence[tuple[float, str]]
"""Places on an axis, from 0 to 1, and their texts."""

_SHARES: Ticks = [(fifth / 5, f"{20 * fifth}\u00a0%") for fifth in range(6)]

Row = Mapping[str, Any]
"""An epoch as `metrics.jsonl` stores it."""


def bar(
    share: float, interval: tuple[float, float] | None = None, kind: str = ""
) -> str:
    """Draw a share of one as a bar that fills its cell, with its interval."""
    whisker = _whisker(*interval) if interval else ""
    return (
        '<svg class="bar" aria-hidden="true">'
        '<rect class="track" width="100%" height="100%" rx="3"/>'
        f'<rect class="fill {kind}" width="{100 * share:.2f}%" height="100%" rx="3"/>'
        f"{whisker}</svg>"
    )


def difference_bar(
    difference: float, interval: tuple[float, float], reach: float
) -> str:
    """Draw a difference of shares from the middle of its cell, with its interval.

    `reach` is the difference that fills half of the cell.
    """

    def position(value: float) -> float:
        return 0.5 + 0.5 * value / reach

    start, end = sorted((0.5, position(difference)))
    kind = "" if difference >= 0 else "other"
    low, high = map(position, interval)
    return (
        '<svg class="bar" aria-hidden="true">'
        '<rect class="track" width="100%" height="100%" rx="3"/>'
        f'<rect class="fill {kind}" x="{100 * start:.2f}%" '
        f'width="{100 * (end - start):.2f}%" height="100%"/>'
        f"{_line('0%', '100%', 0.5, 0.5)}{_whisker(low, high)}</svg>"
    )


def _whisker(low: float, high: float) -> str:
    ends = (_line("50%", "50%", low, high), _line("25%", "75%", low, low))
    return "".join((*ends, _line("25%", "75%", high, high)))


def _line(top: str, bottom: str, start: float, end: float) -> str:
    return (
        f'<line class="whisker" x1="{100 * start:.2f}%" x2="{100 * end:.2f}%" '
        f'y1="{top}" y2="{bottom}"/>'
    )


def reliability(bins: Sequence[Bin]) -> str:
    """Draw accuracy against confidence."""
    most = max(row.clips for row in bins)
    ideal = f"M{_x(0.0):g} {_y(0.0):g}L{_x(1.0):g} {_y(1.0):g}"
    content = (
        _axes(_SHARES, _SHARES)
        + f'<path class="ideal" d="{ideal}"/>'
        + "".join(_bubble(row, most) for row in bins)
    )
    label = bilingual("Accuracy by the probability of the predicted gloss")
    return _chart("reliability", content, label, "probability of the predicted gloss")


def _bubble(row: Bin, most: int) -> str:
    radius = 3.5 + 7 * math.sqrt(row.clips / most)
    right = round(row.top1 * row.clips)
    title = f"{percent(row.low)} – {percent(row.high)}: {right} / {row.clips}"
    return (
        f'<circle class="dot" cx="{_x(row.confidence):.1f}" cy="{_y(row.top1):.1f}" '
        f'r="{radius:.1f}"><title>{title}</title></circle>'
    )


def risk_curve(curve: RiskCoverage, sure: Sure | None) -> str:
    """Draw the error among the most confident clips, and mark those it is sure of."""
    points = {(point.coverage, point.risk) for point in curve.points}
    if sure and sure.top1 is not None:
        points.add((sure.share, 1 - sure.top1))
    top, ticks = _scale(max(0.05, *(risk for _, risk in points)), share=True)
    line = "L".join(f"{_x(at):.1f} {_y(risk / top):.1f}" for at, risk in sorted(points))
    content = (
        _axes(ticks, _SHARES)
        + (_threshold(sure, top) if sure else "")
        + f'<path class="curve" d="M{line}h0.1"/>'
    )
    label = bilingual(
        "Error among the most confident clips by their share of all clips"
    )
    return _chart(
        "risk-coverage", content, label, "share of clips, the most confident first"
    )


def _threshold(sure: Sure, top: float) -> str:
    across = f"{_x(sure.share):.1f}"
    line = f'<path class="ideal" d="M{across} {_y(0.0):g}V{_y(1.0):g}"/>'
    if sure.top1 is None:
        return line
    height = _y((1 - sure.top1) / top)
    return f'{line}<circle class="dot" cx="{across}" cy="{height:.1f}" r="5"/>'


def learning_curve(rows: Sequence[Row], figure: str, *, share: bool) -> str:
    """Draw a figure over the epochs, dashed for training, solid for validation.

    Parameters
    ----------
    rows
        The epochs, with the keys epoch, train_<figure> and validation_<figure>; a
        missing or infinite figure is left out.
    figure
        Such as `loss`.
    share
        Whether the figure is a share, drawn from 0 to 100 %.
    """
    lines = {
        kind: _points(rows, f"{kind}_{figure}") for kind in ("train", "validation")
    }
    points = [point for line in lines.values() for point in line]
    if not points:
        return f'<p class="soft">{bilingual("Not recorded.")}</p>'
    last = max(2.0, max(epoch for epoch, _ in points))
    top, ticks = _scale(1.0 if share else max(value for _, value in points), share)
    paths = "".join(
        f'<path class="{kind}" d="{_path(line, last, top)}"/>'
        for kind, line in lines.items()
        if line
    )
    named = bilingual({"loss": "Loss", "top1": "Top-1"}[figure])
    label = f"{named}: {bilingual('training and validation, by epoch')}"
    axes = _axes(ticks, [(0.0, "1"), (1.0, f"{last:g}")])
    return _chart(figure, axes + paths, label, "epoch")


def _points(rows: Sequence[Row], key: str) -> list[tuple[float, float]]:
    found = [(row["epoch"], row.get(key)) for row in rows]
    return [
        (float(epoch), float(value))
        for epoch, value in found
        if value is not None and math.isfinite(value)
    ]


def _path(line: Sequence[tuple[float, float]], last: float, top: float) -> str:
    points = [f"{_x((e - 1) / (last - 1)):.1f} {_y(v / top):.1f}" for e, v in line]
    return "M" + "L".join(points) + ("h0.1" if len(points) == 1 else "")


def _scale(highest: float, share: bool) -> tuple[float, Ticks]:
    """Choose the top of an axis and its ticks (position from 0 to 1, text)."""
    rough = max(highest, 1e-9) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * unit for unit in (1, 2, 2.5, 5, 10) if power * unit >= rough)
    count = max(1, math.ceil(highest / step - 1e-9))
    values = [step * number for number in range(count + 1)]
    texts = [f"{100 * v:.3g}\u00a0%" if share else f"{v:g}" for v in values]
    return values[-1], [(v / values[-1], t) for v, t in zip(values, texts, strict=True)]


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _axes(left: Ticks, below: Ticks) -> str:
    """Draw the grid, with the texts of its ticks."""
    lines = "".join(f"M{_x(0.0):g} {_y(at):.1f}H{_x(1.0):g}" for at, _ in left)
    beside = "".join(
        f'<text x="{_LEFT - 7}" y="{_y(at) + 4:.1f}" text-anchor="end">{text}</text>'
        for at, text in left
    )
    under = "".join(
        f'<text x="{_x(at):.1f}" y="{_y(0.0) + 17:g}" text-anchor="'
        f'{"end" if at == 1 else "middle"}">{text}</text>'
        for at, text in below
    )
    return f'<path class="axis" d="{lines}"/>{beside}{under}'


def _chart(file: str, content: str, label: str, below: str) -> str:
    """Put a chart together; `file` names what it is saved as."""
    middle = (_x(0.0) + _x(1.0)) / 2
    name = bilingual(below).replace("span", "tspan")
    return (
        f'<svg class="chart" data-name="{file}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" {labelled(label)}>{content}<text x="{middle:g}" '
        f'y="{_HEIGHT - 5}" text-anchor="middle">{name}</text></svg>'
    )
