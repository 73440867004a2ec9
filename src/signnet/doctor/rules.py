"""Rules that find suspicious clips, each with a sentence about the fault."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from signnet.clip.shapes import Float32
from signnet.doctor.measures import Measures

__all__ = ["Finding", "find_faults", "left_handed"]

# Thresholds lie between the 546 repaired clips of BdSL-55 and 105 real videos on one
# side and the same clips unrepaired, frozen, shuffled or made noisy on the other.
_SAME = 0.01
"""Root mean square distance between the shapes of two clips, in shoulder widths. The
nearest two of 546 different performances are 0.04 apart."""

_LEFT = 0.58
"""The left wrist's share of the movement. Right-handed signers of real clips have
0.2-0.5: many signs use both hands alike."""


@dataclass(frozen=True)
class Finding:
    """Clips that share a fault."""

    kind: str
    """Name of the fault in one word or two."""

    says: str
    """What is wrong, and its effect."""

    clips: tuple[str, ...]
    """Names of the clips."""


@dataclass(frozen=True)
class _Rule:
    says: str
    holds: Callable[[Measures], bool]


_RULES: dict[str, _Rule] = {
    "zeros": _Rule(
        "missing parts are written as zeros instead of NaN: a model takes them for a "
        "position in the picture",
        lambda clip: clip.zeros > 0.01,
    ),
    "swapped hands": _Rule(
        "each hand continues the arm of the other side: left and right are swapped",
        lambda clip: clip.other_arm > 0.5 and clip.other_arm - clip.own_arm > 0.3,
    ),
    "detached hands": _Rule(
        "the hands are not at the ends of the arms: parts were normalised separately",
        lambda clip: clip.detached > 0.35,
    ),
    "wrong aspect": _Rule(
        "faces are too narrow or too wide: x and y were divided by different lengths",
        lambda clip: clip.face > 0 and not 0.7 <= clip.face <= 1.1,
    ),
    "scaled by frame": _Rule(
        "the shoulders are equally wide in all frames: each was scaled by itself, and "
        "the distance to the camera is lost",
        lambda clip: clip.frames > 4 and clip.shoulders_vary < 2e-3,
    ),
    "wrong unit": _Rule(
        "the body is far too large or too small for coordinates in picture heights",
        lambda clip: (
            clip.largest > 20
            or (clip.shoulders > 0 and not 0.02 < clip.shoulders < 1.5)
        ),
    ),
    "mirrored": _Rule(
        "the left shoulder is on the left of the picture: mirrored, or filmed from "
        "behind",
        lambda clip: clip.mirrored > 0.5,
    ),
    "frozen": _Rule(
        "almost no joint moves from frame to frame: the video stood still",
        lambda clip: clip.frames > 1 and clip.frozen > 0.8,
    ),
    "jumping": _Rule(
        "a wrist jumps away and back between frames: the tracker confused hands or "
        "people",
        lambda clip: clip.jumps > 0.05,
    ),
    "noise": _Rule(
        "movement changes direction at random from frame to frame: noise",
        lambda clip: clip.smoothness < -0.3 and clip.moved > 0.1 * clip.frames,
    ),
    "no hands": _Rule(
        "a hand is seen in under a tenth of the frames",
        lambda clip: clip.unseen_hands > 0.9,
    ),
}


def find_faults(clips: Sequence[Measures]) -> tuple[Finding, ...]:
    """Return the clips that break a rule, and those that resemble others too much."""
    found = [
        Finding(kind, rule.says, tuple(one.name for one in clips if rule.holds(one)))
        for kind, rule in _RULES.items()
    ]
    found += _duplicates(clips)
    return tuple(finding for finding in found if finding.clips)


def _duplicates(clips: Sequence[Measures]) -> list[Finding]:
    by_digest: dict[bytes, list[Measures]] = defaultdict(list)
    for clip in clips:
        by_digest[clip.digest].append(clip)
    same = [group for group in by_digest.values() if len(group) > 1]
    near = [[clips[one], clips[other]] for one, other in _near(clips)]
    differ = [g for g in (*near, *same) if len({clip.gloss for clip in g}) > 1]
    return [
        Finding(
            "duplicates",
            "the landmarks equal those of another clip, byte for byte",
            _names(same),
        ),
        Finding(
            "near-duplicates",
            "the movement nearly equals that of another clip: the same recording twice",
            _names(near),
        ),
        Finding(
            "one recording, two glosses",
            "the same or nearly the same recording has another gloss elsewhere",
            _names(differ),
        ),
    ]


def _names(groups: Iterable[Sequence[Measures]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clip.name for group in groups for clip in group))


def _near(clips: Sequence[Measures]) -> list[tuple[int, int]]:
    """List pairs of clips whose shapes are nearly, but not exactly, the same."""
    shapes = np.stack([clip.shape for clip in clips])
    limit = _SAME**2 * shapes.shape[1] / 2
    return [
        (one, other)
        for one, other in _close_pairs(shapes, limit)
        if clips[one].digest != clips[other].digest
        and np.sum((shapes[one] - shapes[other]) ** 2) < limit
    ]


def _close_pairs(
    shapes: Float32[np.ndarray, "clip number"], limit: float
) -> Iterator[tuple[int, int]]:
    """Yield pairs whose squared distance may be below a limit; empty shapes have none.

    The distances of 512 clips to all others are one matrix product, whose rounding
    errors the margin allows for.
    """
    seen = np.any(shapes, axis=1)
    squares = (shapes**2).sum(axis=1)
    for start in range(0, len(shapes), 512):
        block = shapes[start : start + 512]
        apart = squares[start : start + 512, None] + squares - 2 * block @ shapes.T
        close = np.argwhere(np.less(apart, limit + 1e-6 * squares))
        for row, other in close.tolist():
            if start + row < other and seen[start + row]:
                yield start + row, other


def left_handed(clips: Sequence[Measures]) -> dict[str, float]:
    """Return the signers who lead with the left hand, with its share of the movement.

    A signer needs five clips or more.
    """
    shares: dict[str, list[float]] = defaultdict(list)
    for clip in clips:
        if clip.signer and np.isfinite(clip.left_share):
            shares[clip.signer].append(clip.left_share)
    means = {who: float(np.mean(all_)) for who, all_ in shares.items() if len(all_) > 4}
    return {who: mean for who, mean in sorted(means.items()) if mean > _LEFT}
