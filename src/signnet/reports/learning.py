"""The section of learning curves, and where a run keeps their figures."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from signnet.reports.charts import Row, learning_curve
from signnet.reports.markup import bilingual, text_html

__all__ = ["curves_of_models", "curves_of_run", "read_curves"]


def read_curves(run: Path) -> list[Row]:
    """Read the epochs of a run's first network; empty for an exported model."""
    log = run / "member-0" / "metrics.jsonl"
    if not log.is_file():
        return []
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def curves_of_run(rows: Sequence[Row]) -> str:
    """Show loss and top-1 over the epochs; empty without epochs."""
    if not rows:
        return ""
    loss = learning_curve(rows, "loss", share=False)
    top1 = learning_curve(rows, "top1", share=True)
    return _section({bilingual("Loss"): loss, bilingual("Top-1"): top1})


def curves_of_models(curves: Mapping[str, Sequence[Row]]) -> str:
    """Show top-1 over the epochs, a chart per model; empty without epochs."""
    return _section(
        {
            text_html(model): learning_curve(rows, "top1", share=True)
            for model, rows in curves.items()
            if rows
        }
    )


def _section(charts: Mapping[str, str]) -> str:
    if not charts:
        return ""
    drawn = "".join(
        f"<figure><h3>{title}</h3>{chart}</figure>" for title, chart in charts.items()
    )
    return (
        f"<section><h2>{bilingual('Learning curves')}</h2>"
        f'<p class="soft"><span class="key line t"></span> {bilingual("training")}, '
        f'<span class="key line v"></span> {bilingual("validation")}</p>'
        f'<div class="pair">{drawn}</div></section>'
    )
