"""The model that ships: small, at work on its words' average motions, described."""

from pathlib import Path

import pytest

from signnet.dataset import Dataset
from signnet.recognise.recogniser import DEFAULT_MODEL, Recogniser, find_model


@pytest.fixture(scope="module")
def folder() -> Path:
    return find_model(DEFAULT_MODEL)


def test_it_is_small(folder: Path) -> None:
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 12_500_000
    assert Recogniser.open(folder).card.to_json()["parameters"] <= 3_000_000


def test_it_names_the_average_motion_of_nearly_every_word(folder: Path) -> None:
    recogniser = Recogniser.open(folder)
    motions = list(Dataset.open(folder / "motions.parquet"))
    right = [
        recogniser.recognise(motion).top[0].gloss == motion.gloss for motion in motions
    ]
    assert len(motions) == len(recogniser.vocabulary) == 55
    assert sum(right) / len(right) > 0.9


def test_no_motion_is_a_recording(folder: Path) -> None:
    sources = Dataset.open(folder / "motions.parquet").column("source")
    assert all(source and int(source.split()[2]) >= 2 for source in sources)


def test_its_card_says_what_was_held_out(folder: Path) -> None:
    card = Recogniser.open(folder).card
    assert (card.held_out or "").startswith(
        "nothing; the figures are of the same recipe"
    )
    assert len(card.trained_on) == 546
    assert 0 < card.abstain_below < 1
