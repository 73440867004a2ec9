"""Augmentation: random but repeatable variation of whole batches, as tensors.

Each function takes landmarks [batch, time, joint, 3] in picture heights with NaN where
unseen, and a generator. Those that return none change the ones they are given, which
`vary_time` has made: copies would take as long as all the rest. Shifts are in shoulder
widths of each clip, so that a signer near the camera is varied as much as one far away.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Generator, Tensor

from signnet.clip.shapes import Bool, Float, Int
from signnet.config import AugmentConfig
from signnet.skeleton import MIRROR, index

__all__ = ["JointGroups", "augment"]

Batch = Float[Tensor, "batch time joint 3"]


@dataclass(frozen=True)
class JointGroups:
    """Positions of the parts among the joints that a network reads."""

    joints: tuple[int, ...]
    """Indices on the full joint axis, parts in the order pose, left, right, face."""

    cuts: tuple[int, ...]
    """Five indices: the start of each part, and the end."""

    def part(self, number: int) -> slice:
        """Slice of the pose (0), left hand (1), right hand (2) or face (3)."""
        return slice(self.cuts[number], self.cuts[number + 1])

    def mirrored(self) -> list[int]:
        """Return for each joint the index of the opposite one."""
        indices = {joint: own for own, joint in enumerate(self.joints)}
        return [
            indices.get(MIRROR[joint], own) for own, joint in enumerate(self.joints)
        ]

    def neighbours(self) -> list[int]:
        """Return for each joint the index of one beside it, of the same part."""
        indices = list(range(-1, len(self.joints) - 1))
        for start, stop in pairwise(self.cuts):
            indices[start] = min(start + 1, stop - 1)
        return indices

    def at(self, *names: str) -> list[int]:
        """Return the indices of joints by name."""
        indices = {joint: own for own, joint in enumerate(self.joints)}
        return [indices[index(name)] for name in names]


def augment(
    landmarks: Batch,
    lengths: Int[Tensor, " batch"],
    config: AugmentConfig,
    groups: JointGroups,
    rng: Generator,
) -> tuple[Batch, Bool[Tensor, "batch time"]]:
    """Draw one plausible variant of each clip; return it and its valid frames."""
    width = shoulder_widths(landmarks, lengths, groups)
    landmarks, valid = vary_time(landmarks, lengths, config, rng)
    if config.mirror:
        landmarks = mirror_some(landmarks, config.mirror, groups, rng)
    turn_hands(landmarks, config, groups, rng)
    if config.arm_shift:
        shift_arms(landmarks, width, config.arm_shift, groups, rng)
    move_camera(landmarks, width, config, rng)
    if config.noise:
        jitter = torch.randn(landmarks.shape, generator=rng)
        landmarks += jitter.mul_((config.noise * width)[:, None, None, None])
    if config.joint_drop:
        drop_joints(landmarks, config.joint_drop, groups, rng)
    if config.span_drop:
        drop_spans(landmarks, lengths, config.span_drop, groups, rng)
    return landmarks, valid


def _uniform(rng: Generator, *shape: int) -> Tensor:
    """Draw numbers between -1 and 1."""
    return 2 * torch.rand(shape, generator=rng) - 1


def shoulder_widths(
    landmarks: Batch, lengths: Int[Tensor, " batch"], groups: JointGroups
) -> Float[Tensor, " batch"]:
    """Return each clip's mean shoulder width; without a body four palm lengths."""
    palms = [groups.part(number).start for number in (1, 2)]
    ends = groups.at("left_shoulder") + [wrist + 9 for wrist in palms]
    starts = groups.at("right_shoulder") + palms
    points = [landmarks.index_select(2, torch.tensor(one)) for one in (ends, starts)]
    apart = (points[0] - points[1])[..., :2].norm(dim=-1)
    padding = torch.arange(landmarks.shape[1]) >= lengths[:, None]
    apart = apart.masked_fill(padding[:, :, None], math.nan)
    width = apart[:, :, 0].nanmean(1)
    guessed = 4 * apart[:, :, 1:].nanmean((1, 2))
    return torch.nan_to_num(torch.where(width.isnan(), guessed, width), nan=0.3)


