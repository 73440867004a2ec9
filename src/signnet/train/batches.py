"""Clips with their labels, padded to one length, drawn in batches.

They are in memory, or stay in their files if they are too many; the training does not
see the difference.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from signnet.clip import Clip
from signnet.dataset import Dataset

__all__ = ["AnyClips", "Clips", "StoredClips", "draw", "load"]

IN_MEMORY = 256 * 2**20
"""Bytes of a padded tensor up to which stored clips are read into memory."""

BLOCK = 64 * 2**20
"""Bytes of clips that are shuffled together; they come from random row groups."""


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

    def take(self, places: Int[Tensor, " taken"]) -> "Clips":
        """Give the clips at these places, in this order."""
        signers = tuple(self.signers[place] for place in places.tolist())
        return Clips(
            self.landmarks[places], self.lengths[places], self.glosses[places], signers
        )

    def parts(self, size: int) -> Iterator["Clips"]:
        """Go through all clips in order, so many at a time."""
        for places in torch.arange(len(self)).split(size):
            yield self.take(places)

    def batches(
        self, size: int, weights: Float[Tensor, " clip"], rng: Generator
    ) -> Iterator["Clips"]:
        """Go through one epoch in random order; see `draw`."""
        for places in draw(self, size, weights, rng):
            batch = self.take(places)
            yield replace(batch, landmarks=batch.landmarks[:, : batch.lengths.max()])


@dataclass(frozen=True)
class StoredClips:
    """Clips that are read from their files whenever they are asked for.

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
        places = chosen.nonzero()[:, 0]
        return replace(
            self,
            data=self.data.at(places.tolist()),
            glosses=self.glosses[places],
            signers=tuple(self.signers[place] for place in places.tolist()),
        )

    def take(self, places: Int[Tensor, " taken"]) -> Clips:
        """Read the clips at these places, in this order."""
        wanted = torch.bincount(places, minlength=len(self))
        found = dict(self._read(self._groups_of(places), wanted))
        return self._together([(place, found[place]) for place in places.tolist()])

    def parts(self, size: int) -> Iterator[Clips]:
        """Go through all clips in order, so many at a time."""
        held = list[_Look]()
        for look in self._read(self.data.groups, torch.ones(len(self))):
            held.append(look)
            if len(held) == size:
                yield self._together(held)
                held = []
        if held:
            yield self._together(held)

    def batches(
        self, size: int, weights: Float[Tensor, " clip"], rng: Generator
    ) -> Iterator[Clips]:
        """Go through one epoch in an order that is random in groups and blocks.

        Each clip comes as often as `draw` would have it.
        """
        times = torch.zeros(len(self), dtype=torch.long)
        for places in draw(self, size, weights, rng):
            times += torch.bincount(places, minlength=len(self))
        order = torch.randperm(len(self.data.groups), generator=rng)
        groups = [self.data.groups[group] for group in order]
        left = list[_Look]()
        for block in self._blocks(groups, times):
            mixed = torch.randperm(len(block), generator=rng).tolist()
            left += [block[place] for place in mixed]
            while len(left) >= size:
                yield self._together(left[:size])
                left = left[size:]
        if left:
            yield self._together(left)

    def _blocks(
        self, groups: Iterable[Sequence[int]], times: Tensor
    ) -> Iterator[list["_Look"]]:
        block, used = list[_Look](), 0
        for look in self._read(groups, times):
            block.append(look)
            used += look[1].nbytes
            if used >= BLOCK:
                yield block
                block, used = [], 0
        yield block

    def _read(
        self, groups: Iterable[Sequence[int]], times: Tensor
    ) -> Iterator["_Look"]:
        """Decode the clips of groups as often as asked for."""
        for group in groups:
            wanted = [(place, int(times[place])) for place in group if times[place]]
            clips = self.data.read([place for place, _ in wanted])
            for (place, count), clip in zip(wanted, clips, strict=True):
                half = _chosen(clip, self.joints, self.longest).astype(np.float16)
                yield from [(place, half)] * count

    def _groups_of(self, places: Tensor) -> list[range]:
        starts = torch.tensor([group.start for group in self.data.groups])
        numbers = torch.searchsorted(starts, places, right=True) - 1
        return [self.data.groups[number] for number in numbers.unique()]

    def _together(self, looks: Sequence["_Look"]) -> Clips:
        places = torch.tensor([place for place, _ in looks])
        landmarks, lengths = _padded([clip for _, clip in looks])
        signers = tuple(self.signers[place] for place, _ in looks)
        return Clips(landmarks, lengths, self.glosses[places], signers)


_Look = tuple[int, np.ndarray]
"""A clip's place and its joints in half precision, as they are stored."""

AnyClips = Clips | StoredClips


def load(
    data: Dataset, vocabulary: tuple[str, ...], joints: list[int], longest: int = 256
) -> AnyClips:
    """Decode the joints asked for of all clips, or leave them where they are.

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

    Returns
    -------
    AnyClips
        `StoredClips` if the dataset is not in memory and would not fit as a tensor.
    """
    number = {gloss: place for place, gloss in enumerate(vocabulary)}
    glosses = [number.get(gloss or "", -1) for gloss in data.column("gloss")]
    numbers = torch.tensor(glosses, dtype=torch.long)
    signers = tuple(data.column("signer"))
    if data.files and _padded_bytes(data, joints, longest) > IN_MEMORY:
        return StoredClips(data, joints, longest, numbers, signers)
    kept = [_chosen(clip, joints, longest) for clip in data]
    return Clips(*_padded(kept), numbers, signers)


def _padded_bytes(data: Dataset, joints: list[int], longest: int) -> int:
    frames = data.table["frames"].to_pylist()
    return len(data) * min(longest, max(frames)) * len(joints) * 3 * 4


def _padded(
    clips: Sequence[np.ndarray],
) -> tuple[Float[Tensor, "clip time joint 3"], Int[Tensor, " clip"]]:
    lengths = torch.tensor([len(clip) for clip in clips], dtype=torch.long)
    longest = int(lengths.max()) if clips else 0
    joints = clips[0].shape[1] if clips else 0
    landmarks = torch.zeros(len(clips), longest, joints, 3)
    for place, clip in enumerate(clips):
        landmarks[place, : len(clip)] = torch.from_numpy(np.ascontiguousarray(clip))
    return landmarks, lengths


def _chosen(clip: Clip, joints: list[int], longest: int) -> np.ndarray:
    """Give the joints asked for on an even beat, in no more frames than `longest`."""
    landmarks = clip.evenly_timed().landmarks
    if len(landmarks) > longest:
        places = np.linspace(0, len(landmarks) - 1, longest).round().astype(int)
        landmarks = landmarks[places]
    return landmarks[:, joints]


def draw_weights(clips: AnyClips, balance: str) -> Float[Tensor, " clip"]:
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
    clips: AnyClips, size: int, weights: Float[Tensor, " clip"], rng: Generator
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
