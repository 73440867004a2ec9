"""The model that ships: small, at work on its words' average motions, described."""

from pathlib import Path

import pytest

from signnet.config.base import SHIPPED_BASE
from signnet.dataset import Dataset
from signnet.recognise.recogniser import DEFAULT_MODEL, Recogniser, find_model


@pytest.fixture(scope="module")
def folder() -> Path:
    return find_model(DEFAULT_MODEL)


def test_it_is_small(folder: Path) -> None:
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 12_500_000
    assert Recogniser.open(folder).card.to_json()["parameters"] <= 5_000_000


def test_the_base_is_small_and_knows_no_word() -> None:
    folder = find_model(SHIPPED_BASE)
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 6_000_000
    base = Recogniser.open(folder)
    assert (base.vocabulary, base.can_be_taught) == ((), True)
    assert (base.card.parameters or 0) <= 3_000_000
    assert base.card.base["words"] > 1000
    assert base.card.base["clips"] == len(base.card.trained_on)


def test_the_model_stands_on_the_base_that_ships_with_it(folder: Path) -> None:
    card, base = Recogniser.open(folder).card, Recogniser.open(SHIPPED_BASE)
    assert card.base["sha256"] == base.sha256
    assert card.base["words"] == base.card.base["words"]
    assert card.embedding["axes"][1:] == base.card.embedding["axes"]


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
