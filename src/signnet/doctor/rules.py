"""What is suspicious about clips, said in one sentence each."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from signnet.doctor.measures import Signs

__all__ = ["Finding", "find", "left_handed"]

# Thresholds lie between the 546 repaired clips of BdSL-55 and 105 real videos on one
# side and the same clips unrepaired, frozen, shuffled or made noisy on the other.
_SAME = 0.01
"""Shoulder widths between the shapes of two clips, root mean square. The nearest two
of 546 different performances are 0.04 apart."""


_LEFT = 0.58
"""The left wrist's share of the way. Right-handed signers of real clips have 0.2-0.5:
many signs use both hands alike."""


@dataclass(frozen=True)
class Finding:
    """Clips that share a fault."""

    kind: str
    """Its name in one word or two."""

    says: str
    """What it means and what to do."""

    clips: tuple[str, ...]
    """The clips, by name."""


@dataclass(frozen=True)
class _Rule:
    says: str
    holds: Callable[[Signs], bool]


_RULES: dict[str, _Rule] = {
    "zeros": _Rule(
        "missing parts are written as zeros instead of NaN: a model takes them for a "
        "place in the picture",
        lambda signs: signs.zeros > 0.01,
    ),
    "swapped hands": _Rule(
        "the hands continue the arm of the other side: left and right are exchanged",
        lambda signs: signs.other_arm > 0.5 and signs.other_arm - signs.own_arm > 0.3,
    ),
    "detached hands": _Rule(
        "the hands do not lie at the ends of the arms: parts were normalised apart",
        lambda signs: signs.detached > 0.35,
    ),
    "wrong aspect": _Rule(
        "faces are too narrow or too wide: x and y were divided by different lengths",
        lambda signs: not 0.7 <= (signs.face if signs.face > 0 else 0.87) <= 1.1,
    ),
    "scaled by frame": _Rule(
        "the shoulders are equally wide in all frames: each was scaled by itself, and "
        "the distance to the camera is lost",
        lambda signs: signs.frames > 4 and signs.shoulders_vary < 2e-3,
    ),
    "wrong unit": _Rule(
        "the body is far too large or small for picture heights",
        lambda signs: signs.largest > 20 or not (0.02 < _or_one(signs) < 1.5),
    ),
    "mirrored": _Rule(
        "the left shoulder is left in the picture: mirrored, or seen from behind",
        lambda signs: signs.mirrored > 0.5,
    ),
    "frozen": _Rule(
        "hardly a joint moves from frame to frame: the film stood still",
        lambda signs: signs.frames > 1 and signs.frozen > 0.8,
    ),
    "jumping": _Rule(
        "a wrist leaps away and back between frames: the tracker confused hands or "
        "people",
        lambda signs: signs.jumps > 0.05,
    ),
    "noise": _Rule(
        "steps do not follow one another: noise instead of movement",
        lambda signs: signs.smoothness < -0.3 and signs.moved > 0.1 * signs.frames,
    ),
    "no hands": _Rule(
        "a hand is seen in under a tenth of the frames",
        lambda signs: signs.unseen_hands > 0.9,
    ),
}


def _or_one(signs: Signs) -> float:
    return signs.shoulders if signs.shoulders > 0 else 0.5


def find(signs: Sequence[Signs]) -> tuple[Finding, ...]:
    """Name the clips that break a rule, and those that resemble each other too much."""
    found = [
        Finding(kind, rule.says, tuple(one.name for one in signs if rule.holds(one)))
        for kind, rule in _RULES.items()
    ]
    found += _duplicates(signs)
    return tuple(finding for finding in found if finding.clips)


def _duplicates(signs: Sequence[Signs]) -> list[Finding]:
    by_digest: dict[bytes, list[Signs]] = defaultdict(list)
    for sign in signs:
        by_digest[sign.digest].append(sign)
    same = [group for group in by_digest.values() if len(group) > 1]
    near = [[signs[one], signs[other]] for one, other in _near(signs)]
    differ = [g for g in (*near, *same) if len({sign.gloss for sign in g}) > 1]
    return [
        Finding(
            "duplicates",
            "the landmarks are those of another clip, byte for byte",
            _names(same),
        ),
        Finding(
            "near-duplicates",
            "the movement is nearly that of another clip: one recording twice",
            _names(near),
        ),
        Finding(
            "one recording, two glosses",
            "the same recording, or nearly, has another gloss elsewhere",
            _names(differ),
        ),
    ]


def _names(groups: Iterable[Sequence[Signs]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sign.name for group in groups for sign in group))


def _near(signs: Sequence[Signs]) -> list[tuple[int, int]]:
    """List pairs of clips whose shapes are nearly, but not exactly, the same."""
    shapes = np.stack([sign.shape for sign in signs])
    bare: list[bool] = (~np.any(shapes, axis=1)).tolist()
    lengths = (shapes**2).sum(axis=1)
    limit = _SAME**2 * shapes.shape[1] / 2
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(shapes), 512):
        block = shapes[start : start + 512]
        apart = lengths[start : start + 512, None] + lengths - 2 * block @ shapes.T
        close = np.argwhere(np.less(apart, limit + 1e-6 * lengths))
        pairs += [
            (start + row, column)
            for row, column in close.tolist()
            if start + row < column and not bare[start + row]
        ]
    return [
        (one, other)
        for one, other in pairs
        if signs[one].digest != signs[other].digest
        and np.sum((shapes[one] - shapes[other]) ** 2) < limit
    ]


def left_handed(signs: Sequence[Signs]) -> dict[str, float]:
    """Give, for signers who lead with the left hand, its mean share of the movement.

    With fewer than five clips of a signer nothing is said.
    """
    shares: dict[str, list[float]] = defaultdict(list)
    for sign in signs:
        if sign.signer and np.isfinite(sign.left_share):
            shares[sign.signer].append(sign.left_share)
    means = {who: float(np.mean(all_)) for who, all_ in shares.items() if len(all_) > 4}
    return {who: mean for who, mean in sorted(means.items()) if mean > _LEFT}
