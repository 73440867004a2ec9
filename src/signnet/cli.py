"""The command line: one function per command, and the only place that prints.

Progress goes to standard error, results to standard output. A mistake of the user ends
in one line and exit status 1; a run in which some files failed ends with 2.
"""

import json as json_module
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App, CycloptsError

from signnet.display import console, progress_bar, training_display
from signnet.errors import SettingsError, SignnetError

if TYPE_CHECKING:
    from signnet.clip import Clip
    from signnet.evaluation import Evaluation

__all__ = ["app", "main"]

app = App(
    name="signnet",
    help="Recognise signs from landmarks: in videos, in datasets, with your model.",
    help_format="plaintext",
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,  # `main` says how to go on
)

SOME_FILES_FAILED = 2
INTERRUPTED = 130


@app.command
def models() -> None:
    """Fetch and verify MediaPipe's landmark models, into the user's cache."""
    from signnet.extract import ensure_models

    with progress_bar("landmark models") as progress:
        paths = ensure_models(progress=progress)
    for stream, path in paths.items():
        print(f"{stream}\t{path}")


@app.command
def extract(
    videos: Path,
    out: Path,
    *,
    index: Path | None = None,
    workers: int | None = None,
    limit: int | None = None,
    streams: str = "pose,hands,face",
    backend: str = "tasks",
) -> None:
    """Turn videos into a dataset of landmarks; run again to go on or to add.

    Parameters
    ----------
    videos
        A video, or a folder that is searched with its subfolders.
    out
        The dataset's folder.
    index
        CSV with the columns file, gloss and, where known, signer, session, expression.
    workers
        Processes; as many as there are cores by default.
    limit
        Stop after so many videos.
    streams
        What to look for, separated by commas.
    backend
        The tracker.
    """
    from signnet.extract import extract_folder

    with progress_bar("videos") as progress:
        report = extract_folder(
            videos,
            out,
            index=index,
            workers=workers,
            limit=limit,
            streams=_words(streams),
            backend=backend,
            progress=progress,
        )
    print(f"{report.done} clips extracted, {report.skipped} were there already")
    for part, share in report.missing.items():
        print(f"  {part}: not seen in {share:.1%} of the frames")
    _end_with_failures([f"{file}: {reason}" for file, reason in report.failures])


@app.command(name="import")
def import_(format: str, src: Path, out: Path) -> None:
    """Turn landmarks of another tool into a dataset.

    Parameters
    ----------
    format
        bdsl-npz or hands-npz.
    src
        File or folder in that format.
    out
        The dataset's folder.
    """
    from signnet.importers import import_clips

    with progress_bar(format) as progress:
        report = import_clips(format, src, out, progress)
    print(f"{report.clips} clips imported into {out}")
    _end_with_failures(report.failures)


@app.command
def info(data: Path, *, json: bool = False) -> None:
    """Count a dataset's clips by gloss, signer, session, expression; name its gaps."""
    from signnet.importers import open_clips
    from signnet.info import summarise

    summary = summarise(open_clips(data))
    if json:
        print_json(asdict(summary))
        return
    print(
        f"{summary.clips} clips, {summary.glosses} glosses, {summary.signers} signers, "
        f"{summary.sessions} sessions, {summary.frames} frames"
    )
    for kind in ("signer", "session", "expression", "gloss"):
        counts: dict[str, int] = getattr(summary, f"per_{kind}")
        print(f"per {kind}: " + ", ".join(f"{name} {n}" for name, n in counts.items()))
    shares = ", ".join(f"{part} {share:.1%}" for part, share in summary.missing.items())
    print(f"frames in which it was not seen: {shares}")
    for doubt in summary.doubts:
        print(f"doubt: {doubt}")


@app.command
def split(
    data: Path,
    *,
    by: Literal["clip", "session", "signer"],
    out: Path,
    hold_out: str | None = None,
    folds: int | None = None,
    seed: int = 0,
) -> None:
    """Decide what is held out, and write it to a file.

    Parameters
    ----------
    data
        The dataset.
    by
        What no two sides share.
    out
        The split file.
    hold_out
        A signer, a session, or (by clip) a text file with one clip name a line.
    folds
        Make so many folds instead, each held out once.
    seed
        Of the random order.
    """
    from signnet.splits import make_split, write_split
    from signnet.store import Dataset

    made = make_split(Dataset.open(data), by, hold_out=hold_out, folds=folds, seed=seed)
    write_split(made, out)
    for number, fold in enumerate(made.folds):
        print(
            f"{number}: {fold.held_out}: {len(fold.train)} train, {len(fold.test)} test"
        )


