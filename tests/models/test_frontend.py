"""The front end: what a clip shows, however it was filmed, padded or cut."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from signnet.clip import Clip
from signnet.config import ModelConfig
from signnet.geometry import mirror
from signnet.models import FrontEnd, chosen_joints
from signnet.skeleton import PARTS

torch.set_num_threads(1)
EVERYTHING = ModelConfig(distances=True, depth=True, full_face=False)
PLAIN = ModelConfig(distances=False, depth=False)
CONFIGS = pytest.mark.parametrize("config", [PLAIN, EVERYTHING], ids=["plain", "all"])
SEEDS = st.integers(0, 2**31)


def drawn(front: FrontEnd, seed: int, frames: int = 20, clips: int = 2) -> Tensor:
    """Draw clips of which each part is missing in some frames."""
    rng = torch.Generator().manual_seed(seed)
    landmarks = torch.rand(clips, frames, len(front.joints), 3, generator=rng)
    for start, stop in zip(front.cuts, front.cuts[1:], strict=False):
        gone = torch.rand(clips, frames, generator=rng) < 0.4
        landmarks[:, :, start:stop][gone] = torch.nan
    return landmarks


def together(made: tuple[list[Tensor], Tensor]) -> Tensor:
    return torch.cat([*made[0], made[1]], dim=-1)


def of_clip(front: FrontEnd, landmarks: np.ndarray) -> dict[str, Tensor]:
    streams, fresh = front(torch.from_numpy(landmarks[None, :, front.joints]))
    named = dict(zip(front.stream_sizes, streams, strict=True))
    return named | {"fresh": fresh}


@CONFIGS
@settings(deadline=None, derandomize=True, max_examples=15)
@given(seed=SEEDS, filling=st.sampled_from([0.0, 7.0, 1e30, torch.inf, torch.nan]))
def test_padding_changes_nothing(
    config: ModelConfig, seed: int, filling: float
) -> None:
    front = FrontEnd(config)
    landmarks = drawn(front, seed)
    padding = torch.full_like(landmarks, filling)
    padded = torch.cat([landmarks, padding], dim=1)
    valid = torch.arange(40).expand(2, -1) < 20
    torch.testing.assert_close(
        together(front(padded, valid)), together(front(landmarks)), atol=1e-5, rtol=0
    )


@CONFIGS
@pytest.mark.parametrize("part", PARTS)
def test_padding_changes_nothing_where_a_part_is_never_seen(
    config: ModelConfig, part: str
) -> None:
    front = FrontEnd(config)
    landmarks = drawn(front, 1)
    number = list(PARTS).index(part)
    landmarks[:, :, front.cuts[number] : front.cuts[number + 1]] = torch.nan
    padded = torch.cat([landmarks, torch.full_like(landmarks, 5.0)], dim=1)
    valid = torch.arange(40).expand(2, -1) < 20
    torch.testing.assert_close(
        together(front(padded, valid)), together(front(landmarks)), atol=1e-5, rtol=0
    )


@CONFIGS
@settings(deadline=None, derandomize=True, max_examples=20)
@given(
    seed=SEEDS,
    zoom=st.floats(0.5, 2),
    shift=st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
    gaps=st.sampled_from(["parts", "joints", "no body"]),
)
def test_the_camera_may_stand_anywhere(
    config: ModelConfig,
    seed: int,
    zoom: float,
    shift: tuple[float, float],
    gaps: str,
) -> None:
    front = FrontEnd(config)
    landmarks = drawn(front, seed)
    if gaps == "joints":
        landmarks[torch.rand(landmarks.shape[:3]) < 0.2] = torch.nan
    if gaps == "no body":
        landmarks[:, :, : front.cuts[1]] = torch.nan
    moved = landmarks * zoom + torch.tensor([*shift, 0.0])
    torch.testing.assert_close(
        together(front(moved)), together(front(landmarks)), atol=2e-2, rtol=1e-3
    )


@CONFIGS
@settings(deadline=None, derandomize=True, max_examples=15)
@given(seed=SEEDS, frames=st.integers(1, 5), seen=st.sets(st.integers(0, 3)))
def test_nothing_missing_ever_makes_nan(
    config: ModelConfig, seed: int, frames: int, seen: set[int]
) -> None:
    front = FrontEnd(config)
    landmarks = drawn(front, seed, frames)
    for part in {0, 1, 2, 3} - seen:
        landmarks[:, :, front.cuts[part] : front.cuts[part + 1]] = torch.nan
    assert together(front(landmarks)).isfinite().all()


@CONFIGS
def test_the_left_hand_looks_as_the_right_one_of_the_mirror_image(
    config: ModelConfig, clip: Clip
) -> None:
    front = FrontEnd(config)
    seen = of_clip(front, clip.landmarks)
    mirrored = of_clip(front, mirror(clip.landmarks))
    hand = 21 * front.axes + 2 + (15 if config.distances else 0)
    for one, other in (("left_hand", "right_hand"), ("right_hand", "left_hand")):
        torch.testing.assert_close(
            seen[one][..., :hand], mirrored[other][..., :hand], atol=1e-4, rtol=1e-3
        )


def test_two_clips_are_two_clips_in_a_batch() -> None:
    front = FrontEnd(EVERYTHING)
    landmarks = drawn(front, 4, clips=3)
    alone = torch.cat([together(front(one[None])) for one in landmarks])
    torch.testing.assert_close(together(front(landmarks)), alone, atol=1e-5, rtol=1e-5)


def test_rest_before_and_after_the_hands_is_cut_off(clip: Clip) -> None:
    front = FrontEnd(PLAIN)
    rest = clip.landmarks[:1].repeat(10, axis=0)
    rest[:, 33:75] = np.nan
    longer = np.concatenate([rest, clip.landmarks, rest])
    for name, stream in of_clip(front, clip.landmarks).items():
        torch.testing.assert_close(of_clip(front, longer)[name], stream)


def test_a_hand_counts_as_stale_the_longer_it_is_gone(clip: Clip) -> None:
    front = FrontEnd(replace(PLAIN, frames=32))
    landmarks = clip.landmarks.copy()
    landmarks[len(landmarks) // 4 :, PARTS["left_hand"].joints] = np.nan
    fresh = of_clip(front, landmarks)["fresh"][0, :, 1]
    assert fresh[0] == 1
    assert fresh[-1] == 0
    assert bool((fresh[8:].diff() <= 0).all())
    assert bool((fresh[:8] > 0.9).all()), "between two frames that show it"


def test_a_gap_is_filled_evenly() -> None:
    front = FrontEnd(ModelConfig(frames=4, streams=("hands",)))
    landmarks = torch.zeros(1, 4, len(front.joints), 3)
    landmarks[0, :, 11, 0] = 1.0  # shoulders one apart
    landmarks[0, :, 25:67, :2] = torch.rand(42, 2)
    landmarks[0, :, 46:67, 0] += torch.tensor([0.0, 9.0, 9.0, 3.0])[:, None]
    landmarks[0, 1:3, 46:67] = torch.nan
    wrist = front(landmarks)[0][1][0, :, 42]
    torch.testing.assert_close((wrist - wrist[0]), torch.tensor([0.0, 1.0, 2.0, 3.0]))


@pytest.mark.parametrize("depth", [False, True])
@pytest.mark.parametrize("distances", [False, True])
@pytest.mark.parametrize("streams", [("pose",), ("hands",), ("pose", "hands", "face")])
def test_streams_are_as_wide_as_stated(
    streams: tuple[str, ...], distances: bool, depth: bool
) -> None:
    front = FrontEnd(ModelConfig(streams=streams, distances=distances, depth=depth))
    made, fresh = front(drawn(front, 0))
    assert [stream.shape[-1] for stream in made] == list(front.stream_sizes.values())
    assert fresh.shape == (2, front.config.frames, len(made))


def test_depth_is_looked_at_only_when_asked_for() -> None:
    flat, deep = FrontEnd(PLAIN), FrontEnd(replace(PLAIN, depth=True))
    landmarks = drawn(flat, 2)
    deeper = landmarks * torch.tensor([1.0, 1.0, 3.0])
    assert torch.equal(together(flat(landmarks)), together(flat(deeper)))
    assert not torch.equal(together(deep(landmarks)), together(deep(deeper)))


def test_joints_are_chosen_by_part_in_the_skeleton_s_order() -> None:
    by_part = chosen_joints(PLAIN)
    assert list(by_part) == list(PARTS)
    for part, joints in by_part.items():
        assert joints == sorted(set(joints))
        assert PARTS[part].start <= joints[0] <= joints[-1] < PARTS[part].stop
    assert len(chosen_joints(replace(PLAIN, full_face=True))["face"]) == 478
