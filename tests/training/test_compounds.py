"""Made-up words of two real ones."""

import torch
from torch import Generator

from signnet.training.compounds import Compounds, joined

WORDS = torch.tensor([2, 0, 1, 0, 2, 2, 1, 0])


def test_each_half_is_a_clip_of_its_word() -> None:
    compounds = Compounds.among(WORDS, 0)
    drawn, clips = compounds.draw(200, Generator().manual_seed(1))
    assert torch.equal(WORDS[clips], compounds.pairs[drawn])
    assert len(compounds) == 3
    assert set(drawn.tolist()) == {0, 1, 2}


def test_every_clip_of_a_word_is_drawn() -> None:
    compounds = Compounds.among(WORDS, 0)
    _, clips = compounds.draw(500, Generator().manual_seed(1))
    chosen = torch.isin(WORDS, compounds.pairs)
    assert set(clips.flatten().tolist()) == set(chosen.nonzero()[:, 0].tolist())


def test_the_same_seed_makes_the_same_words_up() -> None:
    again = Compounds.among(WORDS, 3).pairs
    assert torch.equal(Compounds.among(WORDS, 3).pairs, again)
    assert not torch.equal(Compounds.among(torch.arange(50), 4).pairs[:3], again)


def test_two_clips_take_as_many_frames_as_one() -> None:
    for frames in (15, 16):
        first = torch.arange(frames).float().expand(1, frames)[..., None]
        both = joined(first, first + 100)
        assert both.shape == first.shape
        order = both[0, :, 0]
        assert (order.diff() > 0).all()
        assert int((order < 100).sum()) == (frames + 1) // 2
