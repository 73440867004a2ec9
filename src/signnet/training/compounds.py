"""Made-up words: a clip of one word and one of another, played one after the other."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from signnet.clip.shapes import Float, Int

__all__ = ["Compounds", "joined"]


@dataclass(frozen=True)
class Compounds:
    """Pairs of words that are learnt as if each pair were a word of its own.

    An encoder that has to tell more words apart places unknown ones better, and data of
    more words are hard to come by. Two clips played one after the other make one.
    """

    pairs: Int[Tensor, "pair both"]
    """Words of each made-up word, as indices of real words."""

    clips: Int[Tensor, " clip"]
    """Indices of all clips, sorted by word."""

    first: Int[Tensor, " word"]
    """Where each word's clips begin in `clips`."""

    counts: Int[Tensor, " word"]

    @classmethod
    def among(cls, words: Int[Tensor, " clip"], seed: int) -> "Compounds":
        """Draw as many pairs as there are words."""
        counts = torch.bincount(words)
        rng = Generator().manual_seed(seed)
        pairs = torch.randint(len(counts), (len(counts), 2), generator=rng)
        return cls(pairs, words.argsort(stable=True), counts.cumsum(0) - counts, counts)

    def __len__(self) -> int:
        """Count the made-up words."""
        return len(self.pairs)

    def draw(
        self, number: int, rng: Generator
    ) -> tuple[Int[Tensor, " drawn"], Int[Tensor, "drawn both"]]:
        """Draw made-up words, and a clip of each of their two words."""
        drawn = torch.randint(len(self), (number,), generator=rng)
        words = self.pairs[drawn]
        place = torch.rand(words.shape, generator=rng) * self.counts[words]
        return drawn, self.clips[self.first[words] + place.long()]


def joined(
    first: Float[Tensor, "clip frame feature"],
    second: Float[Tensor, "clip frame feature"],
) -> Float[Tensor, "clip frame feature"]:
    """Play two clips one after the other, in the frames of one."""
    return torch.cat([first[:, ::2], second[:, 1::2]], dim=1)
