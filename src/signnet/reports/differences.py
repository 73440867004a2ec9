"""The sections of a comparison: models, pairs of them, and where they differ."""

from collections.abc import Iterable, Iterator, Mapping

from signnet.clip import Clip
from signnet.evaluation.comparison import Comparison, Pair
from signnet.reports.charts import bar, difference_bar
from signnet.reports.film import moving_skeleton
from signnet.reports.markup import (
    INTERVAL,
    bilingual,
    clip_name_html,
    held_out_html,
    interval,
    percent,
    table,
    text_html,
)

__all__ = [
    "disputed",
    "disputed_section",
    "gloss_table",
    "model_table",
    "pair_table",
    "signer_table",
    "top1_by_gloss",
]

_LONGEST_LIST = 60
_FILMS = 8


def disputed(comparison: Comparison, most: int = _FILMS) -> list[str]:
    """Name the clips that some models recognise and others do not."""
    columns = [one.correct for one in comparison.evaluations.values()]
    return [
        name
        for name, *correct in zip(comparison.names, *columns, strict=True)
        if any(correct) and not all(correct)
    ][:most]


def top1_by_gloss(comparison: Comparison) -> Iterator[tuple[str, int, list[float]]]:
    """Return gloss, clips and top-1 of each model."""
    models = list(comparison.evaluations.values())
    for gloss, score in models[0].per_gloss.items():
        yield gloss, score.clips, [one.per_gloss[gloss].top1 for one in models]


def model_table(comparison: Comparison) -> str:
    """Show the scores of each model."""
    rows = (
        f'<tr><th scope="row">{text_html(name)}</th><td class="bar-cell">'
        f"{bar(one.top1, one.top1_ci95, 'other' if one.clips_in_training else '')}</td>"
        f'<td class="number">{percent(one.top1)}</td>'
        f'<td class="number wide">{interval(one.top1_ci95)}</td>'
        f'<td class="number wide">{percent(one.top5)}</td>'
        f'<td class="number wide">{percent(one.macro_f1)}</td>'
        f'<td class="number wide">{percent(one.calibration.error)}</td></tr>'
        for name, one in comparison.evaluations.items()
    )
    heads = (
        *(bilingual("Model"), "", "#" + bilingual("Top-1"), "~" + bilingual(INTERVAL)),
        *(
            "~" + bilingual("Top-5"),
            "~" + bilingual("Macro F1"),
            "~" + bilingual("Calibration error"),
        ),
    )
    number = len(comparison.names)
    title = bilingual("{number} clips, the same for all models", number=number)
    return f"<section>{table(title, heads, rows)}{_held_out(comparison)}</section>"


def _held_out(comparison: Comparison) -> str:
    """Say what the models were not trained on, and what that means."""
    models = comparison.evaluations
    texts = sorted({one.held_out for one in models.values()})
    listed = "".join(f'<p class="held-out">{held_out_html(one)}</p> ' for one in texts)
    trained = [name for name, one in models.items() if one.clips_in_training]
    caution = ""
    if trained:
        says = bilingual(
            "Trained on some of these clips: {models}. Their figures show how well "
            "they remember, and comparing them with others is unfair.",
            models=", ".join(map(text_html, trained)),
        )
        caution = f'<p class="caution"><strong>{says}</strong></p>'
    return f"{bilingual('Held out:')} {listed}{caution}"


def pair_table(comparison: Comparison) -> str:
    """Show the difference of each pair of models, and whether it may be chance."""
    reach = max(0.05, *(abs(end) for p in comparison.pairs for end in p.ci95))
    heads = (
        *(bilingual("First, second"), "~", "#" + bilingual("Difference")),
        "~" + bilingual(INTERVAL),
        "~" + bilingual("Only the first correct"),
        "~" + bilingual("Only the second correct"),
        *("#p", "~Holm"),
    )
    note = bilingual(
        "Bars point to the right where the second model recognises more clips. p is "
        "how often equally good models would differ at least this much on these clips "
        "(McNemar's exact test); Holm's p corrects for comparing several pairs. Both "
        "treat clips as independent, so with few signers they are too optimistic."
    )
    rows = (_pair(pair, reach) for pair in comparison.pairs)
    inner = table(bilingual("Is the difference more than chance?"), heads, rows)
    return f'<section>{inner}<p class="soft measure">{note}</p></section>'


