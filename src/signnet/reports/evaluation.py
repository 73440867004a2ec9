"""An evaluation as a page that a person looks at, with its figures beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from signnet.clip import Clip
from signnet.evaluate.evaluation import Evaluation
from signnet.reports.charts import Row
from signnet.reports.page import FOOTER, render, say, write
from signnet.reports.sections import sections

__all__ = ["report_tables", "write_report"]


def write_report(
    evaluation: Evaluation,
    out: Path,
    *,
    title: str,
    facts: Mapping[str, str],
    curves: Sequence[Row] | None = None,
    clips: Mapping[str, Clip] | None = None,
) -> Path:
    """Write report.html, evaluation.json and tables as CSV and LaTeX into a folder.

    Parameters
    ----------
    evaluation
        What to show.
    out
        The folder; it is made, and files of these names are replaced.
    title
        The heading, such as the model's name.
    facts
        What a reader wants to know of the run: data, split, seed, command, date.
    curves
        The rows of `metrics.jsonl`, with the keys epoch, train_loss, train_top1,
        validation_loss and validation_top1; None draws no curves.
    clips
        Mistaken clips to show moving, by name.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    SettingsError
        If the folder cannot be written.
    """
    page = render(
        title=title,
        kind=say("signnet · evaluation"),
        body=sections(evaluation, facts, curves, clips),
        footer=say(FOOTER),
    )
    names = ("report.html", "evaluation.json")
    tables = report_tables(evaluation)
    return write(out, page, evaluation.to_json(), tables, names=names)


def report_tables(evaluation: Evaluation) -> dict[str, list[dict[str, Any]]]:
    """Give the tables of a report by name, a row a gloss, signer, ..."""
    groups = {
        "signer": evaluation.per_signer,
        "session": evaluation.per_session,
        "expression": evaluation.per_expression,
    }
    tables: dict[str, list[dict[str, Any]]] = {
        "per_gloss": [
            {"gloss": gloss, **asdict(score)}
            for gloss, score in evaluation.per_gloss.items()
        ]
    }
    for kind, scores in groups.items():
        if scores:
            tables[f"per_{kind}"] = [
                {kind: name, "clips": one.clips, "top1": one.top1}
                | dict(zip(("low", "high"), one.top1_ci95, strict=True))
                for name, one in scores.items()
            ]
    return tables
