"""Clips in memory, padded to one length, drawn in batches."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from signnet.store import Dataset

__all__ = ["Clips", "draw", "load"]


@dataclass(frozen=True)
class Clips:
    """Landmarks of many clips as one tensor, with their labels."""

    landmarks: Float[Tensor, "clip time joint 3"]
    """Only the joints asked for; zero after a clip's end."""

    lengths: Int[Tensor, " clip"]
    glosses: Int[Tensor, " clip"]
    """Places in the vocabulary; -1 where the gloss is not in it."""

    signers: tuple[str | None, ...]

    def __len__(self) -> int:
        """Count the clips."""
        return len(self.lengths)

    def where(self, chosen: Bool[Tensor, " clip"]) -> "Clips":
        """Keep the chosen clips."""
        signers = zip(self.signers, chosen.tolist(), strict=True)
        return Clips(
            self.landmarks[chosen],
            self.lengths[chosen],
            self.glosses[chosen],
            tuple(signer for signer, kept in signers if kept),
        )


def load(
    data: Dataset, vocabulary: tuple[str, ...], joints: list[int], longest: int = 256
) -> Clips:
    """Decode the joints asked for of all clips.

    Parameters
    ----------
    data
        The clips.
    vocabulary
        The model's glosses in order.
    joints
        Places on the full joint axis.
    longest
        A clip with more frames is thinned out evenly to this many.
    """
    kept = [_thin(clip.evenly_timed().landmarks, longest)[:, joints] for clip in data]
    lengths = torch.tensor([len(clip) for clip in kept], dtype=torch.long)
    longest = int(lengths.max()) if kept else 0
    landmarks = torch.zeros(len(kept), longest, len(joints), 3)
    for place, clip in enumerate(kept):
        landmarks[place, : len(clip)] = torch.from_numpy(np.ascontiguousarray(clip))
    number = {gloss: place for place, gloss in enumerate(vocabulary)}
    glosses = [number.get(gloss or "", -1) for gloss in data.column("gloss")]
    numbers = torch.tensor(glosses, dtype=torch.long)
    return Clips(landmarks, lengths, numbers, tuple(data.column("signer")))


def _thin(landmarks: np.ndarray, longest: int) -> np.ndarray:
    if len(landmarks) <= longest:
        return landmarks
    return landmarks[np.linspace(0, len(landmarks) - 1, longest).round().astype(int)]


def draw_weights(clips: Clips, balance: str) -> Float[Tensor, " clip"]:
    """Give how often each clip is to be drawn; see `TrainConfig.balance`."""
    glosses = clips.glosses.tolist()
    groups = {
        "none": [0 for _ in glosses],
        "gloss": glosses,
        "signer": list(zip(glosses, clips.signers, strict=True)),
    }[balance]
    count = Counter(groups)
    if balance == "none":
        return torch.ones(len(glosses))
    return torch.tensor([count[group] ** -0.5 for group in groups])


def draw(
    clips: Clips, size: int, weights: Float[Tensor, " clip"], rng: Generator
) -> Iterator[Int[Tensor, " batch"]]:
    """Go through one epoch: batches of clip numbers.

    Equal weights give every clip once in random order; otherwise as many clips are
    drawn with replacement.
    """
    if bool((weights == weights[0]).all()):
        order = torch.randperm(len(clips), generator=rng)
    else:
        order = torch.multinomial(weights, len(clips), replacement=True, generator=rng)
    yield from order.split(size)
