"""What several test files share: a made-up corpus, and the real data where present."""

import os
from collections.abc import Iterator
from pathlib import Path

import jaxtyping
import numpy as np
import pytest

from signnet.clip import Clip
from signnet.synthetic import Camera, Signer, make_corpus, perform

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def corpus() -> list[Clip]:
    """Give two repetitions of all made-up signs by three signers, one left-handed."""
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
def without_shape_checks() -> Iterator[None]:
    """Switch the checking of annotations off, as for a user."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