@app.command
def train(
    data: Path,
    *,
    out: Path,
    preset: str = "default",
    split: Path | None = None,
    fold: int = 0,
    epochs: int | None = None,
    seed: int = 0,
    ensemble: int = 1,
    streams: str | None = None,
    balance: Literal["none", "gloss", "signer"] | None = None,
    threads: int | None = None,
    resume: bool = False,
) -> None:
    """Train a model and keep it in a run folder, ready for `predict`.

    Parameters
    ----------
    data
        The dataset.
    out
        The run's folder.
    preset
        default, baseline, optimized, multimodal or spoter.
    split
        What to hold out: a split file, or a text file with the names of the held-out
        clips. Without it all clips are trained on and nothing is measured.
    fold
        Which fold of the split.
    epochs
        Instead of the preset's number.
    seed
        Of weights, order and variation.
    ensemble
        Train so many networks and average their probabilities.
    streams
        Instead of the preset's: pose, hands, face, separated by commas.
    balance
        Draw rare glosses, or rare signers of a gloss, more often.
    threads
        Threads of torch; as many as the machine has free by default.
    resume
        Go on with an unfinished run, exactly where it stopped.
    """
    from signnet.config import preset as named_preset
    from signnet.splits import choose_fold
    from signnet.store import Dataset

    recipe = named_preset(preset)
    if streams:
        recipe = replace(recipe, model=replace(recipe.model, streams=_words(streams)))
    changes = {"epochs": epochs, "balance": balance}
    changed = {key: value for key, value in changes.items() if value is not None}
    recipe = replace(recipe, train=replace(recipe.train, **changed))
    opened = Dataset.open(data)
    chosen = choose_fold(opened, split, fold)
    with _needs_extra("train"):
        from signnet.run import RunSettings, train_run

    settings = RunSettings(
        recipe=recipe, seed=seed, members=ensemble, resume=resume, threads=threads
    )
    with training_display(recipe.train.epochs, ensemble) as watch:
        checkpoint = train_run(opened, chosen, settings, out, watch)
    print(f"model in {out}: {len(checkpoint.vocabulary)} glosses, seed {seed}")
    if chosen.test:
        print(
            f"top-1 {checkpoint.metrics['top1']:.3f} on {len(chosen.test)} clips; "
            f"held out: {checkpoint.held_out}"
        )


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
        Write a report (HTML, JSON, CSV) into this folder.
    json
        Print one JSON object.
    """
    from signnet.evaluation import evaluate as judge
    from signnet.importers import open_clips
    from signnet.recogniser import Recogniser, answer
    from signnet.splits import choose_fold, describe_overlap

    recogniser = Recogniser.open(model)
    opened = open_clips(data)
    if split is not None:
        opened = opened.select(choose_fold(opened, split, fold).test)
    held_out = describe_overlap(
        opened.names,
        recogniser.trained_on,
        opened.column("signer"),
        opened.column("session"),
    )
    with progress_bar("clips") as progress:
        answers = answer(recogniser, opened, held_out, progress)
    evaluation = judge(answers)
    if out is not None:
        report = _report(evaluation, model, data, out)
        console.print(f"report: {report}")
    if json:
        print_json(evaluation.to_json())
        return
    low, high = evaluation.top1_ci95
    print(
        f"top-1 {evaluation.top1:.3f} (95 % interval {low:.3f} to {high:.3f}), top-5 "
        f"{evaluation.top5:.3f}, macro F1 {evaluation.macro_f1:.3f} on "
        f"{evaluation.clips} clips; held out: {evaluation.held_out}"
    )


def _report(evaluation: "Evaluation", model: str, data: Path, out: Path) -> Path:
    from signnet.recogniser import find_model
    from signnet.report import write_report

    facts = {"Model": model, "Data": str(data), "Command": " ".join(sys.argv[1:])}
    log = find_model(model) / "member-0" / "metrics.jsonl"
    curves = None
    if log.is_file():
        lines = log.read_text(encoding="utf-8").splitlines()
        curves = [json_module.loads(line) for line in lines]
    return write_report(
        evaluation, out, title=f"{model} on {data.name}", facts=facts, curves=curves
    )


@app.command
def predict(
    *files: Path,
    model: str = "bdsl55",
    json: bool = False,
) -> None:
    """Name the sign in videos or in clips of landmarks.

    Parameters
    ----------
    files
        Videos, dataset files (.parquet), dataset folders, or clips of bdsl-npz (.npz).
    model
        A run folder, an exported folder, or the name of a shipped model.
    json
        Print a list with one object per clip.
    """
    from signnet.recogniser import Recogniser

    if not files:
        raise SettingsError("no file to predict: give a video or a clip")
    recogniser = Recogniser.open(model)
    found: list[dict[str, Any]] = []
    failures: list[str] = []
    with progress_bar("clips") as progress:
        for number, file in enumerate(files, 1):
            try:
                for label, clip in _clips_of(file):
                    answer = recogniser.recognise(clip)
                    found.append({"file": label, "frames": len(clip), **asdict(answer)})
            except SignnetError as error:
                failures.append(str(error))
            progress(number, len(files))
    if json:
        print_json(found)
    else:
        for entry in found:
            _print_prediction(entry)
    if failures and not found:
        raise SignnetError("\n".join(failures))
    _end_with_failures(failures)


def _clips_of(file: Path) -> "Iterable[tuple[str, Clip]]":
    """Read a file's clips, each with its label for the answer."""
    if file.suffix in (".parquet", ".npz") or file.is_dir():
        from signnet.importers import open_clips

        data = open_clips(file)
        one = len(data) == 1
        return ((str(file) if one else f"{file}#{clip.name}", clip) for clip in data)
    from signnet.extract import extract_video

    return [(str(file), extract_video(file))]


