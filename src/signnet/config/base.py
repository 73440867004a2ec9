"""Settings of a base: an encoder of signs learnt from many words of many corpora."""

from dataclasses import dataclass, field, replace

from signnet.config.checks import ANY_SIZE, POSITIVE, check
from signnet.config.presets import preset
from signnet.config.settings import AugmentConfig, ModelConfig

__all__ = ["SHIPPED_BASE", "BaseConfig", "EncoderConfig", "PretrainConfig"]

SHIPPED_BASE = "base"
"""Name of the base inside the package."""


@dataclass(frozen=True, kw_only=True)
class EncoderConfig:
    """Shape of the encoder; docs/results.md says how it was chosen."""

    width: int = 256
    """Channels of each direction of the recurrent layers."""

    layers: int = 2
    """Recurrent layers."""

    embedding: int = 256
    """Dimensions of the embedding, a unit vector."""

    dropout: float = 0.2

    def __post_init__(self) -> None:
        """Check ranges."""
        sizes = dict.fromkeys(("width", "layers", "embedding"), POSITIVE)
        check(self, dropout=(0.0, 0.99), **sizes)


@dataclass(frozen=True, kw_only=True)
class PretrainConfig:
    """Data, loss and optimiser of the pre-training."""

    epochs: int = 60
    batch_size: int = 128
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    ema: float = 0.995
    """Decay of the moving average of the weights per step."""

    scale: float = 16.0
    """Factor of the cosines before the softmax."""

    margin: float = 0.2
    """Angle in radians by which a clip must be nearer to its own word."""

    variants: int = 16
    """Variants of each clip, made once; one in eight of them is mirrored."""

    compounds: float = 0.25
    """Clips of made-up words, two words in a row, for each real clip of a batch."""

    body_drop: float = 0.5
    """Fraction of the variants from which the body is removed, where it was seen."""

    hold_out: int = 5
    """One word in so many is kept out, chosen by a hash of its gloss; 0 keeps none."""

    fewest: int = 2
    """Words with fewer clips are left out."""

    def __post_init__(self) -> None:
        """Check ranges."""
        counts = ("epochs", "batch_size", "variants", "fewest")
        check(
            self,
            **dict.fromkeys(counts, POSITIVE),
            learning_rate=(1e-12, 1.0),
            weight_decay=ANY_SIZE,
            ema=(0.0, 1.0),
            scale=(1.0, 1e3),
            margin=(0.0, 1.5),
            body_drop=(0.0, 1.0),
            compounds=(0.0, 4.0),
            hold_out=ANY_SIZE,
        )


def _input() -> ModelConfig:
    return preset("exemplars").model


def _augmentation() -> AugmentConfig:
    """Vary more than a training does: one encoder is for every signer and camera."""
    return replace(
        preset("exemplars").augment,
        time_scale=(0.65, 1.35),
        time_warp=0.35,
        rotation=20.0,
        scale=0.25,
        arm_shift=0.2,
        hand_rotation=25.0,
        hand_tilt=25.0,
        hand_scale=0.15,
        noise=0.01,
    )


@dataclass(frozen=True, kw_only=True)
class BaseConfig:
    """Everything that decides a base, but for the data and the seed."""

    input: ModelConfig = field(default_factory=_input)
    """Streams and frames of the front end; the network's shape has no effect."""

    augment: AugmentConfig = field(default_factory=_augmentation)
    """Augmentation of the variants; `variants` says which are mirrored."""

    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    pretrain: PretrainConfig = field(default_factory=PretrainConfig)
