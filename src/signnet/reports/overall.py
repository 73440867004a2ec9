"""The first sections of an evaluation: how good the model is."""

from signnet.evaluation.evaluation import Evaluation
from signnet.reports.charts import bar
from signnet.reports.markup import (
    bilingual,
    held_out_html,
    interval,
    names_html,
    percent,
    table,
    tiles,
)

__all__ = ["headline", "is_doubtful", "outside_vocabulary"]

_LONGEST_LIST = 20


def headline(evaluation: Evaluation) -> str:
    """Show top-1 with its interval, the baselines, and the other scores.

    Top-1 on clips that were trained on, or on clips that the model cannot name, says
    little: a sentence then says why, and `is_doubtful` colours the page.
    """
    number, unit = percent(evaluation.top1).split("\u00a0")
    warning = _warning(evaluation)
    return (
        '<section><div class="headline"><div>'
        f'<h2>{bilingual("Recognised at first guess")}</h2><p class="figure">{number}'
        f"<small>\u00a0{unit}</small></p></div><div>{warning}"
        f"<p>{_counted(evaluation)}</p>"
        f'<p class="soft">{_limits_of_interval(evaluation)}</p>'
        f"{_held_out(evaluation)}</div></div>"
        f"{_baselines(evaluation)}{_scores(evaluation)}</section>"
    )


def is_doubtful(evaluation: Evaluation) -> bool:
    """Whether top-1 says little about how well new clips are recognised."""
    return evaluation.is_outside_vocabulary or evaluation.clips_in_training > 0


def _held_out(evaluation: Evaluation) -> str:
    """Say what training did not see."""
    kept = bilingual("Held out:")
    return f'<p class="held-out">{kept} {held_out_html(evaluation.held_out)}</p>'


def _warning(evaluation: Evaluation) -> str:
    """Say why top-1 says little about new clips; empty where it does."""
    if evaluation.is_outside_vocabulary:
        says = bilingual(
            "The glosses of all these clips are outside the model's vocabulary, so it "
            "cannot recognise any of them."
        )
    elif evaluation.clips_in_training:
        says = bilingual(
            "The model was trained on {shared} of these {all} clips. This figure shows "
            "how well it remembers them, not how well it recognises new ones.",
            shared=evaluation.clips_in_training,
            all=evaluation.clips,
        )
    else:
        return ""
    return f'<p class="caution"><strong>{says}</strong></p>'


def _counted(evaluation: Evaluation) -> str:
    return bilingual(
        "<strong>{right} of {all} clips</strong>; 95\u00a0% interval "
        "<strong>{interval}</strong>",
        right=int(evaluation.correct.sum()),
        all=evaluation.clips,
        interval=interval(evaluation.top1_ci95),
    )


def _limits_of_interval(evaluation: Evaluation) -> str:
    bounds = evaluation.top1_ci95_signers
    if bounds:
        return bilingual(
            "For new signers like these {number}: {interval} (from drawing whole "
            "signers). The first interval treats clips as independent.",
            number=len(evaluation.per_signer),
            interval=interval(bounds),
        )
    return bilingual(
        "The interval treats clips as independent. Clips of one signer or session "
        "resemble each other, so for new people the true interval is wider."
    )


def _baselines(evaluation: Evaluation) -> str:
    """Show top-1 beside the accuracy of guessing."""
    rows = (
        (bilingual("This model"), evaluation.top1, evaluation.top1_ci95, ""),
        (
            bilingual("Always the most frequent gloss"),
            evaluation.majority,
            None,
            "base",
        ),
        (bilingual("Random guessing"), evaluation.chance, None, "base"),
    )
    body = (
        f'<tr><th scope="row">{name}</th><td class="bar-cell">{bar(share, ci, kind)}'
        f'</td><td class="number">{percent(share)}</td>'
        f'<td class="number">{evaluation.clips}</td></tr>'
        for name, share, ci, kind in rows
    )
    heads = (
        *(bilingual("Method"), "", "#" + bilingual("Top-1")),
        "#" + bilingual("Clips"),
    )
    return table(bilingual("Compared with guessing"), heads, body)


def _scores(evaluation: Evaluation) -> str:
    clips = bilingual("of {number} clips", number=evaluation.clips)
    glosses = bilingual("mean of {number} glosses", number=len(evaluation.per_gloss))
    named = bilingual("mean of {number} glosses", number=_shown_or_named(evaluation))
    shares = {
        bilingual("Top-3 accuracy"): (evaluation.top3, clips),
        bilingual("Top-5 accuracy"): (evaluation.top5, clips),
        bilingual("Mean accuracy per gloss"): (evaluation.balanced_accuracy, glosses),
        bilingual("Macro F1"): (evaluation.macro_f1, named),
        bilingual("Calibration error"): (evaluation.calibration.error, clips),
    }
    return tiles(
        {
            name: f"{percent(share)} <small>{of}</small>"
            for name, (share, of) in shares.items()
        }
    )


def _shown_or_named(evaluation: Evaluation) -> int:
    """Count the glosses that F1 is a mean of: those shown or predicted."""
    matrix = evaluation.confusion
    return int((matrix.any(axis=0) | matrix.any(axis=1)).sum())


def outside_vocabulary(evaluation: Evaluation) -> str:
    """List the clips whose gloss the model lacks; empty where there is none."""
    if not evaluation.unknown:
        return ""
    counted = bilingual(
        "The model lacks the gloss of {number} clips; they count as wrong.",
        number=len(evaluation.unknown),
    )
    return (
        f'<section class="warning"><h2>{bilingual("Clips outside the vocabulary")}</h2>'
        f"<p>{counted}</p>{names_html(evaluation.unknown, _LONGEST_LIST)}</section>"
    )
