"""The networks: laws of their answers that hold for any weights."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from signnet.clip import Clip
from signnet.config import PRESETS, ModelConfig, preset
from signnet.config.base import BaseConfig
from signnet.geometry import mirror
from signnet.models import Network, build, parameters
from signnet.models.base import BaseEncoder
from signnet.models.layers import Attention, Features, OverTime
from signnet.skeleton import PARTS

torch.set_num_threads(1)
SMALL = ModelConfig(
    frames=16, width=32, stream_width=16, layers=1, heads=2, hidden=32, distances=True
)
SPOTER = replace(preset("spoter").model, layers=1, frames=16)
CONFIGS = {
    "signnet": SMALL,
    "spoter": SPOTER,
    "conv_transformer": replace(SMALL, architecture="conv_transformer"),
    "bilstm": replace(SMALL, architecture="bilstm"),
}
ALL = pytest.mark.parametrize("name", CONFIGS)


WITH_NETWORK = [name for name in PRESETS if preset(name).model.architecture != "none"]


def network(config: ModelConfig, seed: int = 0, glosses: int = 5) -> Network:
    torch.manual_seed(seed)
    return build(config, glosses).eval()


@torch.inference_mode()
def scores(of: Network, landmarks: np.ndarray, valid: Tensor | None = None) -> Tensor:
    return of(torch.from_numpy(landmarks[..., of.front.joints, :]), valid)


@pytest.fixture(scope="module")
def batch(corpus: list[Clip]) -> np.ndarray:
    """Give real gaps: the first 30 frames of six clips."""
    return np.stack([clip.landmarks[:30] for clip in corpus[::12][:6]])


@ALL
def test_padding_changes_no_score(name: str, batch: np.ndarray) -> None:
    made = network(CONFIGS[name])
    rng = np.random.default_rng(0)
    garbage = rng.normal(0, 50, batch.shape).astype(np.float32)
    garbage[:, ::3] = np.nan
    padded = np.concatenate([batch, garbage], axis=1)
    valid = torch.arange(60).expand(len(batch), -1) < 30
    torch.testing.assert_close(
        scores(made, padded, valid), scores(made, batch), atol=1e-4, rtol=0
    )


@ALL
def test_batching_changes_no_score(name: str, batch: np.ndarray) -> None:
    made = network(CONFIGS[name])
    alone = torch.cat([scores(made, clip[None]) for clip in batch])
    torch.testing.assert_close(scores(made, batch), alone, atol=1e-4, rtol=0)


@ALL
def test_the_camera_may_stand_anywhere(name: str, batch: np.ndarray) -> None:
    made = network(CONFIGS[name])
    moved = batch * np.array([1.7, 1.7, 1], np.float32)
    moved += np.array([0.8, -0.5, 0], np.float32)
    torch.testing.assert_close(
        scores(made, moved), scores(made, batch), atol=2e-3, rtol=0
    )


@ALL
@pytest.mark.parametrize("seen", ["nothing", "pose", "left_hand", "right_hand", "face"])
@pytest.mark.parametrize("frames", [1, 2, 9])
def test_missing_parts_never_make_nan(
    name: str, seen: str, frames: int, batch: np.ndarray
) -> None:
    landmarks = np.full_like(batch[:1, :frames], np.nan)
    if seen != "nothing":
        joints = PARTS[seen].joints
        landmarks[:, :, joints] = np.nan_to_num(batch[:1, :frames, joints], nan=0.4)
    assert scores(network(CONFIGS[name]), landmarks).isfinite().all()


@ALL
def test_the_order_of_frames_is_seen(name: str, batch: np.ndarray) -> None:
    made = network(CONFIGS[name])
    apart = scores(made, batch) - scores(made, batch[:, ::-1].copy())
    assert apart.abs().max() > 1e-3


@ALL
def test_no_block_hides_the_end_of_a_clip_from_its_beginning(name: str) -> None:
    made: Any = network(CONFIGS[name])
    body = {
        "signnet": lambda: made.transformer,
        "spoter": lambda: made.blocks,
        "conv_transformer": lambda: made.blocks,
        "bilstm": lambda: lambda x: made.lstm(x)[0],
    }[name]()
    width = made.features.size if name == "bilstm" else CONFIGS[name].width
    tokens = torch.randn(1, 16, width, requires_grad=True)
    body(tokens)[0, 0, 0].backward()
    assert tokens.grad is not None
    assert tokens.grad[0, -1].abs().max() > 0


def test_the_class_token_asks_every_frame(clip: Clip) -> None:
    made = network(SMALL)
    landmarks = torch.from_numpy(clip.landmarks[None, :, made.front.joints])
    landmarks = landmarks.nan_to_num(0.5).requires_grad_()
    made(landmarks)[0, 0].backward()
    assert landmarks.grad is not None
    felt = landmarks.grad[0].abs().amax((1, 2)) > 0
    assert felt[0]
    assert felt[-1]


@pytest.mark.parametrize("stream", ["pose", "hands", "face"])
def test_a_stream_switched_off_is_not_looked_at(stream: str, batch: np.ndarray) -> None:
    """Values only: the time in which hands are seen is what every stream is cut to."""
    others = tuple(name for name in ("pose", "hands", "face") if name != stream)
    made = network(replace(SMALL, streams=others, distances=False))
    joints = {"pose": slice(0, 33), "hands": slice(33, 75), "face": slice(75, 553)}
    changed = batch.copy()
    changed[:, :, joints[stream]] += np.random.default_rng(0).normal(
        0, 1, changed[:, :, joints[stream]].shape
    )
    same = torch.allclose(scores(made, changed), scores(made, batch), atol=1e-5)
    assert same == (stream != "pose"), "the body is what hands are placed on"


def test_a_pose_only_model_ignores_hands_but_for_when_they_are_seen(
    batch: np.ndarray,
) -> None:
    made = network(replace(SMALL, streams=("pose",)))
    changed = batch.copy()
    changed[:, :, 33:] = np.where(np.isnan(changed[:, :, 33:]), np.nan, 9.0)
    assert torch.equal(scores(made, changed), scores(made, batch))
    handless = batch.copy()
    handless[:, :10, 33:75] = np.nan
    assert not torch.equal(scores(made, handless), scores(made, batch))


def test_a_hands_only_model_needs_no_body(batch: np.ndarray) -> None:
    made = network(replace(SMALL, streams=("hands",)))
    handed = batch.copy()
    handed[:, :, :33] = np.nan
    assert not torch.allclose(
        scores(made, handed), scores(made, handed[:, ::-1].copy())
    )


def test_both_hands_share_an_encoder() -> None:
    made: Any = network(SMALL)
    assert set(made.encoders) == {"pose", "hand", "face"}
    assert made.route == ["pose", "hand", "hand", "face"]


def test_left_handed_signing_is_not_mistaken_for_right_handed(clip: Clip) -> None:
    made = network(SMALL)
    mirrored = mirror(clip.landmarks)
    assert not torch.allclose(
        scores(made, clip.landmarks[None]), scores(made, mirrored[None]), atol=1e-4
    )


@pytest.mark.parametrize("name", WITH_NETWORK)
def test_every_preset_builds_and_answers(name: str, batch: np.ndarray) -> None:
    made = network(preset(name).model, glosses=55)
    assert scores(made, batch).shape == (6, 55)


@pytest.mark.parametrize("streams", [("pose",), ("hands",), ("face",)])
@pytest.mark.parametrize("name", ["signnet", "conv_transformer", "bilstm"])
def test_any_stream_may_stand_alone(
    name: str, streams: tuple[str, ...], batch: np.ndarray
) -> None:
    made = network(replace(CONFIGS[name], streams=streams))
    assert scores(made, batch).isfinite().all()


def test_the_network_is_small_enough_for_a_browser() -> None:
    assert parameters(network(preset("network").model, glosses=55)) <= 3_000_000


def test_the_base_is_small_enough_for_a_browser() -> None:
    config = BaseConfig()
    base = BaseEncoder(config.input, config.encoder)
    assert parameters(base) <= 3_000_000


@ALL
def test_the_same_seed_gives_the_same_weights(name: str, batch: np.ndarray) -> None:
    first, second = (network(CONFIGS[name], seed=3) for _ in range(2))
    assert torch.equal(scores(first, batch), scores(second, batch))
    other = network(CONFIGS[name], seed=4)
    assert not torch.equal(scores(first, batch), scores(other, batch))


@ALL
def test_every_weight_learns(name: str, batch: np.ndarray) -> None:
    made = network(CONFIGS[name]).train()
    landmarks = torch.from_numpy(batch[:, :, made.front.joints])
    made(landmarks).square().sum().backward()
    idle = [key for key, weights in made.named_parameters() if weights.grad is None]
    assert not idle


def test_features_are_standardised_before_their_changes_are_taken() -> None:
    rng = torch.Generator().manual_seed(0)
    spread = torch.tensor([0.01, 1.0, 50.0])
    x = torch.randn(64, 12, 3, generator=rng).cumsum(1) * spread + 7
    features = Features(3, velocities=True)
    for _ in range(200):
        features(x)
    made = features.eval()(x)
    assert made.shape == (64, 12, features.size)
    even, one, two = made.split(3, dim=-1)
    torch.testing.assert_close(even.mean((0, 1)), torch.zeros(3), atol=0.05, rtol=0)
    torch.testing.assert_close(even.std((0, 1)), torch.ones(3), atol=0.05, rtol=0)
    torch.testing.assert_close(one[:, 1:] / 4, even[:, 1:] - even[:, :-1])
    torch.testing.assert_close(two[:, 2:] / 4, even[:, 2:] - even[:, :-2])
    assert not one[:, 0].any()
    assert float(features(x * 1e6).abs().max()) <= 4 * 12, "far out is cut off"


def test_attention_to_one_key_is_attention_to_it_twice() -> None:
    torch.manual_seed(0)
    attention = Attention(16, 2)
    asked, only = torch.randn(3, 5, 16), torch.randn(3, 1, 16)
    twice = attention(asked, only.expand(-1, 2, -1))
    torch.testing.assert_close(attention(asked, only), twice)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("groups", [1, 8])
def test_frames_are_mixed_as_by_a_convolution(stride: int, groups: int) -> None:
    torch.manual_seed(0)
    mix = OverTime(8, 5, stride=stride, groups=groups)
    x = torch.randn(2, 12, 8)
    weights = mix.weight[:, :, 0]
    expected = torch.conv1d(x.mT, weights, mix.bias, stride, 2, groups=groups).mT
    torch.testing.assert_close(mix(x), expected)
