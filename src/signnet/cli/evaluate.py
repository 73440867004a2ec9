"""Commands that measure models and check datasets."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import Parameter

from signnet.cli.console import print_json, show, tell
from signnet.cli.progress import progress_bar

if TYPE_CHECKING:
    from signnet.api.evaluate import ModelComparison, ModelEvaluation
    from signnet.doctor.summary import Summary
    from signnet.evaluation.comparison import Comparison, Pair
    from signnet.evaluation.evaluation import Evaluation
    from signnet.evaluation.selective import Sure


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class EvaluationOptions:
    """Options that `evaluate` and `compare` share."""

    split: Path | None = None
    """Use only the clips that this split file holds out."""

    fold: int = 0
    """Index of the fold in the split file, from 0."""

    out: Path | None = None
    """Write a report (HTML, JSON, CSV, LaTeX) into this folder."""

    json: bool = False
    """Print one JSON object."""


_DEFAULTS = EvaluationOptions()


def evaluate(model: str, data: Path, *, options: EvaluationOptions = _DEFAULTS) -> None:
    """Measure a model on clips, and state what was held out.

    Parameters
    ----------
    model
        A run folder, an exported folder, or the name of a shipped model.
    data
        A dataset, or a folder of clips in the layout of bdsl-npz.
    """
    from signnet.api.evaluate import evaluate as measure

    with progress_bar("clips") as progress:
        found = measure(
            model, data, split=options.split, fold=options.fold, progress=progress
        )
    _write_report(found, data, options)
    if options.json:
        print_json(found.to_json())
    else:
        _print_evaluation(found.result)


def _write_report(
    found: "ModelEvaluation | ModelComparison", data: Path, options: EvaluationOptions
) -> None:
    if options.out is not None:
        facts = {"Data": str(data), "Command": " ".join(sys.argv[1:])}
        page = found.report(options.out, facts=facts)
        tell(f"report: {page}")


def _print_evaluation(evaluation: "Evaluation") -> None:
    low, high = evaluation.top1_ci95
    show(
        f"top-1 {evaluation.top1:.3f} (95 % interval {low:.3f} to {high:.3f}), top-5 "
        f"{evaluation.top5:.3f}, macro F1 {evaluation.macro_f1:.3f} on "
        f"{evaluation.clips} clips; held out: {evaluation.held_out}"
    )
    if evaluation.sure:
        show(_sure(evaluation.sure, evaluation.clips))
    if evaluation.is_outside_vocabulary:
        show(
            f"the glosses of all {evaluation.clips} clips are outside the model's "
            "vocabulary, so it cannot recognise any of them"
        )
    elif evaluation.unknown:
        show(
            f"the glosses of {len(evaluation.unknown)} of {evaluation.clips} clips are "
            "outside the model's vocabulary; they count as wrong"
        )
    if evaluation.clips_in_training:
        show(
            "these figures show how well the model remembers its training clips, not "
            "how well it recognises new ones"
        )


def _sure(sure: "Sure", clips: int) -> str:
    low, high = sure.share_ci95
    share = f"{sure.share:.3f} ({low:.3f} to {high:.3f})"
    line = f"sure of {sure.clips} of {clips} clips: {share}"
    if sure.top1 is None or sure.top1_ci95 is None:
        return line
    low, high = sure.top1_ci95
    return f"{line}; right in {sure.top1:.3f} of these ({low:.3f} to {high:.3f})"


def compare(*models: str, data: Path, options: EvaluationOptions = _DEFAULTS) -> None:
    """Compare models on the same clips, and test if differences may be due to chance.

    Parameters
    ----------
    models
        Two or more run folders, exported folders, or names of shipped models.
    data
        A dataset, or a folder of clips in the layout of bdsl-npz.
    """
    from signnet.api.evaluate import compare as compare_all

    with progress_bar("clips") as progress:
        found = compare_all(
            models, data, split=options.split, fold=options.fold, progress=progress
        )
    _write_report(found, data, options)
    if options.json:
        print_json(found.to_json())
    else:
        _print_comparison(found.result)


def _print_comparison(comparison: "Comparison") -> None:
    for model, one in comparison.evaluations.items():
        low, high = one.top1_ci95
        show(f"{model}: top-1 {one.top1:.3f} ({low:.3f} to {high:.3f})", end="; ")
        show(f"held out: {one.held_out}")
    for pair in comparison.pairs:
        _print_pair(pair)


def _print_pair(pair: "Pair") -> None:
    low, high = pair.ci95
    show(
        f"{pair.second} minus {pair.first}: {pair.difference:+.3f} ({low:+.3f} to "
        f"{high:+.3f}), p {_p_value(pair.p)}, {_p_value(pair.p_holm)} for all pairs; "
        f"only the second correct {pair.only_second}, only the first {pair.only_first}"
    )


def _p_value(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def info(
    data: Path, *, json: bool = False, out: Path | None = None, sample: int = 2000
) -> None:
    """Count a dataset's clips, list its gaps, and find suspicious clips.

    Parameters
    ----------
    data
        A dataset, or a folder of clips in the layout of bdsl-npz.
    json
        Print one JSON object.
    out
        Write a page with moving skeletons (info.html) and info.json into this folder.
    sample
        Check the landmarks of about this number of clips; 0 for all. The labels of all
        clips are counted.
    """
    from signnet.doctor.summary import summarise
    from signnet.formats import open_clips

    clips = open_clips(data)
    with progress_bar("clips") as progress:
        summary = summarise(clips, sample=sample or None, progress=progress)
    if out is not None:
        from signnet.reports.doctor import write_page

        page = write_page(summary, clips, out, title=data.name)
        tell(f"page: {page}")
    if json:
        print_json(summary.to_json())
    else:
        _print_summary(summary)


def _print_summary(summary: "Summary") -> None:
    show(
        f"{summary.clips} clips, {summary.glosses} glosses, {summary.signers} signers, "
        f"{summary.sessions} sessions, {summary.frames} frames"
    )
    for kind in ("signer", "session", "expression", "gloss"):
        counts: dict[str, int] = getattr(summary, f"per_{kind}")
        show(f"per {kind}: " + ", ".join(f"{name} {n}" for name, n in counts.items()))
    shares = ", ".join(f"{part} {share:.1%}" for part, share in summary.missing.items())
    show(f"share of frames in which a part was not seen: {shares}")
    for doubt in summary.doubts:
        show(f"doubt: {doubt}")
    if summary.looked_at < summary.clips:
        show(f"checked the landmarks of {summary.looked_at} clips (--sample)")
    for finding in summary.findings:
        few = ", ".join(finding.clips[:3]) + (", ..." if len(finding.clips) > 3 else "")
        share = f"{len(finding.clips)} of {summary.looked_at} clips"
        show(f"suspicious: {finding.kind}: {share}: {finding.says}: {few}")
