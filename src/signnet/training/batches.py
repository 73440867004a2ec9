"""Training clips with their labels, padded to one length and drawn in batches.

They are in memory, or stay in their files if they are too many; both kinds have the
same methods.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Generator, Tensor

from signnet.clip import Clip
from signnet.clip.shapes import Bool, Float, Int
from signnet.dataset import Dataset

__all__ = ["AnyClips", "Clips", "StoredClips", "draw", "load"]

IN_MEMORY = 256 * 2**20
"""Bytes of a padded tensor up to which stored clips are read into memory."""

BLOCK = 64 * 2**20
"""Bytes of clips that are shuffled together, from random row groups."""


@dataclass(frozen=True)
class Clips:
    """Landmarks of many clips as one tensor, with their labels."""

    landmarks: Float[Tensor, "clip time joint 3"]
    """Only the selected joints, in picture heights; zero after a clip's end."""

    lengths: Int[Tensor, " clip"]
    glosses: Int[Tensor, " clip"]
    """Indices in the vocabulary; -1 where the gloss is not in it."""

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

    def take(self, indices: Int[Tensor, " taken"]) -> "Clips":
        """Return the clips at these indices, in this order."""
        signers = tuple(self.signers[index] for index in indices.tolist())
        return Clips(
            self.landmarks[indices],
            self.lengths[indices],
            self.glosses[indices],
            signers,
        )

    def parts(self, size: int) -> Iterator["Clips"]:
        """Iterate over all clips in order, `size` at a time."""
        for indices in torch.arange(len(self)).split(size):
            yield self.take(indices)

    def batches(
        self, size: int, weights: Float[Tensor, " clip"], rng: Generator
    ) -> Iterator["Clips"]:
        """Iterate over one epoch in random order; see `draw`."""
        for indices in draw(self, size, weights, rng):
            batch = self.take(indices)
            yield replace(batch, landmarks=batch.landmarks[:, : batch.lengths.max()])


@dataclass(frozen=True)
class StoredClips:
    """Clips that are read from their files when they are needed.

    The methods are those of `Clips`. Memory holds the labels, one row group and the
    block that is being shuffled.
    """

    data: Dataset
    joints: list[int]
    longest: int
    glosses: Int[Tensor, " clip"]
    signers: tuple[str | None, ...]

    def __len__(self) -> int:
        """Count the clips."""
        return len(self.data)

    def where(self, chosen: Bool[Tensor, " clip"]) -> "StoredClips":
        """Keep the chosen clips."""
        indices = chosen.nonzero()[:, 0]
        return replace(
            self,
            data=self.data.at(indices.tolist()),
            glosses=self.glosses[indices],
            signers=tuple(self.signers[index] for index in indices.tolist()),
        )

    def take(self, indices: Int[Tensor, " taken"]) -> Clips:
        """Read the clips at these indices, in this order."""
        wanted = torch.bincount(indices, minlength=len(self))
        found = dict(self._read(self._groups_of(indices), wanted))
        return self._padded_clips([(index, found[index]) for index in indices.tolist()])

    def parts(self, size: int) -> Iterator[Clips]:
        """Iterate over all clips in order, `size` at a time."""
        held = list[_StoredClip]()
        for clip in self._read(self.data.groups, torch.ones(len(self))):
            held.append(clip)
            if len(held) == size:
                yield self._padded_clips(held)
                held = []
        if held:
            yield self._padded_clips(held)

    def batches(
        self, size: int, weights: Float[Tensor, " clip"], rng: Generator
    ) -> Iterator[Clips]:
        """Iterate over one epoch in an order that is random in groups and blocks.

        Each clip comes as often as `draw` draws it.
        """
        times = torch.zeros(len(self), dtype=torch.long)
        for indices in draw(self, size, weights, rng):
            times += torch.bincount(indices, minlength=len(self))
        order = torch.randperm(len(self.data.groups), generator=rng)
        groups = [self.data.groups[group] for group in order]
        left = list[_StoredClip]()
        for block in self._blocks(groups, times):
            mixed = torch.randperm(len(block), generator=rng).tolist()
            left += [block[index] for index in mixed]
            while len(left) >= size:
                yield self._padded_clips(left[:size])
                left = left[size:]
        if left:
            yield self._padded_clips(left)

    def _blocks(
        self, groups: Iterable[Sequence[int]], times: Tensor
    ) -> Iterator[list["_StoredClip"]]:
        block, used = list[_StoredClip](), 0
        for clip in self._read(groups, times):
            block.append(clip)
            used += clip[1].nbytes
            if used >= BLOCK:
                yield block
                block, used = [], 0
        yield block

    def _read(
        self, groups: Iterable[Sequence[int]], times: Tensor
    ) -> Iterator["_StoredClip"]:
        """Decode the clips of row groups, each `times` times."""
        for group in groups:
            wanted = [(index, int(times[index])) for index in group if times[index]]
            clips = self.data.read([index for index, _ in wanted])
            for (index, count), clip in zip(wanted, clips, strict=True):
                half = _chosen(clip, self.joints, self.longest).astype(np.float16)
                yield from [(index, half)] * count

    def _groups_of(self, indices: Tensor) -> list[range]:
        starts = torch.tensor([group.start for group in self.data.groups])
        numbers = torch.searchsorted(starts, indices, right=True) - 1
        return [self.data.groups[number] for number in numbers.unique()]

    def _padded_clips(self, stored: Sequence["_StoredClip"]) -> Clips:
        indices = torch.tensor([index for index, _ in stored])
        landmarks, lengths = _padded([clip for _, clip in stored])
        signers = tuple(self.signers[index] for index, _ in stored)
        return Clips(landmarks, lengths, self.glosses[indices], signers)


