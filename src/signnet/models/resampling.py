"""Fill gaps in landmarks and resample them in time, with operations that ONNX knows."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["interpolate", "neighbours", "without_gaps"]

_STALE_FRAMES = 6.0
"""A part counts as missing after this number of resampled frames without it."""


def without_gaps(
    part: Float[Tensor, "batch time joint 3"], found: Bool[Tensor, "batch time joint"]
) -> Float[Tensor, "batch time joint 3"]:
    """Replace single missing joints by the mean of the part's seen joints."""
    clean = torch.where(found[..., None], torch.nan_to_num(part), 0.0)
    count = found.sum(2).clamp_min(1)[:, :, None, None]
    return torch.where(found[..., None], clean, clean.sum(2, keepdim=True) / count)


def neighbours(
    seen: Bool[Tensor, "batch time part"], where: Float[Tensor, "batch frame"]
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Find for each sampling position the seen frames before and after it.

    Returns
    -------
    before, after
        Frame numbers [batch, frame, part]; equal where only one side has a frame.
    weight
        Weight of the later frame, 0 to 1.
    fresh
        1 where the part is seen at the position, falling to 0 with the distance to
        the nearest frame that shows it.
    """
    frames = seen.shape[1]
    time = torch.arange(frames, device=seen.device)[None, None, :, None]
    at = where[:, :, None, None]
    shown = seen[:, None]
    before = torch.where(shown & (time <= at + 1e-3), time, -1).amax(2)
    after = torch.where(shown & (time >= at - 1e-3), time, frames).amin(2)
    never = (before < 0) & (after >= frames)
    first = torch.where(before < 0, after, before).clamp(0, frames - 1)
    last = torch.where(after >= frames, before, after).clamp(0, frames - 1)
    at = where[:, :, None]
    weight = ((at - first) / (last - first).clamp_min(1)).clamp(0, 1)
    step = (where[:, -1:] - where[:, :1]).clamp_min(1)[..., None] / where.shape[1]
    apart = torch.minimum((at - first).abs(), (last - at).abs()) / step.clamp_min(1)
    fresh = (1 - apart / _STALE_FRAMES).clamp(0, 1) * (~never)
    return first, last, weight, fresh


def interpolate(
    part: Float[Tensor, "batch time joint 3"],
    before: Tensor,
    after: Tensor,
    weight: Tensor,
) -> Float[Tensor, "batch frame joint 3"]:
    """Mix the frames before and after each position; see `neighbours`."""
    shape = (-1, -1, part.shape[2], 3)
    start = part.gather(1, before[..., None, None].expand(shape))
    end = part.gather(1, after[..., None, None].expand(shape))
    return start + (end - start) * weight[..., None, None]
