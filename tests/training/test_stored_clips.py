"""Clips that stay in their files: the same clips, as often, in bounded memory."""

import itertools
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator

import signnet.training.batches
from signnet.clip import Clip
from signnet.config import Recipe
from signnet.dataset import Dataset, pack, write_clips
from signnet.errors import DatasetError
from signnet.models import build
from signnet.training.batches import AnyClips, Clips, StoredClips, draw_weights, load
from signnet.training.exemplars import fit_exemplars
from signnet.training.loop import Trainer, probabilities

pytestmark = pytest.mark.slow

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def folder(corpus: list[Clip], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 72 clips into two files, in three row groups."""
    out = tmp_path_factory.mktemp("stored")
    write_clips(corpus[:5], out / "a.parquet")
    write_clips(corpus[5:], out / "b.parquet")
    return out


@pytest.fixture
def stored(folder: Path, tiny: Recipe, monkeypatch: pytest.MonkeyPatch) -> StoredClips:
    # As for a corpus of any size; small blocks, so that there is more than one.
    monkeypatch.setattr(signnet.training.batches, "IN_MEMORY", 0)
    monkeypatch.setattr(signnet.training.batches, "BLOCK", 200_000)
    made = loaded(Dataset.open(folder, in_memory=0), tiny)
    assert isinstance(made, StoredClips)
    return made


def loaded(data: Dataset, recipe: Recipe) -> AnyClips:
    vocabulary = tuple(sorted(set(data.require_glosses())))
    return load(data, vocabulary, build(recipe.model, 12).front.joints)


def content(clips: Clips) -> list[bytes]:
    """Give each clip's landmarks and gloss, comparable and without padding."""
    cut = zip(clips.landmarks, clips.lengths, clips.glosses, strict=True)
    return [
        bytes([int(gloss)]) + (landmarks[:length].nan_to_num(-9) + 0).numpy().tobytes()
        for landmarks, length, gloss in cut
    ]


def test_a_dataset_on_disk_holds_the_same_clips(folder: Path) -> None:
    here, there = Dataset.open(folder), Dataset.open(folder, in_memory=0)
    assert there.files
    assert "landmarks" not in there.table.column_names
    assert [len(group) for group in there.groups] == [5, 64, 3]
    clips = {clip.name: clip for clip in here}
    for clip in there:
        same = clips.pop(clip.name)
        np.testing.assert_array_equal(clip.landmarks, same.landmarks)
        assert (clip.gloss, clip.signer, clip.fps) == (
            same.gloss,
            same.signer,
            same.fps,
        )
    assert not clips
    some = there.names[60:66]
    assert [clip.name for clip in there.select(some)] == some


@settings(deadline=None, derandomize=True, max_examples=40)
@given(indices=st.lists(st.integers(0, 71), max_size=12))
def test_any_indices_in_any_order_give_the_clips_of_memory(
    folder: Path, indices: list[int]
) -> None:
    here, there = Dataset.open(folder), Dataset.open(folder, in_memory=0)
    same = [here.names.index(there.names[index]) for index in indices]
    assert there.rows(indices).equals(here.rows(same))
    for found, clip in zip(there.read(indices), here.read(same), strict=True):
        np.testing.assert_array_equal(found.landmarks, clip.landmarks)
        assert (found.name, found.gloss) == (clip.name, clip.gloss)


def test_a_dataset_on_disk_may_hold_nothing_out(
    folder: Path, tiny: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signnet.training.batches, "IN_MEMORY", 0)
    assert len(loaded(Dataset.open(folder, in_memory=0).at([]), tiny)) == 0


def test_clips_of_two_row_groups_keep_their_own_landmarks(
    folder: Path, corpus: list[Clip]
) -> None:
    found = list(Dataset.open(folder, in_memory=0).read([0, 70, 0]))
    expected = [corpus[0], corpus[70], corpus[0]]
    assert [clip.name for clip in found] == [clip.name for clip in expected]
    for clip, same in zip(found, expected, strict=True):
        half = same.landmarks.astype(np.float16).astype(np.float32)
        np.testing.assert_array_equal(clip.landmarks, half)


def test_names_that_occur_twice_are_refused(folder: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        content = (folder / "a.parquet").read_bytes()
        (tmp_path / f"{name}.parquet").write_bytes(content)
    with pytest.raises(DatasetError, match="5 clip names occur twice"):
        Dataset.open(tmp_path, in_memory=0)


def test_a_file_that_changes_while_it_is_used_is_one_line(
    corpus: list[Clip], tmp_path: Path
) -> None:
    write_clips(corpus[:2], tmp_path / "a.parquet")
    data = Dataset.open(tmp_path, in_memory=0)
    (tmp_path / "a.parquet").write_bytes(b"gone")
    with pytest.raises(DatasetError, match=r"a\.parquet is not a readable") as error:
        list(data)
    assert "\n" not in str(error.value)


def test_parts_and_takes_are_those_of_memory(
    folder: Path, stored: StoredClips, tiny: Recipe
) -> None:
    order = torch.tensor(
        [stored.data.names.index(n) for n in sorted(stored.data.names)]
    )
    here = loaded(Dataset.open(folder), tiny)
    assert isinstance(here, Clips)
    assert content(stored.take(order)) == content(here)
    parts = [line for part in stored.parts(7) for line in content(part)]
    assert sorted(parts) == sorted(content(here))
    left = stored.where(stored.glosses == 3)
    assert left.glosses.unique().tolist() == [3]
    assert sorted(content(next(left.parts(100)))) == sorted(
        content(here.where(here.glosses == 3))
    )


def test_an_epoch_shows_each_clip_once_in_an_order_of_its_own(
    stored: StoredClips,
) -> None:
    rng, even = Generator().manual_seed(0), torch.ones(len(stored))
    wanted = content(stored.take(torch.arange(len(stored))))
    epochs = list[list[bytes]]()
    for _ in range(2):
        batches = list(stored.batches(16, even, rng))
        assert [len(batch) for batch in batches] == [16, 16, 16, 16, 8]
        epochs.append([line for batch in batches for line in content(batch)])
    assert sorted(epochs[0]) == sorted(epochs[1]) == sorted(wanted)
    assert epochs[0] != epochs[1] != wanted
    order = [wanted.index(line) for line in epochs[0]]
    followed = sum(b == a + 1 for a, b in itertools.pairwise(order))
    assert followed < 10, "clips that are stored side by side are drawn apart"


def test_weights_draw_as_many_of_each_gloss_as_in_memory(stored: StoredClips) -> None:
    weights = torch.where(stored.glosses == 0, 5.0, 1.0)
    rng = Generator().manual_seed(0)
    drawn = Counter[int]()
    for _ in range(30):
        for batch in stored.batches(16, weights, rng):
            drawn.update(batch.glosses.tolist())
    assert sum(drawn.values()) == 30 * len(stored)
    share = 5 * 6 / (5 * 6 + 66)
    assert drawn[0] / drawn.total() == pytest.approx(share, abs=0.03)
    assert draw_weights(stored, "gloss").shape == (len(stored),)


def test_training_and_exemplars_take_stored_clips(
    stored: StoredClips, tiny: Recipe
) -> None:
    recipe = replace(tiny, model=replace(tiny.model, exemplars=16.0))
    trainer = Trainer(recipe, stored, stored, 12, 0)
    losses = [report.train_loss for report in trainer.epochs()]
    assert losses[-1] < losses[0]
    assert len(probabilities(trainer.network_to_keep(), stored)) == len(stored)
    made = fit_exemplars(recipe, stored, 12, 0)
    assert made is not None
    batch = stored.take(torch.arange(20))
    valid = torch.arange(batch.landmarks.shape[1]) < batch.lengths[:, None]
    assert (
        made(batch.landmarks, valid).argmax(1) == batch.glosses
    ).float().mean() > 0.9


def test_packing_deals_the_glosses_out(folder: Path, tmp_path: Path) -> None:
    pack(folder, tmp_path / "packed", clips_per_shard=24)
    for shard in (tmp_path / "packed").iterdir():
        assert len(set(Dataset.open(shard).column("gloss"))) > 6
