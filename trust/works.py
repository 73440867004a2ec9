"""What the kill harness disturbs: each command, on a corpus that takes seconds.

A work has inputs that all its runs share, a function that writes into a folder, and one
that reads the folder as a user would: a digest of all that is read, or a SignnetError.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from shutil import copyfile

import numpy as np
import torch

import signnet
from signnet.api.pretrain import pretrain
from signnet.config import AugmentConfig, ModelConfig, Recipe, TrainConfig
from signnet.config.base import BaseConfig, EncoderConfig, PretrainConfig
from signnet.dataset import Dataset, pack, row_of_clip, write_clips
from signnet.errors import ModelError, SettingsError, SignnetError
from signnet.extraction import cached_models
from signnet.formats import import_clips
from signnet.models.checkpoint import Checkpoint
from signnet.recognise.model_card import CARD, GRAPH, ModelCard
from signnet.recognise.recogniser import Recogniser, find_model
from signnet.splits import make_split, read_split, write_split
from signnet.synthetic import make_corpus
from signnet.training.export import export_run
from signnet.web.build import write_site

__all__ = ["WORKS", "Work", "make_inputs"]

Writer = Callable[[Path, Path], object]
Reader = Callable[[Path, Path], str]

_TRAIN = TrainConfig(
    epochs=3, batch_size=8, learning_rate=3e-3, schedule="cosine", ema=0.9, patience=0
)
_MODEL = ModelConfig(
    streams=("pose", "hands"), frames=16, width=16, stream_width=16, layers=1, heads=2,
    hidden=32, dropout=0.1,
)  # fmt: skip
_AUGMENT = AugmentConfig(mirror=0.0, rotation=5.0, noise=0.005, mixup=0.0)
_RECIPE = Recipe(model=_MODEL, augment=_AUGMENT, train=_TRAIN)
_BASE = BaseConfig(
    encoder=EncoderConfig(width=16, embedding=8, dropout=0.1),
    pretrain=PretrainConfig(
        epochs=4, batch_size=16, learning_rate=1e-2, ema=0.9, variants=1, hold_out=0
    ),
)


@dataclass(frozen=True)
class Work:
    """A command under test."""

    name: str
    write: Writer
    """Function of the inputs and the output."""

    read: Reader
    """Digest of an output, as its users read it."""

    earlier: Writer | None = None
    """Function that first puts another output into the same place."""

    slow: bool = False
    """Whether a run takes over two seconds."""

    missing: str = ""
    """An input without which the work cannot be tried."""

    taken_away: str = ""
    """An input that is removed to see what a run says then."""


def make_inputs(folder: Path) -> None:
    """Write what all works read; the slow ones train a model first."""
    clips = make_corpus(2, 2, 0)
    glosses = sorted({str(clip.gloss) for clip in clips})[:4]
    few = [clip for clip in clips if clip.gloss in glosses]
    write_clips(few, folder / "clips" / "clips.parquet")
    for number, clip in enumerate(few):
        write_clips([clip], folder / "many" / f"{number}.parquet")
    write_clips(few[:1], folder / "one.parquet")
    for count in (120, 300):
        _write_hands(folder / f"hands-{count}.npz", count)


def _write_hands(path: Path, clips: int) -> None:
    rng = np.random.default_rng(0)
    texts = {
        key: np.array([f"{key}{number % 7}" for number in range(clips)])
        for key in ("gloss", "signer", "split")
    }
    np.savez(
        path,
        hands=rng.random((2 * clips, 2, 21, 3), np.float32),
        offset=np.arange(clips) * 2,
        length=np.full(clips, 2),
        fps=np.full(clips, 25.0),
        video_id=np.array([str(number) for number in range(clips)]),
        **texts,
    )


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _import(inputs: Path, out: Path) -> None:
    import_clips("hands-npz", inputs / "hands-300.npz", out)


def _import_changed(clips: int, inputs: Path, out: Path) -> None:
    source = inputs / "source.npz"  # one source, whatever it holds at the time
    copyfile(inputs / f"hands-{clips}.npz", source)
    import_clips("hands-npz", source, out)


def _read_dataset(_inputs: Path, out: Path) -> str:
    data = Dataset(out)
    order = sorted(range(len(data)), key=data.names.__getitem__)
    digest = hashlib.sha256()
    for row in map(row_of_clip, data.read(order)):
        digest.update(bytes(row.pop("landmarks")))
        digest.update(repr(row).encode())
    return digest.hexdigest()


def _extract(inputs: Path, out: Path) -> None:
    signnet.extract(inputs / "videos", out, workers=1)


def _train(inputs: Path, out: Path) -> None:
    signnet.train(
        inputs / "clips", out=out, recipe=_RECIPE, threads=1,
        resume=(out / "run.json").exists(),
    )  # fmt: skip


def _read_model(_inputs: Path, out: Path) -> str:
    folder = find_model(out)
    Recogniser.open(folder)
    card = replace(ModelCard.read(folder / CARD), created=None)  # the day it was made
    return _digest(repr(card.to_json()).encode(), (folder / GRAPH).read_bytes())


def _read_run(inputs: Path, out: Path) -> str:
    whole = _read_model(inputs, out)
    weights = [
        tensor.numpy().tobytes()
        for member in Checkpoint.load(out / "checkpoint.pt").members
        for tensor in member.values()
    ]
    return _digest(whole.encode(), *weights)


def _pretrain(inputs: Path, out: Path) -> None:
    pretrain(
        [inputs / "clips"], out=out, config=_BASE, threads=1,
        resume=(out / "base.json").exists(),
    )  # fmt: skip


def _enrol(inputs: Path, out: Path) -> None:
    model = signnet.load("bdsl55")
    model.teach({"ONE": [str(inputs / "one.parquet")]}, despite_doubts=True).save(out)


def _read_taught(inputs: Path, out: Path) -> str:
    file = out / "taught.json"
    whole = _read_model(inputs, out)
    if not file.is_file():
        raise ModelError(f"{out} is no taught model")
    return _digest(whole.encode(), file.read_bytes())


def _export(run: str, inputs: Path, out: Path) -> None:
    export_run(inputs / run, out)


def _split(signers: str, inputs: Path, out: Path) -> None:
    data = Dataset(inputs / "clips")
    write_split(make_split(data, "signer", hold_out=signers), out / "split.json")


def _read_split(inputs: Path, out: Path) -> str:
    return repr(read_split(out / "split.json", Dataset(inputs / "clips")))


def _site(model: str, _inputs: Path, out: Path) -> None:
    write_site(out, model)


def _read_site(_inputs: Path, out: Path) -> str:
    if not (out / "files.json").is_file():
        raise SettingsError(f"{out} is no site")
    files = sorted(file for file in out.rglob("*") if file.is_file())
    return _digest(*(file.read_bytes() for file in files))


def _report(clips: str, inputs: Path, out: Path) -> None:
    signnet.evaluate("bdsl55", inputs / clips).report(out, title="report")


def _read_report(_inputs: Path, out: Path) -> str:
    if not (out / "report.html").is_file():
        raise SettingsError(f"{out} holds no report")
    shown = (file.name for file in out.iterdir() if file.name[0] != ".")
    names = sorted(name for name in shown if not name.endswith(".html"))
    return _digest(*((out / name).read_bytes() for name in names))


def _no_video() -> str:
    try:
        cached_models()
    except SignnetError as error:
        return str(error)
    return ""


_exported = partial(_export, "other-run")

WORKS = (
    Work("import", _import, _read_dataset, taken_away="hands-300.npz"),
    Work("import again", partial(_import_changed, 300), _read_dataset,
         earlier=partial(_import_changed, 120)),
    Work("pack", lambda inputs, out: pack(inputs / "many", out, 3), _read_dataset,
         taken_away="many"),
    Work("split", partial(_split, "P01"), _read_split, earlier=partial(_split, "P02"),
         taken_away="clips"),
    Work("enrol", _enrol, _read_taught, taken_away="one.parquet"),
    Work("report", partial(_report, "clips"), _read_report,
         earlier=partial(_report, "one.parquet"), taken_away="clips"),
    Work("site", partial(_site, "bdsl55"), _read_site, slow=True, missing="page"),
    Work("extract", _extract, _read_dataset, slow=True, missing="videos",
         taken_away="videos"),
    Work("train", _train, _read_run, slow=True, taken_away="clips"),
    Work("pretrain", _pretrain, _read_model, slow=True, taken_away="clips"),
    Work("export", partial(_export, "run"), _read_model, slow=True, missing="run"),
    Work("export again", partial(_export, "run"), _read_model, earlier=_exported,
         slow=True, missing="other-run"),
)  # fmt: skip


def make_runs(inputs: Path) -> None:
    """Train the two models that are exported."""
    torch.set_num_threads(1)
    train = replace(_RECIPE.train, epochs=1)
    for seed, name in enumerate(("run", "other-run")):
        signnet.train(
            inputs / "clips", out=inputs / name, recipe=replace(_RECIPE, train=train),
            seed=seed, threads=1,
        )  # fmt: skip


def make_videos(inputs: Path) -> str:
    """Write two short films; the reason if they cannot be extracted here."""
    if reason := _no_video():
        return reason
    import cv2

    (inputs / "videos").mkdir()
    for name in ("a", "b"):
        code = cv2.VideoWriter.fourcc(*"mp4v")
        film = cv2.VideoWriter(
            str(inputs / "videos" / f"{name}.mp4"), code, 25, (96, 96)
        )
        for shade in range(6):
            film.write(np.full((96, 96, 3), 40 * shade, np.uint8))
        film.release()
    return ""