def vary_time(
    landmarks: Batch,
    lengths: Int[Tensor, " batch"],
    config: AugmentConfig,
    rng: Generator,
) -> tuple[Batch, Bool[Tensor, "batch time"]]:
    """Change tempo, cut the ends, warp locally and drop frames.

    A tempo below 1 shows only a stretch of the clip, slower; above 1 the clip's ends
    stand still for a while. Frames are taken by the nearest, never mixed, so that a
    landmark is either measured or missing.
    """
    batch, frames = landmarks.shape[:2]
    low, high = config.time_scale
    tempo = low + (high - low) * torch.rand(batch, 1, generator=rng)
    start = (1 - tempo) * torch.rand(batch, 1, generator=rng)
    if config.time_warp:
        knots = torch.exp(config.time_warp * torch.randn(batch, 1, 8, generator=rng))
        speed = torch.nn.functional.interpolate(knots, size=frames, mode="linear")[:, 0]
        path = speed.cumsum(1)
        path = (path - path[:, :1]) / (path[:, -1:] - path[:, :1]).clamp_min(1e-6)
    else:
        path = torch.linspace(0, 1, frames).expand(batch, -1)
    keep = 1 - config.frame_drop * torch.rand(batch, generator=rng)
    count = (lengths * keep).round().clamp(2, frames)
    path = _read_at(path, torch.arange(frames) / (count[:, None] - 1).clamp_min(1))
    position = ((start + tempo * path).clamp(0, 1) * (lengths[:, None] - 1)).round()
    valid = torch.arange(frames) < count[:, None]
    row = position.long() + frames * torch.arange(batch)[:, None]
    chosen = landmarks.flatten(0, 1).index_select(0, row.flatten())
    return chosen.view_as(landmarks), valid


def _read_at(
    path: Float[Tensor, "batch time"], position: Float[Tensor, "batch time"]
) -> Float[Tensor, "batch time"]:
    """Interpolate a path linearly at positions 0 (start) to 1 (end)."""
    position = position.clamp_max(1) * (path.shape[1] - 1)
    before = position.floor()
    start = path.gather(1, before.long())
    end = path.gather(1, position.ceil().long())
    return start + (end - start) * (position - before)


def mirror_some(
    landmarks: Batch, probability: float, groups: JointGroups, rng: Generator
) -> Batch:
    """Mirror some of the clips, as signed by a signer of the other handedness."""
    chosen = torch.rand(len(landmarks), generator=rng) < probability
    flipped = landmarks[:, :, groups.mirrored()] * torch.tensor([-1.0, 1, 1])
    return torch.where(chosen[:, None, None, None], flipped, landmarks)


def _planar(radians: Float[Tensor, " batch"]) -> Float[Tensor, "batch 2 2"]:
    """Return matrices that rotate the first axis towards the second."""
    cos, sin = radians.cos(), radians.sin()
    return torch.stack([cos, -sin, sin, cos], dim=-1).unflatten(-1, (2, 2))


def _about(
    axis: int, radians: Float[Tensor, " batch"]
) -> Float[Tensor, "batch xyz xyz"]:
    """Return matrices that rotate about x (0), y (1) or z (2)."""
    plane = [(axis + 1) % 3, (axis + 2) % 3]
    made = torch.eye(3).repeat(len(radians), 1, 1)
    made[:, torch.tensor(plane)[:, None], plane] = _planar(radians)
    return made