def _pair(pair: Pair, reach: float) -> str:
    low, high = map(_signed, pair.ci95)
    drawn = difference_bar(pair.difference, pair.ci95, reach)
    return (
        f'<tr><th scope="row">{text_html(pair.first)}<br>{text_html(pair.second)}<br>'
        f'<span class="soft">{_verdict(pair)}</span></th>'
        f'<td class="bar-cell wide">{drawn}</td>'
        f'<td class="number">{_signed(pair.difference)}</td>'
        f'<td class="number wide">{low} … {high}</td>'
        f'<td class="number wide">{pair.only_first}</td>'
        f'<td class="number wide">{pair.only_second}</td>'
        f'<td class="number">{_p_value(pair.p)}</td>'
        f'<td class="number wide">{_p_value(pair.p_holm)}</td></tr>'
    )


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "\N{MINUS SIGN}")


def _verdict(pair: Pair) -> str:
    if pair.p_holm >= 0.05:
        return bilingual("no significant difference")
    if pair.difference > 0:
        return bilingual("the second is better")
    return bilingual("the first is better")


def _p_value(p: float) -> str:
    return "&lt;\u00a00.001" if p < 0.001 else f"{p:.3f}"


def signer_table(comparison: Comparison) -> str:
    """Show top-1 of each model per signer; empty where no signer is known."""
    models = comparison.evaluations.values()
    clips = next(iter(models)).per_signer
    signers = list(clips)[:_LONGEST_LIST]
    if not signers:
        return ""
    rows = [
        (signer, clips[signer].clips, [one.per_signer[signer].top1 for one in models])
        for signer in signers
    ]
    inner = _shares(comparison, "By signer", "Signer", rows)
    return f"<section>{inner}</section>"


def gloss_table(comparison: Comparison) -> str:
    """Show top-1 of each model on the glosses on which they differ."""
    rows = [
        (gloss, clips, shares)
        for gloss, clips, shares in top1_by_gloss(comparison)
        if len(set(shares)) > 1
    ]
    if not rows:
        none = bilingual("The models are equally good on every gloss.")
        return f"<section><p>{none}</p></section>"
    rows.sort(key=lambda row: row[2][-1] - row[2][0])
    title = "Glosses on which the models differ"
    return f"<section>{_shares(comparison, title, 'Gloss', rows)}</section>"


def _shares(
    comparison: Comparison,
    title: str,
    kind: str,
    shares: Iterable[tuple[str, int, list[float]]],
) -> str:
    """Show one row per signer or gloss, with top-1 of each model."""
    heads = [bilingual(kind)]
    for model in comparison.evaluations:
        heads += ["~", f"#{clip_name_html(model)}"]
    heads.append("#" + bilingual("Clips"))
    rows = (_share_row(*row) for row in shares)
    return table(bilingual(title), heads, rows, kind="sortable")


def _share_row(name: str, clips: int, shares: Iterable[float]) -> str:
    cells = "".join(
        f'<td class="bar-cell shared wide">{bar(share)}</td>'
        f'<td class="number">{percent(share)}</td>'
        for share in shares
    )
    return (
        f'<tr><th scope="row">{text_html(name)}</th>{cells}'
        f'<td class="number">{clips}</td></tr>'
    )


def disputed_section(comparison: Comparison, clips: Mapping[str, Clip]) -> str:
    """Show the clips that only some models recognise; empty where there is none."""
    names = disputed(comparison, _LONGEST_LIST)
    if not names:
        return ""
    index = {name: number for number, name in enumerate(comparison.names)}
    films = "".join(
        moving_skeleton(clips[name], _caption(comparison, index[name]))
        for name in names
        if name in clips
    )
    rows = (_predictions(comparison, index[name]) for name in names)
    heads = (bilingual("Signed"), *map(clip_name_html, comparison.evaluations))
    title = bilingual("What each model predicted")
    inner = table(title, heads, rows, kind="sortable long")
    return (
        f"<section><h2>{bilingual('Clips on which the models differ')}</h2>"
        f'<div class="films">{films}</div>{inner}</section>'
    )


def _caption(comparison: Comparison, clip: int) -> str:
    glosses = (predicted[clip] for predicted in comparison.predictions.values())
    return (
        f"<strong>{text_html(comparison.glosses[clip])}</strong>: "
        f"{', '.join(map(text_html, glosses))}<br>"
        f'<span class="name">{clip_name_html(comparison.names[clip])}</span>'
    )


def _predictions(comparison: Comparison, clip: int) -> str:
    cells = "".join(
        f'<td class="{"right" if one.correct[clip] else "wrong"}">'
        f"{text_html(comparison.predictions[name][clip])}</td>"
        for name, one in comparison.evaluations.items()
    )
    return (
        f'<tr><th scope="row">{text_html(comparison.glosses[clip])}<br>'
        f'<span class="soft name">{clip_name_html(comparison.names[clip])}</span></th>'
        f"{cells}</tr>"
    )
