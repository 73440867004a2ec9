"""Commands that train and export models, and show the presets."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from signnet.cli.console import comma_separated, show
from signnet.cli.progress import pretraining_display, training_display
from signnet.config import PresetName
from signnet.errors import SettingsError, needs_extra

if TYPE_CHECKING:
    from signnet.api.train import Run


def train(
    data: Path,
    *,
    out: Path,
    preset: PresetName | None = None,
    recipe: Path | None = None,
    changes: Annotated[list[str] | None, Parameter(name="--set")] = None,
    base: str | None = None,
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
    """Train a model and keep it in a run folder, ready for predictions.

    Parameters
    ----------
    data
        Dataset to train on.
    out
        Folder of the run.
    preset
        Name of a recipe; `signnet presets` describes them. Without --preset and
        --recipe, it is default.
    recipe
        TOML file with a recipe, in the form that `signnet presets NAME` prints.
    changes
        Change one setting, such as train.learning_rate=1e-4; may be repeated.
    base
        Folder of the base in whose embedding clips are compared, or none. The recipe
        default uses the shipped base.
    split
        What to hold out: a split file, or a text file with the names of the held-out
        clips. Without it, the model is trained on all clips and nothing is measured.
    fold
        Index of the fold to hold out, from 0.
    epochs
        Number of epochs; the same as --set train.epochs=N.
    seed
        Seed for weights, order and augmentation.
    ensemble
        Number of networks to train; their probabilities are averaged.
    streams
        Streams to read: pose, hands, face, separated by commas.
    balance
        Draw rare glosses, or rare signers of a gloss, more often.
    threads
        Number of torch threads; by default one per free core or, with --resume, as many
        as before.
    processes
        Number of processes that share every batch, each with its own device.
    wandb
        Weights & Biases project to log to, offline, in the run's folder.
    resume
        Continue an unfinished run exactly where it stopped.
    """
    from signnet.api.train import train as train_model
    from signnet.config import choose_recipe, read_recipe

    if preset and recipe:
        raise SettingsError("--preset and --recipe exclude each other; give one")
    shorthand = {"train.epochs": epochs, "train.balance": balance}
    if streams:
        shorthand["model.streams"] = ",".join(comma_separated(streams))
    asked = [f"{key}={value}" for key, value in shorthand.items() if value is not None]
    start = read_recipe(recipe) if recipe else preset or "default"
    chosen = choose_recipe(start, [*asked, *(changes or [])])
    with needs_extra("train"):
        from signnet.training.folder import recorded_threads
        from signnet.training.machine import free_threads
    known = recorded_threads(out / "run.json") if resume else None
    networks = 0 if chosen.model.architecture == "none" else ensemble
    with training_display(chosen.train.epochs, networks) as (watch, stage):
        run = train_model(
            data,
            out=out,
            split=split,
            fold=fold,
            recipe=chosen,
            base=base,
            seed=seed,
            ensemble=ensemble,
            threads=(known or free_threads()) if threads is None else threads,
            processes=processes,
            wandb=wandb,
            resume=resume,
            keep_memory=True,
            watch=watch,
            stage=stage,
        )
    show(f"model in {out}: {len(run.card.vocabulary)} glosses, seed {seed}")
    if run.tested:
        show(_final_figure(run))


def _final_figure(run: "Run") -> str:
    """Describe the model's accuracy on the held-out clips, and its parts."""
    held_out = run.card.held_out
    if "top1" not in run.metrics:
        return (
            f"no figure: none of the {run.tested} held-out clips shows a gloss that "
            f"was trained on; held out: {held_out}"
        )
    return (
        f"top-1 {run.metrics['top1']:.3f} on {run.tested} clips ({run.parts}, "
        f"calibrated); held out: {held_out}"
    )


def pretrain(
    *data: Path,
    out: Path,
    epochs: int | None = None,
    hold_out: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    resume: bool = False,
) -> None:
    """Learn a base, an encoder for unseen words, from many words of several corpora.

    Parameters
    ----------
    data
        Datasets; the same gloss in two of them counts as two words.
    out
        Folder of the base.
    epochs
        Number of epochs.
    hold_out
        Hold out one in this number of words, chosen by a hash of the gloss; 0 for none.
    seed
        Seed for variants, weights and order.
    threads
        Number of torch threads; by default one per free core or, with --resume, as many
        as before.
    resume
        Continue an unfinished pre-training exactly where it stopped.
    """
    from signnet.api.pretrain import pretrain as learn
    from signnet.config.base import BaseConfig

    chosen = {"epochs": epochs, "hold_out": hold_out}
    given = {name: value for name, value in chosen.items() if value is not None}
    config = BaseConfig()
    config = replace(config, pretrain=replace(config.pretrain, **given))
    with needs_extra("train"):
        from signnet.training.folder import recorded_threads
        from signnet.training.machine import free_threads, keep_memory
    known = recorded_threads(out / "base.json") if resume else None
    keep_memory()
    with pretraining_display(config.pretrain.epochs) as (watch, stage):
        learn(
            data,
            out=out,
            config=config,
            seed=seed,
            threads=(known or free_threads()) if threads is None else threads,
            resume=resume,
            watch=watch,
            stage=stage,
        )
    show(f"base in {out}")


def presets(name: PresetName | None = None, /) -> None:
    """List the presets, or print one as TOML to edit and pass to train --recipe.

    Parameters
    ----------
    name
        Preset to print with all settings.
    """
    from signnet.config import SUMMARIES, preset, recipe_to_toml

    if name:
        show(recipe_to_toml(preset(name)), end="")
        return
    width = max(map(len, SUMMARIES))
    for one, summary in SUMMARIES.items():
        show(f"{one:{width}}  {summary}")


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
        Folder of the run.
    out
        Folder to write to.
    motions
        Dataset with the training clips. The average motion of each gloss over them is
        written next to the model, as motions.parquet.
    measured
        A run of the same recipe that held clips out. Its figures and its threshold for
        abstaining are used for this model, which was trained on all clips.
    """
    with needs_extra("train"):
        from signnet.training.export import export_run

    difference = export_run(run, out, measured=measured, motions=motions)
    show(f"model in {out}; largest difference from PyTorch {difference:.1e}")
