"""Corpora for the pre-training: words apart, twins masked, variants made once."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Generator, Tensor

from signnet.clip import nfc
from signnet.clip.shapes import Bool, Float16, Int
from signnet.config import AugmentConfig
from signnet.config.base import BaseConfig
from signnet.dataset import Dataset, Progress, no_progress
from signnet.errors import DatasetError
from signnet.models import FrontEnd
from signnet.training.augment import JointGroups, augment
from signnet.training.batches import Clips, load

__all__ = ["Bank", "is_held_out", "make_bank"]

_PART = 64
"""Clips that are varied together."""


@dataclass(frozen=True)
class Bank:
    """Features of all clips and of their variants, with their words."""

    features: Float16[np.ndarray, "variant clip frame feature"]
    """The first variant is the clip as it is."""

    words: Int[np.ndarray, " clip"]
    """Index of the word in `names`."""

    names: tuple[str, ...]
    """Words as `corpus/gloss`: the same gloss in two corpora is two words."""

    twins: Bool[np.ndarray, "word word"]
    """Words of which one recording was filed under both: neither is wrong for it."""

    clips: Int[np.ndarray, " clip"]
    """Index of each clip among all clips of the corpora, in their order."""

    dropped: int
    """Clips left out: their word is held out or rare, or they show several words."""

    def where(self, chosen: Bool[np.ndarray, " clip"], fewest: int = 2) -> "Bank":
        """Return some of the clips, of words that have enough of them."""
        _, number, counts = np.unique(
            self.words[chosen], return_inverse=True, return_counts=True
        )
        rows = np.flatnonzero(chosen)[counts[number] >= fewest]
        kept, words = np.unique(self.words[rows], return_inverse=True)
        return Bank(
            features=self.features[:, rows],
            words=words,
            names=tuple(self.names[one] for one in kept),
            twins=self.twins[np.ix_(kept, kept)],
            clips=self.clips[rows],
            dropped=self.dropped + len(self.words) - len(rows),
        )


def is_held_out(gloss: str, one_in: int) -> bool:
    """Tell whether a word is kept out of the pre-training, by a hash of its gloss.

    The hash does not change when data are added, so neither do the words kept out.
    """
    if not one_in:
        return False
    return int(hashlib.sha256(nfc(gloss).encode()).hexdigest(), 16) % one_in == 0


def make_bank(
    corpora: Sequence[tuple[str, Dataset]],
    config: BaseConfig,
    seed: int,
    progress: Progress = no_progress,
) -> Bank:
    """Choose the words of several corpora and make the variants of their clips.

    Parameters
    ----------
    corpora
        Names and datasets; clips without a gloss are left out.
    config
        Input, augmentation, and which words to hold out.
    seed
        Seed for the variants.
    progress
        Callback `(done, total)`, counting variants of whole corpora.

    Raises
    ------
    DatasetError
        If fewer than two words are left.
    """
    glosses = [
        (name, gloss) for name, data in corpora for gloss in data.column("gloss")
    ]
    shown = np.array([f"{name}/{gloss}" for name, gloss in glosses])
    prints = np.array([one for _, data in corpora for one in _fingerprints(data)])
    several, pairs = _filed_twice(shown, prints)
    kept = np.array(
        [
            bool(gloss) and not is_held_out(gloss or "", config.pretrain.hold_out)
            for _, gloss in glosses
        ]
    )
    kept &= ~several
    kept = _frequent(shown, kept, config.pretrain.fewest)
    names, words = np.unique(shown[kept], return_inverse=True)
    if len(names) < 2:
        raise DatasetError(
            f"{len(names)} word is left to learn from; give corpora with at least two "
            f"words of {config.pretrain.fewest} clips or more"
        )
    features = _variants(corpora, kept, config, seed, progress)
    twins = _twins(names.tolist(), pairs)
    return Bank(
        features=features,
        words=words,
        names=tuple(names.tolist()),
        twins=twins,
        clips=np.flatnonzero(kept),
        dropped=int((~kept).sum()),
    )


def _fingerprints(data: Dataset) -> list[str]:
    """Hash the hands of each clip, so that copies of a recording are found."""
    hands = slice(33, 75)
    return [
        hashlib.sha256(
            clip.landmarks[:, hands].astype(np.float16).tobytes()
        ).hexdigest()
        for clip in data
    ]


def _filed_twice(
    shown: np.ndarray, prints: np.ndarray
) -> tuple[Bool[np.ndarray, " clip"], set[tuple[str, str]]]:
    """Find clips that stand under several words, and the pairs of those words."""
    filed: dict[str, set[str]] = defaultdict(set)
    for word, fingerprint in zip(shown.tolist(), prints.tolist(), strict=True):
        filed[fingerprint].add(word)
    several = np.array([len(filed[one]) > 1 for one in prints.tolist()])
    pairs = {
        (first, second)
        for words in filed.values()
        for first in words
        for second in words
        if first != second
    }
    return several, pairs


def _frequent(
    shown: np.ndarray, kept: Bool[np.ndarray, " clip"], fewest: int
) -> Bool[np.ndarray, " clip"]:
    """Leave out words that have too few clips left."""
    names, counts = np.unique(shown[kept], return_counts=True)
    return kept & np.isin(shown, names[counts >= fewest])


def _twins(
    names: list[str], pairs: set[tuple[str, str]]
) -> Bool[np.ndarray, "word word"]:
    index = {name: number for number, name in enumerate(names)}
    twins = np.zeros((len(names), len(names)), bool)
    for first, second in pairs:
        if first in index and second in index:
            twins[index[first], index[second]] = True
    return twins


def _variants(
    corpora: Sequence[tuple[str, Dataset]],
    kept: Bool[np.ndarray, " clip"],
    config: BaseConfig,
    seed: int,
    progress: Progress,
) -> Float16[np.ndarray, "variant chosen frame feature"]:
    """Make the features of the clips as they are and of each variant."""
    front = FrontEnd(config.input)
    looks = _augmentations(config)
    made: list[np.ndarray] = []
    start, total = 0, len(corpora) * len(looks)
    for number, (_, data) in enumerate(corpora):
        chosen = torch.from_numpy(kept[start : start + len(data)])
        start += len(data)
        clips = load(data, (), front.joints).where(chosen)
        rng = Generator().manual_seed(seed + number)
        rows: list[np.ndarray] = []
        for look in looks:
            lost = 0.0 if look is looks[0] else config.pretrain.body_drop
            parts = clips.parts(_PART)
            found = [_features(front, part, look, lost, rng) for part in parts]
            rows.append(np.concatenate(found) if found else np.zeros(0))
            progress(number * len(looks) + len(rows), total)
        if len(clips):
            made.append(np.stack(rows))
    return np.concatenate(made, axis=1)


def _augmentations(config: BaseConfig) -> list[AugmentConfig]:
    """List the augmentation of each variant; the first is none, the second mirrors."""
    plain = AugmentConfig(time_scale=(1.0, 1.0), rotation=0.0, noise=0.0)
    varied = [
        replace(config.augment, mirror=float(number % 8 == 0))
        for number in range(config.pretrain.variants)
    ]
    return [plain, *varied]


def _features(
    front: FrontEnd,
    clips: Clips,
    look: AugmentConfig,
    body_drop: float,
    rng: Generator,
) -> Float16[np.ndarray, "clip frame feature"]:
    groups = JointGroups(tuple(front.joints), tuple(front.cuts))
    landmarks, valid = augment(clips.landmarks, clips.lengths, look, groups, rng)
    landmarks = _without_body(landmarks, groups, body_drop, rng)
    with torch.no_grad():
        streams, fresh = front(landmarks, valid)
    return torch.cat([*streams, fresh], dim=-1).half().numpy()


def _without_body(
    landmarks: Tensor, groups: JointGroups, probability: float, rng: Generator
) -> Tensor:
    """Remove the body from some clips that also show a hand."""
    hands = torch.cat([landmarks[:, :, groups.part(part)] for part in (1, 2)], dim=2)
    shows_hand = torch.isfinite(hands[..., 0]).any(2).any(1)
    lost = (torch.rand(len(landmarks), generator=rng) < probability) & shows_hand
    changed = landmarks.clone()
    body = changed[:, :, groups.part(0)]
    body[lost] = torch.nan
    return changed