_StoredClip = tuple[int, np.ndarray]
"""Index of a clip and its joints, float16[time, joint, 3]."""

AnyClips = Clips | StoredClips


def load(
    data: Dataset, vocabulary: tuple[str, ...], joints: list[int], longest: int = 256
) -> AnyClips:
    """Load the selected joints as one padded tensor, or return a reader.

    Parameters
    ----------
    data
        The clips.
    vocabulary
        The model's glosses in order.
    joints
        Indices on the full joint axis.
    longest
        Frames to which a longer clip is thinned out evenly.

    Returns
    -------
    AnyClips
        `StoredClips` if the dataset is not in memory and would not fit as a tensor.
    """
    number = {gloss: index for index, gloss in enumerate(vocabulary)}
    glosses = [number.get(gloss or "", -1) for gloss in data.column("gloss")]
    numbers = torch.tensor(glosses, dtype=torch.long)
    signers = tuple(data.column("signer"))
    if data.files and _padded_bytes(data, joints, longest) > IN_MEMORY:
        return StoredClips(data, joints, longest, numbers, signers)
    kept = [_chosen(clip, joints, longest) for clip in data]
    return Clips(*_padded(kept), numbers, signers)


def _padded_bytes(data: Dataset, joints: list[int], longest: int) -> int:
    frames = data.table["frames"].to_pylist()
    return len(data) * min(longest, max(frames, default=0)) * len(joints) * 3 * 4


def _padded(
    clips: Sequence[np.ndarray],
) -> tuple[Float[Tensor, "clip time joint 3"], Int[Tensor, " clip"]]:
    lengths = torch.tensor([len(clip) for clip in clips], dtype=torch.long)
    longest = int(lengths.max()) if clips else 0
    joints = clips[0].shape[1] if clips else 0
    landmarks = torch.zeros(len(clips), longest, joints, 3)
    for index, clip in enumerate(clips):
        landmarks[index, : len(clip)] = torch.from_numpy(np.ascontiguousarray(clip))
    return landmarks, lengths


def _chosen(clip: Clip, joints: list[int], longest: int) -> np.ndarray:
    """Return the selected joints at even times, in no more frames than `longest`."""
    landmarks = clip.evenly_timed().landmarks
    if len(landmarks) > longest:
        indices = np.linspace(0, len(landmarks) - 1, longest).round().astype(int)
        landmarks = landmarks[indices]
    return landmarks[:, joints]


def draw_weights(clips: AnyClips, balance: str) -> Float[Tensor, " clip"]:
    """Return how often each clip is drawn, relatively; see `TrainConfig.balance`."""
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
    clips: AnyClips, size: int, weights: Float[Tensor, " clip"], rng: Generator
) -> Iterator[Int[Tensor, " batch"]]:
    """Iterate over one epoch: batches of clip indices.

    Equal weights give every clip once in random order; otherwise as many clips are
    drawn with replacement.
    """
    if bool((weights == weights[0]).all()):
        order = torch.randperm(len(clips), generator=rng)
    else:
        order = torch.multinomial(weights, len(clips), replacement=True, generator=rng)
    yield from order.split(size)
