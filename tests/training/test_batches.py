"""Clips in memory: what is padded, what is drawn."""

from collections import Counter

import numpy as np
import pytest
import torch
from torch import Generator

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.skeleton import JOINT_COUNT
from signnet.training.batches import Clips, draw, draw_weights, load

torch.set_num_threads(1)
JOINTS = [0, 11, 40, 552]


def clip(name: str, frames: int, gloss: str | None = "A") -> Clip:
    landmarks = np.random.default_rng(frames).random((frames, JOINT_COUNT, 3))
    return Clip(
        name=name, landmarks=landmarks.astype(np.float32), fps=25.0, gloss=gloss
    )


def clips(glosses: list[int], signers: list[str | None]) -> Clips:
    count = len(glosses)
    lengths = torch.full((count,), 2)
    landmarks = torch.zeros(count, 2, 1, 3)
    return Clips(landmarks, lengths, torch.tensor(glosses), tuple(signers))


def drawn(from_clips: Clips, balance: str, epochs: int = 200) -> Counter[int]:
    rng, weights = Generator().manual_seed(0), draw_weights(from_clips, balance)
    numbers = [
        number
        for _ in range(epochs)
        for batch in draw(from_clips, 4, weights, rng)
        for number in batch.tolist()
    ]
    return Counter(numbers)


def test_clips_are_loaded_with_the_joints_asked_for() -> None:
    data = Dataset.of_clips([clip("a", 5), clip("b", 3, "B"), clip("c", 2, None)])
    loaded = load(data, ("A", "B"), JOINTS)
    assert loaded.landmarks.shape == (3, 5, 4, 3)
    assert loaded.lengths.tolist() == [5, 3, 2]
    assert loaded.glosses.tolist() == [0, 1, -1]
    stored = next(iter(data)).landmarks[:, JOINTS]
    np.testing.assert_array_equal(loaded.landmarks[0].numpy(), stored)
    assert not loaded.landmarks[1, 3:].any()


def test_a_gloss_outside_the_vocabulary_has_no_number() -> None:
    assert load(Dataset.of_clips([clip("a", 2, "C")]), ("A",), JOINTS).glosses == -1


def test_a_long_clip_is_thinned_out_to_its_end() -> None:
    data = Dataset.of_clips([clip("a", 50)])
    loaded = load(data, ("A",), JOINTS, longest=8)
    frames = next(iter(data)).landmarks[:, JOINTS]
    np.testing.assert_array_equal(loaded.landmarks[0, 0].numpy(), frames[0])
    np.testing.assert_array_equal(loaded.landmarks[0, -1].numpy(), frames[-1])
    assert loaded.lengths.tolist() == [8]


def test_a_clip_with_uneven_times_is_loaded_at_an_even_rate() -> None:
    times = np.array([0, 0.1, 0.2, 0.3, 0.9], np.float32)
    landmarks = np.zeros((5, JOINT_COUNT, 3), np.float32)
    uneven = Clip(name="a", landmarks=landmarks, fps=10.0, gloss="A", times=times)
    assert load(Dataset.of_clips([uneven]), ("A",), JOINTS).lengths.tolist() == [10]


def test_an_epoch_shows_every_clip_once() -> None:
    some = clips([0, 0, 0, 1, 1], [None] * 5)
    assert set(drawn(some, "none", epochs=1).values()) == {1}
    assert len(drawn(some, "none", epochs=1)) == 5


def test_the_same_dice_give_the_same_order() -> None:
    some, ones = clips([0] * 9, [None] * 9), torch.ones(9)
    first, second = (
        torch.cat(list(draw(some, 4, ones, Generator().manual_seed(7))))
        for _ in range(2)
    )
    assert first.tolist() == second.tolist() != list(range(9))


def test_balance_draws_clips_of_rarer_glosses_more_often() -> None:
    count = drawn(clips([0] * 9 + [1], [None] * 10), "gloss")
    common = sum(count[number] for number in range(9)) / 9
    assert count[9] > 2 * common


def test_balance_draws_rarer_signers_of_a_gloss_more_often() -> None:
    signers: list[str | None] = [*["S1"] * 9, "S2"]
    count = drawn(clips([0] * 10, signers), "signer")
    assert count[9] > 2 * sum(count[number] for number in range(9)) / 9


@pytest.mark.parametrize("balance", ["none", "gloss", "signer"])
def test_an_epoch_has_as_many_draws_as_clips(balance: str) -> None:
    some = clips([0, 0, 0, 1, 1], ["S1", "S2", "S1", "S1", None])
    assert sum(drawn(some, balance, epochs=1).values()) == 5
