"""A comparison of models as a page, with its tables as CSV and LaTeX."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.evaluation.comparison import Comparison
from signnet.reports.charts import Row
from signnet.reports.differences import (
    disputed,
    disputed_section,
    gloss_table,
    model_table,
    pair_table,
    signer_table,
    top1_by_gloss,
)
from signnet.reports.learning import curves_of_models
from signnet.reports.markup import bilingual, facts_section, join
from signnet.reports.page import FOOTER, render, write
from signnet.reports.tables import Rows

__all__ = ["comparison_tables", "write_comparison"]


def write_comparison(
    comparison: Comparison,
    out: Path,
    *,
    title: str,
    facts: Mapping[str, str],
    curves: Mapping[str, Sequence[Row]],
    data: Dataset | None = None,
    heading: str = "",
) -> Path:
    """Write comparison.html, comparison.json and tables into a folder.

    Parameters
    ----------
    comparison
        The scores to show.
    out
        The folder; it is created, and an earlier report in it is replaced.
    title
        The heading.
    facts
        Facts for the reader: data, split, command.
    curves
        The epochs of the models by name, as `read_curves` returns them.
    data
        The dataset of the clips; some on which the models disagree are shown moving.
        None shows no clips.
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
        kind=bilingual("signnet · comparison"),
        body=_body(comparison, facts, curves, _disputed_clips(comparison, data)),
        footer=bilingual(FOOTER),
        heading=heading,
    )
    names = ("comparison.html", "comparison.json")
    tables = comparison_tables(comparison)
    figures = comparison.to_json() | {"facts": dict(facts)}
    return write(out, page, figures, tables, names=names)


def _disputed_clips(comparison: Comparison, data: Dataset | None) -> dict[str, Clip]:
    if data is None:
        return {}
    return {clip.name: clip for clip in data.select(disputed(comparison))}


def _body(
    comparison: Comparison,
    facts: Mapping[str, str],
    curves: Mapping[str, Sequence[Row]],
    clips: Mapping[str, Clip],
) -> str:
    return join(
        (
            model_table(comparison),
            pair_table(comparison),
            signer_table(comparison),
            gloss_table(comparison),
            disputed_section(comparison, clips),
            curves_of_models(curves),
            facts_section(facts),
        )
    )


def comparison_tables(comparison: Comparison) -> dict[str, Rows]:
    """Return the tables by name: models, pairs, per_gloss, clips."""
    models = list(comparison.evaluations)
    predicted = [comparison.predictions[model] for model in models]
    clips = zip(comparison.names, comparison.glosses, *predicted, strict=True)
    return {
        "models": _model_rows(comparison),
        "pairs": _pair_rows(comparison),
        "per_gloss": [
            {"gloss": gloss, "clips": count} | dict(zip(models, shares, strict=True))
            for gloss, count, shares in top1_by_gloss(comparison)
        ],
        "clips": [
            {"clip": name, "gloss": gloss} | dict(zip(models, glosses, strict=True))
            for name, gloss, *glosses in clips
        ],
    }


def _model_rows(comparison: Comparison) -> Rows:
    return [
        {"model": name, "clips": one.clips, "top1": one.top1}
        | dict(zip(("low", "high"), one.top1_ci95, strict=True))
        | {"top5": one.top5, "macro_f1": one.macro_f1}
        | {"calibration_error": one.calibration.error, "held_out": one.held_out}
        for name, one in comparison.evaluations.items()
    ]


def _pair_rows(comparison: Comparison) -> Rows:
    return [
        {"first": pair.first, "second": pair.second, "difference": pair.difference}
        | dict(zip(("low", "high"), pair.ci95, strict=True))
        | {"only_first": pair.only_first, "only_second": pair.only_second}
        | {"p": pair.p, "p_holm": pair.p_holm}
        for pair in comparison.pairs
    ]
