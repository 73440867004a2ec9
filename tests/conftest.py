"""What several test files share: an invented corpus, and real data where present."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import jaxtyping
import numpy as np
import pytest

from commands import Command, Ended, run_command
from signnet.clip import Clip
from signnet.config import AugmentConfig, ModelConfig, Recipe, TrainConfig
from signnet.dataset import Dataset, write_clips
from signnet.files.locks import try_lock
from signnet.synthetic import Camera, Signer, make_corpus, perform

if TYPE_CHECKING:
    from signnet.models.base import BaseEncoder

ROOT = Path(__file__).parent.parent

_LONG = {"finished_run", "small_base", "on_base"}
"""Fixtures that wait for a training or an export."""


_LINUX_ONLY = {
    "test_cluster.py",
    "test_connections.py",
    "test_dataset.py",
    "test_destination.py",
    "test_extract.py",
    "test_files.py",
    "test_mp_data.py",
    "test_jobs.py",
    "test_labels.py",
    "test_no_network.py",
    "test_pool.py",
    "test_scratch.py",
    "test_server.py",
    "test_video.py",
}
"""Tests that fork, send signals, make links, limit resources or read /proc."""

_ONE_SYSTEM = {"web", "server"}
"""Folders whose tests drive Chromium, or a server by signals."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what waits for a training or an export as slow, and what is portable."""
    for item in items:
        if (
            item.path.name not in _LINUX_ONLY
            and item.path.parent.name not in _ONE_SYSTEM
        ):
            item.add_marker(pytest.mark.portable)
        if _LONG & {*getattr(item, "fixturenames", ())}:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def corpus() -> list[Clip]:
    """Give two repetitions of all invented signs by three signers, one left-handed."""
    return make_corpus(signers=3, repetitions=2, seed=0)


@pytest.fixture(scope="session")
def clip() -> Clip:
    """Give one clip without any fault: both hands seen in every frame, hardly noise."""
    camera = Camera(zoom=1.0, centre=(0.5, 0.5), slant=5.0)
    signer = Signer(
        name="P01", noise=1e-5, hand_dropout=0.0, frame_dropout=0.0, camera=camera
    )
    return perform("PALM-CIRCLE", signer, np.random.default_rng(3))


@pytest.fixture(scope="session")
def data() -> Path:
    """Find the folder of real recordings, or skip the test."""
    folder = Path(os.environ.get("SIGNNET_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real recordings: {folder} is absent; set SIGNNET_DATA")
    return folder


@pytest.fixture
def signnet(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Give a function that runs a command in this process."""

    def run(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["signnet", *map(str, words)])
        return run_command()

    return run


@pytest.fixture
def without_shape_checks() -> Iterator[None]:
    """Switch the checking of annotations off, as for a user."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture(scope="session")
def tiny() -> Recipe:
    """Give a recipe that trains in seconds."""
    return Recipe(
        model=ModelConfig(
            streams=("pose", "hands"),
            frames=16,
            width=32,
            stream_width=32,
            layers=1,
            heads=2,
            hidden=64,
            dropout=0.1,
        ),
        augment=AugmentConfig(mirror=0.0, rotation=5.0, noise=0.005, mixup=0.0),
        train=TrainConfig(
            epochs=3,
            batch_size=8,
            learning_rate=3e-3,
            schedule="cosine",
            ema=0.9,
            patience=0,
        ),
    )


@pytest.fixture(scope="session")
def four_signs(corpus: list[Clip]) -> Dataset:
    """Give the performances of four invented signs: 24 clips by three signers."""
    chosen = sorted({clip.gloss for clip in corpus if clip.gloss})[::3]
    return Dataset.of_clips(
        (clip for clip in corpus if clip.gloss in chosen), "four signs"
    )


@pytest.fixture(scope="session")
def dataset_folder(
    four_signs: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give the four signs as a dataset on disk."""
    folder = tmp_path_factory.mktemp("data") / "signs"
    write_clips(list(four_signs), folder / "all.parquet")
    return folder


def made_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]
) -> Path:
    """Make a folder for all of the processes that run the tests; others wait for it."""
    root = factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    while (held := try_lock(root / f"{name}.lock")) is None:
        time.sleep(0.2)
    try:
        if not (done := root / f"{name}.done").exists():
            make(root / name)
            done.touch()
    finally:
        os.close(held)
    return root / name


@pytest.fixture(scope="session")
def finished_run(
    four_signs: Dataset, tiny: Recipe, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give the folder of a finished run: one tiny network, signer P03 held out."""
    from signnet.splits import make_split
    from signnet.training.run import RunSettings, train_run

    held = sorted({signer for signer in four_signs.column("signer") if signer})[-1]
    fold = make_split(four_signs, "signer", hold_out=held).folds[0]
    settings = RunSettings(recipe=tiny, threads=1)

    def make(out: Path) -> None:
        train_run(four_signs, fold, settings, out, lambda _member, _report: None)

    return made_once(tmp_path_factory, "tiny-run", make)


@pytest.fixture(scope="session")
def small_base(
    corpus: list[Clip], tmp_path_factory: pytest.TempPathFactory
) -> "tuple[Path, BaseEncoder]":
    """Give the folder of a tiny base that saw all invented signs, and its encoder."""
    import torch

    from signnet.config.base import BaseConfig, EncoderConfig, PretrainConfig
    from signnet.training.pretrain import PretrainSettings, pretrain_base

    config = BaseConfig(
        encoder=EncoderConfig(width=16, embedding=8, dropout=0.0),
        pretrain=PretrainConfig(
            epochs=12,
            batch_size=16,
            learning_rate=1e-2,
            ema=0.9,
            variants=1,
            hold_out=0,
        ),
    )
    settings = PretrainSettings(config=config, threads=1)

    def make(out: Path) -> None:
        data = [("invented", Dataset.of_clips(corpus))]
        torch.save(pretrain_base(data, settings, out / "small"), out / "encoder.pt")

    folder = made_once(tmp_path_factory, "small-base", make)
    return folder / "small", torch.load(folder / "encoder.pt", weights_only=False)


@pytest.fixture(scope="session")
def on_base(
    small_base: "tuple[Path, BaseEncoder]",
    four_signs: Dataset,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Give a run of the default recipe on the tiny base: signer P03 held out."""
    from signnet.config import preset
    from signnet.splits import make_split
    from signnet.training.run import RunSettings, train_run

    fold = make_split(four_signs, "signer", hold_out="P03").folds[0]
    settings = RunSettings(recipe=preset("default"), base=small_base[0], threads=1)

    def make(out: Path) -> None:
        train_run(four_signs, fold, settings, out)

    return made_once(tmp_path_factory, "on-base", make)
