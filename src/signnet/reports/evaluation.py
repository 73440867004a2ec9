"""An evaluation as a page, with its figures beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.evaluation.evaluation import Evaluation
from signnet.evaluation.metrics import GroupScore
from signnet.reports.certainty import calibration, sure
from signnet.reports.charts import Row
from signnet.reports.confusions import confusions, films, mistakes
from signnet.reports.groups import expression, glosses, groups
from signnet.reports.learning import curves_of_run
from signnet.reports.markup import bilingual, facts_section, join
from signnet.reports.overall import headline, is_doubtful, outside_vocabulary
from signnet.reports.page import FOOTER, render, write
from signnet.reports.tables import Rows

__all__ = ["report_tables", "write_report"]

_FILMS = 8
"""Mistaken clips that a report shows moving."""


def write_report(
    evaluation: Evaluation,
    out: Path,
    *,
    title: str,
    facts: Mapping[str, str],
    curves: Sequence[Row] = (),
    data: Dataset | None = None,
    heading: str = "",
) -> Path:
    """Write report.html, evaluation.json and tables as CSV and LaTeX into a folder.

    Parameters
    ----------
    evaluation
        The scores to show.
    out
        The folder; it is created, and an earlier report in it is replaced.
    title
        The heading, such as the model's name.
    facts
        Facts about the run: model, data, split, command.
    curves
        The epochs of `metrics.jsonl`, as `read_curves` returns them.
    data
        The dataset of the clips; the most confident mistakes are shown moving. None
        shows no clips.
    heading
        HTML of the heading in both languages; the title by default.

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
        kind=bilingual("signnet · evaluation"),
        body=_body(evaluation, facts, curves, _mistaken_clips(evaluation, data)),
        footer=bilingual(FOOTER),
        heading=heading,
    )
    names = ("report.html", "evaluation.json")
    tables = report_tables(evaluation)
    figures = evaluation.to_json() | {"facts": dict(facts)}
    return write(out, page, figures, tables, names=names)


def _mistaken_clips(evaluation: Evaluation, data: Dataset | None) -> dict[str, Clip]:
    if data is None:
        return {}
    names = [mistake.name for mistake in evaluation.mistakes[:_FILMS]]
    return {clip.name: clip for clip in data.select(names)}


def _body(
    evaluation: Evaluation,
    facts: Mapping[str, str],
    curves: Sequence[Row],
    clips: Mapping[str, Clip],
) -> str:
    """Put the sections in order, the most important first."""
    body = join(
        (
            headline(evaluation),
            outside_vocabulary(evaluation),
            sure(evaluation),
            confusions(evaluation),
            groups(evaluation),
            expression(evaluation),
            glosses(evaluation),
            calibration(evaluation),
            mistakes(evaluation),
            films(evaluation, clips),
            curves_of_run(curves),
            facts_section(facts),
        )
    )
    return f'<div class="doubtful">{body}</div>' if is_doubtful(evaluation) else body


def report_tables(evaluation: Evaluation) -> dict[str, Rows]:
    """Return the tables of a report by name: per_gloss, per_signer, ..."""
    groups = {
        "signer": evaluation.per_signer,
        "session": evaluation.per_session,
        "expression": evaluation.per_expression,
    }
    per_gloss: Rows = [
        {"gloss": gloss, **asdict(score)}
        for gloss, score in evaluation.per_gloss.items()
    ]
    per_group = {
        f"per_{kind}": _group_rows(kind, scores)
        for kind, scores in groups.items()
        if scores
    }
    return {"per_gloss": per_gloss, **per_group}


def _group_rows(kind: str, scores: Mapping[str, GroupScore]) -> Rows:
    return [
        {kind: name, "clips": score.clips, "top1": score.top1}
        | dict(zip(("low", "high"), score.top1_ci95, strict=True))
        for name, score in scores.items()
    ]