def _print_prediction(entry: dict[str, Any]) -> None:
    best = entry["predictions"]
    words = ", ".join(f"{one['gloss']} {one['probability']:.0%}" for one in best)
    doubt = " (unsure)" if entry["abstained"] else ""
    print(f"{entry['file']}: {words}{doubt}")


@app.command
def export(
    run: Path,
    out: Path,
    *,
    motions: Path | None = None,
    measured: Path | None = None,
) -> None:
    """Write a finished run as model.onnx + model.json, checked against PyTorch.

    Parameters
    ----------
    run
        The run's folder.
    out
        The folder to write to.
    motions
        A dataset: the average motion of each gloss over its training clips is
        written beside the model, as motions.parquet.
    measured
        A run of the same recipe that held clips out: its figures and its threshold
        for abstaining are taken over by a model that was trained on all clips.
    """
    with _needs_extra("train"):
        from signnet.checkpoint import Checkpoint
        from signnet.export import export as write

    checkpoint = Checkpoint.load(run / "checkpoint.pt")
    if measured is not None:
        checkpoint = checkpoint.measured_by(Checkpoint.load(measured / "checkpoint.pt"))
    difference = write(checkpoint, out, name=out.name)
    if motions is not None:
        from signnet.motions import average_motions
        from signnet.store import Dataset, write_clips

        trained = [name for name, *_ in checkpoint.trained_on]
        shown = average_motions(Dataset.open(motions).select(trained))
        write_clips(shown, out / "motions.parquet")
    print(f"model in {out}; largest difference from PyTorch {difference:.1e}")


@app.command
def pack(data: Path, out: Path) -> None:
    """Merge a dataset of many small files into few large ones."""
    from signnet.store import pack as merge

    print(f"{merge(data, out)} files in {out}")


@contextmanager
def _needs_extra(extra: str) -> Generator[None]:
    """Say how to install what a command needs beyond the base."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("signnet"):
            raise
        raise SettingsError(
            f"this command needs {error.name}; install it with "
            f"`pip install 'signnet[{extra}]'`"
        ) from error


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def print_json(content: Any) -> None:
    """Print one JSON value, Bangla as it is."""
    print(json_module.dumps(content, ensure_ascii=False, indent=1))


def _end_with_failures(failures: list[str]) -> None:
    if failures:
        for failure in failures:
            print(failure, file=sys.stderr)
        print(f"{len(failures)} files failed; all others are done", file=sys.stderr)
        sys.exit(SOME_FILES_FAILED)


def _one_line(error: SignnetError | CycloptsError) -> str:
    if isinstance(error, CycloptsError):
        return f"{' '.join(str(error).split())} See `signnet --help`."
    return str(error)


def main() -> None:
    """Run a command; an expected error ends in one line and exit status 1."""
    try:
        app(sys.argv[1:], exit_on_error=False, print_error=False)
    except (SignnetError, CycloptsError) as error:
        print(f"signnet: {_one_line(error)}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print(
            "signnet: stopped; run it again to go on (train: with --resume)",
            file=sys.stderr,
        )
        sys.exit(INTERRUPTED)
