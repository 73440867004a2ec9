"""The sections of an evaluation on certainty: how sure it is, and how often right."""

from collections.abc import Iterator

from signnet.evaluation.evaluation import Evaluation
from signnet.evaluation.selective import Sure
from signnet.reports.charts import bar, reliability, risk_curve
from signnet.reports.markup import INTERVAL, bilingual, interval, percent, table

__all__ = ["calibration", "sure"]


def sure(evaluation: Evaluation) -> str:
    """Show how much the model is sure of, how often rightly, and risk by coverage."""
    found, curve = evaluation.sure, evaluation.risk_coverage
    title = bilingual("How sure it is, and how often it is right")
    caption = bilingual(
        "Share of mistakes among the most confident clips. A model that knows when it "
        "is wrong starts low and rises late. Area under the curve: {area}, from "
        "{clips} clips; 0 is best.",
        area=percent(curve.area),
        clips=evaluation.clips,
    )
    mark = bilingual("The dashed line marks the clips that it is sure of.")
    return (
        f"<section><h2>{title}</h2>{_table(found, evaluation.clips) if found else ''}"
        f"<figure>{risk_curve(curve, found)}<figcaption>{caption} "
        f"{mark if found else ''}</figcaption></figure></section>"
    )


def _table(found: Sure, clips: int) -> str:
    caption = bilingual(
        "It is sure from a probability of {threshold} on",
        threshold=percent(found.threshold),
    )
    heads = (
        *(bilingual("Clips"), "", "#" + bilingual("Share")),
        *("~" + bilingual(INTERVAL), "#" + bilingual("Number")),
    )
    return table(caption, heads, _rows(found, clips))


def _rows(found: Sure, clips: int) -> Iterator[str]:
    yield _row("It is sure of", found.share, found.share_ci95, (found.clips, clips))
    counts = (found.correct, found.clips)
    yield _row("Right among these", found.top1, found.top1_ci95, counts)


def _row(
    name: str,
    share: float | None,
    bounds: tuple[float, float] | None,
    counts: tuple[int, int],
) -> str:
    drawn = "" if share is None else bar(share, bounds)
    return (
        f'<tr><th scope="row">{bilingual(name)}</th><td class="bar-cell">{drawn}</td>'
        f'<td class="number">{"–" if share is None else percent(share)}</td>'
        f'<td class="number wide">{interval(bounds) if bounds else ""}</td>'
        f'<td class="number">{counts[0]} / {counts[1]}</td></tr>'
    )


def calibration(evaluation: Evaluation) -> str:
    """Show whether a probability of 80 % is right 80 times in a hundred."""
    scores = evaluation.calibration
    caption = bilingual(
        "Accuracy by the probability of the predicted gloss; larger dots stand for "
        "more clips. Above the dashed line the model is too cautious, below it too "
        "confident. Mean gap {gap}, log loss {loss}, Brier score {brier}.",
        gap=percent(scores.error),
        loss="–" if scores.log_loss is None else f"{scores.log_loss:.3f}",
        brier=f"{scores.brier:.3f}",
    )
    return (
        f"<section><h2>{bilingual('How reliable its probabilities are')}</h2><figure>"
        f"{reliability(scores.bins)}<figcaption>{caption}</figcaption></figure>"
        "</section>"
    )
