"""The network's first layer: raw landmarks in, resampled and centred streams out.

Everything that must be the same in training, on the command line, in the server and
in the browser happens here and so inside the exported graph: selecting joints, cutting
off the frames before and after the hands are seen, filling gaps, resampling in time,
centring and scaling. The ONNX exporter knows all operations used.
"""

from itertools import combinations

import torch
from torch import Tensor, nn

from signnet.clip.shapes import Bool, Float
from signnet.config import ModelConfig
from signnet.models.resampling import neighbours, resample
from signnet.skeleton import BROWS, EYES, FINGERTIPS, LIPS, NOSE, PARTS, index

__all__ = ["FrontEnd", "chosen_joints"]

POSE_JOINTS = 25
"""The pose without the legs."""

ARMS = (0, *range(11, 23))
"""Joints of the pose: nose, shoulders, elbows, wrists and its points of the hands."""

_PALM_SPAN = (0, *FINGERTIPS)
"""The size of a hand is the mean distance of these joints from their centre."""

_HAND_PER_SHOULDER = 0.16
"""Size of a hand by shoulder width (median of bdsl55), where no body is seen."""


def chosen_joints(config: ModelConfig) -> dict[str, list[int]]:
    """List, by part, the joints that the network reads."""
    face = sorted({*LIPS, *EYES, *BROWS, *NOSE})
    if config.full_face:
        face = list(range(PARTS["face"].count))
    return {
        "pose": list(range(POSE_JOINTS)),
        "left_hand": list(range(33, 54)),
        "right_hand": list(range(54, 75)),
        "face": [PARTS["face"].start + joint for joint in face],
    }


