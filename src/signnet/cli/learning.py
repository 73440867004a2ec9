"""Commands that measure and compare models."""

import json as json_module
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signnet.cli.console import app, print_json
from signnet.cli.progress import console, progress_bar
from signnet.errors import SettingsError

if TYPE_CHECKING:
    from signnet.dataset import Dataset
    from signnet.evaluate.comparison import Comparison
    from signnet.evaluate.evaluation import Answers, Evaluation

_FILMS = 8
"""Mistaken clips that a report shows moving."""


@app.command
def evaluate(
    model: str,
    data: Path,
    *,
    split: Path | None = None,
    fold: int = 0,
    out: Path | None = None,
    json: bool = False,
) -> None:
    """Measure a model on clips, and say what was held out.

    Parameters
    ----------
    model
        A run folder, an exported folder, or the name of a shipped model.
    data
        A dataset, or a folder of clips in the layout of bdsl-npz.
    split
        Measure on the held-out clips of this split only.
    fold
        Which fold of the split.
    out
        Write a report (HTML, JSON, CSV, LaTeX) into this folder.
    json
        Print one JSON object.
    """
    from signnet.evaluate.evaluation import evaluate as judge

    opened = _open_held_out(data, split, fold)
    evaluation = judge(_ask(model, opened))
    if out is not None:
        report = _report(evaluation, model, data, opened, out)
        console.print(f"report: {report}", soft_wrap=True)
    if json:
        print_json(evaluation.to_json())
        return
    low, high = evaluation.top1_ci95
    print(
        f"top-1 {evaluation.top1:.3f} (95 % interval {low:.3f} to {high:.3f}), top-5 "
        f"{evaluation.top5:.3f}, macro F1 {evaluation.macro_f1:.3f} on "
        f"{evaluation.clips} clips; held out: {evaluation.held_out}"
    )


def _open_held_out(data: Path, split: Path | None, fold: int) -> "Dataset":
    """Open the held-out clips of a split, or all clips without one."""
    from signnet.formats import open_clips
    from signnet.splits import choose_fold

    opened = open_clips(data)
    if split is None:
        return opened
    return opened.select(choose_fold(opened, split, fold).test)


def _ask(model: str, data: "Dataset") -> "Answers":
    """Let a model answer all clips, and say what it was not trained on."""
    from signnet.evaluate.answers import answer
    from signnet.recognise.recogniser import Recogniser
    from signnet.splits import describe_overlap

    recogniser = Recogniser.open(model)
    held_out = describe_overlap(
        data.names,
        recogniser.trained_on,
        data.column("signer"),
        data.column("session"),
    )
    with progress_bar("clips") as progress:
        return answer(recogniser, data, held_out, progress)


def _report(
    evaluation: "Evaluation", model: str, data: Path, opened: "Dataset", out: Path
) -> Path:
    from signnet.reports.evaluation import write_report

    surest = [mistake.name for mistake in evaluation.mistakes[:_FILMS]]
    return write_report(
        evaluation,
        out,
        title=f"{model} on {data.name}",
        facts={"Model": model, "Data": str(data), "Command": " ".join(sys.argv[1:])},
        curves=_curves(model),
        clips={clip.name: clip for clip in opened.select(surest)},
    )


def _curves(model: str) -> list[dict[str, Any]] | None:
    from signnet.recognise.recogniser import find_model

    log = find_model(model) / "member-0" / "metrics.jsonl"
    if not log.is_file():
        return None
    lines = log.read_text(encoding="utf-8").splitlines()
    return [json_module.loads(line) for line in lines]


@app.command
def compare(
    *models: str,
    data: Path,
    split: Path | None = None,
    fold: int = 0,
    out: Path | None = None,
    json: bool = False,
) -> None:
    """Compare models on the same clips, and say what may be chance.

    Parameters
    ----------
    models
        Two or more run folders, exported folders, or names of shipped models.
    data
        A dataset, or a folder of clips in the layout of bdsl-npz.
    split
        Compare on the held-out clips of this split only.
    fold
        Which fold of the split.
    out
        Write a report (HTML, JSON, CSV, LaTeX) into this folder.
    json
        Print one JSON object.
    """
    from signnet.evaluate.comparison import compare as judge

    if len(set(models)) < 2:
        raise SettingsError("compare needs two or more different models")
    opened = _open_held_out(data, split, fold)
    found = judge({model: _ask(model, opened) for model in models})
    if out is not None:
        page = _compared(found, data, opened, out)
        console.print(f"report: {page}", soft_wrap=True)
    if json:
        print_json(found.to_json())
    else:
        _print_comparison(found)


def _compared(found: "Comparison", data: Path, opened: "Dataset", out: Path) -> Path:
    from signnet.reports.comparison import disputed, write_comparison

    models = found.evaluations
    return write_comparison(
        found,
        out,
        title=f"{len(models)} models on {data.name}",
        facts={"Data": str(data), "Command": " ".join(sys.argv[1:])},
        curves={model: _curves(model) or [] for model in models},
        clips={clip.name: clip for clip in opened.select(disputed(found))},
    )


def _print_comparison(found: "Comparison") -> None:
    for model, one in found.evaluations.items():
        low, high = one.top1_ci95
        print(f"{model}: top-1 {one.top1:.3f} ({low:.3f} to {high:.3f})", end="; ")
        print(f"held out: {one.held_out}")
    for pair in found.pairs:
        low, high = pair.ci95
        print(
            f"{pair.second} minus {pair.first}: {pair.difference:+.3f} ({low:+.3f} to "
            f"{high:+.3f}), p {_p(pair.p)}, {_p(pair.p_holm)} for all pairs; only the "
            f"second right {pair.only_second}, only the first {pair.only_first}"
        )


def _p(probability: float) -> str:
    return "< 0.001" if probability < 0.001 else f"{probability:.3f}"
