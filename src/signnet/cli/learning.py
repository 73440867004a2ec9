"""Commands that train and export models."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from signnet.cli.console import app, words
from signnet.cli.progress import training_display
from signnet.errors import needs_extra

if TYPE_CHECKING:
    from signnet.config import Recipe


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
    processes: int = 1,
    wandb: str | None = None,
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
    processes
        Share every batch among so many processes, each with its own device.
    wandb
        A project of Weights & Biases to log to, offline: into the run's folder.
    resume
        Go on with an unfinished run, exactly where it stopped.
    """
    from signnet.dataset import Dataset
    from signnet.splits import choose_fold

    recipe = _recipe(preset, streams, epochs=epochs, balance=balance)
    opened = Dataset.open(data)
    chosen = choose_fold(opened, split, fold)
    with needs_extra("train"):
        from signnet.train.run import RunSettings, train_run

    settings = RunSettings(
        recipe=recipe,
        seed=seed,
        members=ensemble,
        resume=resume,
        threads=threads,
        processes=processes,
        wandb=wandb,
    )
    with training_display(recipe.train.epochs, ensemble) as watch:
        checkpoint = train_run(opened, chosen, settings, out, watch)
    print(f"model in {out}: {len(checkpoint.vocabulary)} glosses, seed {seed}")
    if chosen.test:
        print(
            f"top-1 {checkpoint.metrics['top1']:.3f} on {len(chosen.test)} clips; "
            f"held out: {checkpoint.held_out}"
        )


def _recipe(preset: str, streams: str | None, **changes: Any) -> "Recipe":
    """Change what was asked for in a preset; None changes nothing."""
    from signnet.config import preset as named_preset

    recipe = named_preset(preset)
    if streams:
        recipe = replace(recipe, model=replace(recipe.model, streams=words(streams)))
    changed = {key: value for key, value in changes.items() if value is not None}
    return replace(recipe, train=replace(recipe.train, **changed))


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
    with needs_extra("train"):
        from signnet.models.checkpoint import Checkpoint
        from signnet.train.export import export as write
    from signnet.recognise.expression import FILE, ExpressionReader

    checkpoint = Checkpoint.load(run / "checkpoint.pt")
    if measured is not None:
        checkpoint = checkpoint.measured_by(Checkpoint.load(measured / "checkpoint.pt"))
    reader = ExpressionReader.open(run / FILE) if (run / FILE).is_file() else None
    difference = write(checkpoint, out, reader, name=out.name)
    if motions is not None:
        from signnet.dataset import Dataset, write_clips
        from signnet.recognise.motions import average_motions

        trained = [name for name, *_ in checkpoint.trained_on]
        shown = average_motions(Dataset.open(motions).select(trained))
        write_clips(shown, out / "motions.parquet")
    print(f"model in {out}; largest difference from PyTorch {difference:.1e}")