def turn_hands(
    landmarks: Batch, config: AugmentConfig, groups: JointGroups, rng: Generator
) -> None:
    """Turn, tilt and scale each hand about its wrist, the same in all frames of a clip.

    The tilt turns the hand in depth, about the horizontal and the vertical axis, as
    another signer's habit or another position of the camera does. A hand without depth
    is taken as flat.
    """
    if not (config.hand_rotation or config.hand_scale or config.hand_tilt):
        return
    batch = len(landmarks)
    for number in (1, 2):
        part = landmarks[:, :, groups.part(number)]
        wrist = part[:, :, :1].clone()
        hand = part - wrist
        hand[..., 2].nan_to_num_()
        turn = _about(2, _uniform(rng, batch) * math.radians(config.hand_rotation))
        size = 1 + config.hand_scale * _uniform(rng, batch, 1, 1)
        if config.hand_tilt:
            for axis in (0, 1):
                tilt = _uniform(rng, batch) * math.radians(config.hand_tilt)
                turn = turn @ _about(axis, tilt)
        torch.add(_each(turn * size, hand), wrist, out=part)


def _each(
    matrices: Float[Tensor, "batch n n"], points: Float[Tensor, "batch time joint n"]
) -> Float[Tensor, "batch time joint n"]:
    """Apply each clip's matrix to all its points."""
    return (points.flatten(1, 2) @ matrices.mT).view(points.shape)


def shift_arms(
    landmarks: Batch,
    width: Float[Tensor, " batch"],
    strength: float,
    groups: JointGroups,
    rng: Generator,
) -> None:
    """Move each hand with its wrist, and the elbow by half, against the trunk."""
    moved = torch.zeros(len(landmarks), 1, len(groups.joints), 3)
    for part, side in ((1, "left"), (2, "right")):
        step = (
            _uniform(rng, len(landmarks), 1, 1, 2)
            * (strength * width)[:, None, None, None]
        )
        step = torch.nn.functional.pad(step, (0, 1))
        ends = [f"{side}_{name}" for name in ("wrist", "pinky", "index", "thumb")]
        moved[:, :, groups.at(*ends)] = step
        moved[:, :, groups.at(f"{side}_elbow")] = step / 2
        moved[:, :, groups.part(part)] = step
    landmarks += moved


def move_camera(
    landmarks: Batch, width: Tensor, config: AugmentConfig, rng: Generator
) -> None:
    """Turn, stretch, shear and shift the picture, the same in all frames of a clip."""
    batch = len(landmarks)
    turn = _planar(_uniform(rng, batch) * math.radians(config.rotation))
    size = 1 + config.scale * _uniform(rng, batch, 2, 1)
    slant = torch.eye(2).repeat(batch, 1, 1)
    slant[:, 0, 1] = config.shear * _uniform(rng, batch)
    shift = config.shift * width[:, None, None, None] * _uniform(rng, batch, 1, 1, 2)
    plane = landmarks[..., :2]
    torch.add(_each(slant @ (size * turn), plane), shift, out=plane)


def drop_joints(
    landmarks: Batch, probability: float, groups: JointGroups, rng: Generator
) -> None:
    """Move some joints onto a neighbour for a whole clip.

    A tracker never loses a single joint of a part, so a lost one is not NaN: it takes
    the coordinates of a neighbour in the same part and so carries no information.
    """
    batch, _, joints, _ = landmarks.shape
    lost = torch.rand(batch, joints, generator=rng) < probability
    clip, joint = lost.nonzero(as_tuple=True)
    beside = torch.tensor(groups.neighbours())[joint]
    landmarks[clip, :, joint] = landmarks[clip, :, beside]


def drop_spans(
    landmarks: Batch,
    lengths: Int[Tensor, " batch"],
    probability: float,
    groups: JointGroups,
    rng: Generator,
) -> None:
    """Lose a hand or the face for a stretch of up to a third of the clip."""
    batch, frames = landmarks.shape[:2]
    time = torch.arange(frames)
    for number in (1, 2, 3):
        hit = torch.rand(batch, generator=rng) < probability
        start = torch.rand(batch, generator=rng) * lengths
        stop = start + torch.rand(batch, generator=rng) * lengths / 3
        gone = (time >= start[:, None]) & (time < stop[:, None]) & hit[:, None]
        part = landmarks[:, :, groups.part(number)]
        part.masked_fill_(gone[:, :, None, None], math.nan)