class FrontEnd(nn.Module):
    """Turns raw landmarks into streams of equal length without gaps."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.axes = 3 if config.depth else 2
        by_part = chosen_joints(config)
        if "face" not in config.streams:
            by_part["face"] = by_part["face"][:1]
        self.joints = [joint for part in by_part.values() for joint in part]
        """Indices on the full joint axis of the joints that `forward` expects."""
        self.shown_pose = list(ARMS if config.arms_only else range(POSE_JOINTS))
        counts = [len(joints) for joints in by_part.values()]
        self.cuts = [sum(counts[:part]) for part in range(len(counts) + 1)]
        face = by_part["face"]
        self.nose_in_face = face.index(76) if 76 in face else 0

    @property
    def stream_sizes(self) -> dict[str, int]:
        """Number of features of each stream, in the order of `forward`."""
        hand = (
            self.axes * 21 + 2 + (len(_TIP_PAIRS) + 9 if self.config.distances else 0)
        )
        sizes = {
            "pose": self.axes * len(self.shown_pose),
            "left_hand": hand,
            "right_hand": hand,
            "face": self.axes * (self.cuts[4] - self.cuts[3]),
        }
        wanted = wanted_parts(self.config.streams)
        return {name: size for name, size in sizes.items() if name in wanted}

    def forward(
        self,
        landmarks: Float[Tensor, "batch time joint 3"],
        valid: Bool[Tensor, "batch time"] | None = None,
    ) -> tuple[
        list[Float[Tensor, "batch frame feature"]], Float[Tensor, "batch frame stream"]
    ]:
        """Return the streams' features and how recently each was seen (1 now, 0 never).

        Parameters
        ----------
        landmarks
            The joints of `self.joints`, in picture heights, NaN where unseen.
        valid
            False where a frame is padding; all frames are real by default.
        """
        found = torch.isfinite(landmarks[..., 0])
        if valid is not None:
            found = found & valid[..., None]
        parts = list(zip(self.cuts[:-1], self.cuts[1:], strict=True))
        seen = torch.stack([found[..., a:b].any(-1) for a, b in parts], dim=-1)
        where = self._sampling_positions(seen, valid)
        before, after, weight, fresh = neighbours(seen, where)
        resampled = [
            resample(
                landmarks[:, :, a:b],
                found[:, :, a:b],
                before[..., p],
                after[..., p],
                weight[..., p],
            )
            for p, (a, b) in enumerate(parts)
        ]
        return self._features(resampled, fresh)

    def _sampling_positions(
        self, seen: Bool[Tensor, "batch time part"], valid: Tensor | None
    ) -> Float[Tensor, "batch frame"]:
        """Spread sampling positions evenly over the time in which a hand is seen."""
        time = torch.arange(seen.shape[1], device=seen.device)
        active = (seen[..., 1] | seen[..., 2]) & self.config.trim
        real = torch.ones_like(active) if valid is None else valid
        active = active | (real & ~active.any(1, keepdim=True))
        first = torch.where(active, time, seen.shape[1]).amin(1)
        last = torch.where(active, time, -1).amax(1)
        steps = torch.linspace(0, 1, self.config.frames, device=seen.device)
        return first[:, None] + steps * (last - first)[:, None]

    def _features(
        self, resampled: list[Tensor], fresh: Float[Tensor, "batch frame part"]
    ) -> tuple[list[Tensor], Tensor]:
        pose, left, right, face = resampled
        has_pose = (fresh[..., 0] > 0).any(1)
        origin, scale = _body_frame(pose, left, right, fresh, has_pose)
        make = {
            "pose": lambda: self._pose((pose - origin) / scale),
            "left_hand": lambda: self._hand(
                left, right, origin, scale, pose, fresh[..., [0, 2]] > 0, flip=True
            ),
            "right_hand": lambda: self._hand(
                right, left, origin, scale, pose, fresh[..., [0, 1]] > 0, flip=False
            ),
            "face": lambda: self._face(face),
        }
        names = list(self.stream_sizes)
        order = [list(PARTS).index(name) for name in names]
        streams = [
            make[name]() * (fresh[..., part, None] > 0)
            for name, part in zip(names, order, strict=True)
        ]
        return streams, torch.stack([fresh[..., part] for part in order], dim=-1)

    def _pose(
        self, centred: Float[Tensor, "batch frame joint 3"]
    ) -> Float[Tensor, "batch frame feature"]:
        return centred[:, :, self.shown_pose, : self.axes].flatten(2)

    def _hand(
        self,
        hand: Float[Tensor, "batch frame 21 3"],
        other: Float[Tensor, "batch frame 21 3"],
        origin: Tensor,
        scale: Tensor,
        pose: Tensor,
        there: Bool[Tensor, "batch frame pose_and_other"],
        *,
        flip: bool,
    ) -> Float[Tensor, "batch frame feature"]:
        """Describe a hand's shape about its wrist and its position on the body.

        The left hand is mirrored, so that one encoder reads both.
        """
        sign = torch.tensor([-1.0, 1, 1] if flip else [1.0, 1, 1], device=hand.device)
        shape = (hand - hand[:, :, :1]) / _hand_size(hand) * sign
        position = ((hand[:, :, :1] - origin) / scale * sign)[..., 0, :2]
        described = [shape[..., : self.axes].flatten(2), position]
        if self.config.distances:
            contacts = _contacts(hand, other, pose, scale)
            on_body = there[..., :1].expand(-1, -1, len(_BODY_POINTS))
            near = torch.cat([on_body, there[..., 1:]], dim=-1)
            described += [_tip_distances(shape), contacts * near]
        return torch.cat(described, dim=-1)

    def _face(
        self, face: Float[Tensor, "batch frame joint 3"]
    ) -> Float[Tensor, "batch frame feature"]:
        """Describe the face about its nose, in units of its own spread."""
        centred = face - face[:, :, self.nose_in_face, None]
        size = centred[..., :2].square().sum(-1).mean(-1).sqrt()
        size = size.mean(1)[:, None, None, None].clamp_min(1e-4)
        return (centred / size)[..., : self.axes].flatten(2)


def wanted_parts(streams: tuple[str, ...]) -> set[str]:
    """List the parts that the streams are made of."""
    parts = {name for name in streams if name != "hands"}
    return parts | ({"left_hand", "right_hand"} if "hands" in streams else set())


def _body_frame(
    pose: Tensor, left: Tensor, right: Tensor, fresh: Tensor, has_pose: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the origin and the unit of length of the signer's space.

    The mid-shoulder point and the clip's mean shoulder width; without a body, the
    clip's mean wrist and a shoulder width estimated from the hands.
    """
    shoulders = pose[:, :, [index("left_shoulder"), index("right_shoulder")]]
    middle = shoulders.mean(2, keepdim=True)
    width = (shoulders[:, :, 0, :2] - shoulders[:, :, 1, :2]).norm(dim=-1).mean(1)
    hands = torch.stack([left, right], dim=2)
    there = (fresh[..., 1:3] > 0).to(pose.dtype)[..., None, None]
    amount = there.sum((1, 2), keepdim=True).clamp_min(1)
    wrist = (hands[:, :, :, :1] * there).sum((1, 2), keepdim=True) / amount
    size = (_hand_size(hands) * there).sum((1, 2), keepdim=True) / amount
    guessed = size[:, 0, 0, 0, 0] / _HAND_PER_SHOULDER
    chosen = has_pose[:, None, None, None]
    flat = torch.tensor([1.0, 1, 0], device=pose.device)
    origin = torch.where(chosen, middle, wrist[:, 0]) * flat
    scale = torch.where(has_pose, width, guessed).clamp_min(1e-3)
    return origin, scale[:, None, None, None]


def _hand_size(hand: Float[Tensor, "*batch 21 3"]) -> Float[Tensor, "*batch 1 1"]:
    span = hand[..., list(_PALM_SPAN), :2]
    apart = (span - span.mean(-2, keepdim=True)).square().sum(-1)
    return (apart + 1e-10).sqrt().mean(-1)[..., None, None].clamp_min(1e-4)


_TIP_PAIRS = list(combinations(_PALM_SPAN, 2))


def _tip_distances(
    shape: Float[Tensor, "batch frame 21 3"],
) -> Float[Tensor, "batch frame pair"]:
    """Return the distances between wrist and fingertips, in hand sizes."""
    first, second = zip(*_TIP_PAIRS, strict=True)
    apart = shape[:, :, list(first), :2] - shape[:, :, list(second), :2]
    return (apart.square().sum(-1) + 1e-8).sqrt()


_BODY_POINTS = (
    *("nose", "mouth_left", "left_ear", "right_ear"),
    *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow"),
)


def _contacts(
    hand: Tensor, other: Tensor, pose: Tensor, scale: Tensor
) -> Float[Tensor, "batch frame point"]:
    """Return distances from the hand's middle to body points, in shoulder widths."""
    middle = hand[:, :, 9, None, :2]
    points = pose[:, :, [index(name) for name in _BODY_POINTS], :2]
    points = torch.cat([points, other[:, :, 9, None, :2]], dim=2)
    apart = ((middle - points).square().sum(-1) + 1e-8).sqrt() / scale[..., 0]
    return apart.clamp_max(4)
