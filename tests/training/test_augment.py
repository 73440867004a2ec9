"""Variation of training clips: repeatable, within the clip, and nothing when off."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator, Tensor

from signnet.config import AugmentConfig, ModelConfig
from signnet.models import FrontEnd
from signnet.skeleton import JOINTS
from signnet.training.augment import JointGroups, augment, mirror_some, shoulder_widths

torch.set_num_threads(1)
FRONT = FrontEnd(ModelConfig())
GROUPS = JointGroups(tuple(FRONT.joints), tuple(FRONT.cuts))
SEEDS = st.integers(0, 2**31)
OFF = AugmentConfig(time_scale=(1.0, 1.0), rotation=0.0, noise=0.0, mixup=0.0)
STRONG = AugmentConfig(
    mirror=0.5, time_scale=(0.5, 1.5), time_warp=0.5, frame_drop=0.5, rotation=20.0,
    scale=0.2, shear=0.1, shift=0.2, arm_shift=0.1, hand_rotation=15.0, hand_scale=0.1,
    noise=0.02, joint_drop=0.1, span_drop=0.3,
)  # fmt: skip
IN_TIME = replace(OFF, time_scale=(0.5, 1.5), time_warp=0.5, frame_drop=0.5)
IN_SPACE = replace(STRONG, time_scale=(1.0, 1.0), time_warp=0.0, frame_drop=0.0)


def dice(seed: int) -> Generator:
    return Generator().manual_seed(seed)


def batch(seed: int, clips: int = 4, frames: int = 30) -> tuple[Tensor, Tensor]:
    """Draw clips with parts missing; zero after their ends, as `batches.load` does."""
    rng = dice(seed)
    drawn = torch.randn(clips, frames, len(FRONT.joints), 3, generator=rng)
    lengths = torch.randint(1, frames + 1, (clips,), generator=rng)
    lengths[0] = frames
    for part in range(4):
        gone = torch.rand(clips, frames, generator=rng) < 0.4
        drawn[:, :, GROUPS.part(part)] = drawn[:, :, GROUPS.part(part)].masked_fill(
            gone[:, :, None, None], torch.nan
        )
    beyond = torch.arange(frames) >= lengths[:, None]
    return drawn.masked_fill(beyond[:, :, None, None], 0.0), lengths


def same(first: Tensor, second: Tensor) -> bool:
    return torch.equal(first.nan_to_num(9e9), second.nan_to_num(9e9))


@settings(deadline=None, derandomize=True, max_examples=20)
@given(seed=SEEDS)
def test_the_same_dice_give_the_same_variant(seed: int) -> None:
    landmarks, lengths = batch(seed)
    first, second = (
        augment(landmarks, lengths, STRONG, GROUPS, dice(seed)) for _ in range(2)
    )
    assert same(first[0], second[0])
    assert torch.equal(first[1], second[1])


def test_other_dice_give_another_variant() -> None:
    landmarks, lengths = batch(0)
    first, _ = augment(landmarks, lengths, STRONG, GROUPS, dice(1))
    second, _ = augment(landmarks, lengths, STRONG, GROUPS, dice(2))
    assert not same(first, second)


def test_what_goes_in_stays_as_it_is() -> None:
    landmarks, lengths = batch(3)
    kept = landmarks.clone(), lengths.clone()
    augment(landmarks, lengths, STRONG, GROUPS, dice(3))
    assert same(landmarks, kept[0])
    assert torch.equal(lengths, kept[1])


@settings(deadline=None, derandomize=True, max_examples=30)
@given(seed=SEEDS, frames=st.integers(2, 90))
def test_with_everything_off_nothing_changes(seed: int, frames: int) -> None:
    landmarks, lengths = batch(seed, frames=frames)
    lengths = lengths.clamp_min(2)
    varied, valid = augment(landmarks, lengths, OFF, GROUPS, dice(seed))
    assert torch.equal(valid, torch.arange(frames) < lengths[:, None])
    assert same(varied[valid], landmarks[valid])


@settings(deadline=None, derandomize=True, max_examples=30)
@given(seed=SEEDS)
def test_frames_come_from_within_the_clip_only(seed: int) -> None:
    landmarks, lengths = batch(seed)
    beyond = torch.arange(landmarks.shape[1]) >= lengths[:, None]
    marked = landmarks.masked_fill(beyond[:, :, None, None], 1e9)
    varied, valid = augment(marked, lengths, IN_TIME, GROUPS, dice(seed))
    assert varied[valid].nan_to_num(0).abs().max() < 1e6


@settings(deadline=None, derandomize=True, max_examples=30)
@given(seed=SEEDS)
def test_a_frame_is_taken_whole_or_not_at_all(seed: int) -> None:
    landmarks, lengths = batch(seed)
    varied, valid = augment(landmarks, lengths, IN_TIME, GROUPS, dice(seed))
    for clip, frames, shown in zip(varied, landmarks, valid, strict=True):
        known = {frame.numpy().tobytes() for frame in frames}
        assert all(frame.numpy().tobytes() in known for frame in clip[shown])


@settings(deadline=None, derandomize=True, max_examples=30)
@given(seed=SEEDS)
def test_frames_stay_in_order(seed: int) -> None:
    landmarks, lengths = batch(seed)
    number = torch.arange(30.0)[None, :, None, None].expand_as(landmarks)
    varied, valid = augment(number, lengths, IN_TIME, GROUPS, dice(seed))
    for clip, shown in zip(varied[:, :, 0, 0], valid, strict=True):
        assert bool((clip[shown].diff() >= 0).all())


@settings(deadline=None, derandomize=True, max_examples=30)
@given(seed=SEEDS, share=st.floats(0, 0.9))
def test_as_many_frames_are_valid_as_the_settings_allow(
    seed: int, share: float
) -> None:
    landmarks, lengths = batch(seed)
    config = replace(OFF, frame_drop=share)
    _, valid = augment(landmarks, lengths, config, GROUPS, dice(seed))
    count = valid.sum(1)
    assert bool((count >= torch.floor(lengths * (1 - share))).all())
    assert bool((count <= lengths.clamp_min(2)).all())
    assert bool((valid.int().diff(dim=1) <= 0).all()), "padding is at the end"


@settings(deadline=None, derandomize=True, max_examples=30)
@given(seed=SEEDS)
def test_what_was_not_seen_stays_unseen(seed: int) -> None:
    landmarks, lengths = batch(seed)
    config = replace(IN_SPACE, mirror=0.0, span_drop=0.0)
    varied, valid = augment(landmarks, lengths.clamp_min(2), config, GROUPS, dice(seed))
    lost = landmarks.isnan()
    assert torch.equal(varied.isnan()[valid], lost[valid])


def test_a_span_is_lost_for_whole_parts_and_never_the_body() -> None:
    landmarks, lengths = torch.randn(8, 30, len(FRONT.joints), 3), torch.full((8,), 30)
    varied, _ = augment(
        landmarks, lengths, replace(OFF, span_drop=1.0), GROUPS, dice(0)
    )
    lost = varied.isnan().any(-1)
    assert not lost[:, :, GROUPS.part(0)].any()
    for part in (1, 2, 3):
        gone = lost[:, :, GROUPS.part(part)]
        assert torch.equal(gone.any(2), gone.all(2))
        assert 0 < gone.any(2).sum(1).float().mean() <= 11


@settings(deadline=None, derandomize=True, max_examples=20)
@given(seed=SEEDS)
def test_mirroring_twice_changes_nothing(seed: int) -> None:
    landmarks, _ = batch(seed)
    once = mirror_some(landmarks, 1.1, GROUPS, dice(0))
    assert same(mirror_some(once, 1.1, GROUPS, dice(0)), landmarks)
    assert not same(once, landmarks)


def test_mirroring_swaps_the_hands() -> None:
    landmarks = torch.randn(1, 3, len(FRONT.joints), 3)
    flipped = mirror_some(landmarks, 1.1, GROUPS, dice(0))
    left, right = flipped[:, :, GROUPS.part(1)], landmarks[:, :, GROUPS.part(2)]
    assert torch.equal(left, right * torch.tensor([-1.0, 1, 1]))


@pytest.mark.parametrize("full_face", [False, True])
@pytest.mark.parametrize("streams", [("pose",), ("pose", "hands", "face")])
def test_every_joint_has_its_opposite_among_those_in_use(
    streams: tuple[str, ...], full_face: bool
) -> None:
    front = FrontEnd(ModelConfig(streams=streams, full_face=full_face))
    mirrored = JointGroups(tuple(front.joints), tuple(front.cuts)).mirrored()
    assert sorted(mirrored) == list(range(len(front.joints)))
    assert [mirrored[index] for index in mirrored] == list(range(len(mirrored)))
    names = [JOINTS[joint] for joint in front.joints]
    assert names[mirrored[names.index("left_elbow")]] == "right_elbow"


def test_a_lost_joint_takes_the_place_of_one_of_its_own_part() -> None:
    neighbours = GROUPS.neighbours()
    for part in range(4):
        span = range(*GROUPS.part(part).indices(len(FRONT.joints)))
        assert all(neighbours[index] in span for index in span)
        assert all(neighbours[index] != index for index in span)


def test_padding_makes_no_shoulders_narrower() -> None:
    landmarks = torch.zeros(2, 20, len(FRONT.joints), 3)
    (left,) = GROUPS.at("left_shoulder")
    landmarks[0, :, left, 0], landmarks[1, :5, left, 0] = 0.4, 0.4
    width = shoulder_widths(landmarks, torch.tensor([20, 5]), GROUPS)
    torch.testing.assert_close(width, torch.tensor([0.4, 0.4]))


def test_variation_grows_with_the_signer() -> None:
    """Noise is in shoulder widths: a signer half as far away jitters twice as much."""
    landmarks, lengths = batch(5)
    config = replace(OFF, noise=0.02)
    near, _ = augment(2 * landmarks, lengths, config, GROUPS, dice(0))
    far, _ = augment(landmarks, lengths, config, GROUPS, dice(0))
    shown = torch.arange(30) < lengths[:, None]
    torch.testing.assert_close(near[shown], 2 * far[shown], equal_nan=True)


def test_a_clip_of_one_frame_can_be_varied() -> None:
    landmarks = torch.randn(2, 1, len(FRONT.joints), 3)
    varied, valid = augment(landmarks, torch.tensor([1, 1]), STRONG, GROUPS, dice(0))
    assert valid.tolist() == [[True], [True]]
    assert varied.shape == landmarks.shape


@pytest.mark.parametrize("turned", ["hand_tilt", "hand_rotation"])
def test_a_tracker_without_depth_keeps_its_hands(turned: str) -> None:
    landmarks, lengths = batch(3)
    landmarks[..., 2] = torch.nan
    tilted = replace(OFF, **{turned: 20.0})
    varied, valid = augment(landmarks, lengths, tilted, GROUPS, dice(1))
    found, given = varied[valid][..., :2], landmarks[valid][..., :2]
    assert torch.equal(found.isnan(), given.isnan())
    hand = GROUPS.part(1)
    assert not same(found[:, hand], given[:, hand])


def test_a_turned_hand_keeps_its_size() -> None:
    landmarks, lengths = batch(4)
    turned = replace(OFF, hand_tilt=30.0, hand_rotation=30.0)
    varied, _ = augment(landmarks, lengths, turned, GROUPS, dice(2))
    real = torch.arange(landmarks.shape[1]) < lengths[:, None]

    def bone(shown: Tensor) -> Tensor:
        hand = shown[real][:, GROUPS.part(2)]
        return torch.nan_to_num((hand[:, 9] - hand[:, 0]).norm(dim=-1))

    torch.testing.assert_close(bone(varied), bone(landmarks), rtol=1e-4, atol=1e-4)
    assert not same(varied, landmarks)
