"""Recipes by name."""

from dataclasses import replace
from typing import Literal

from signnet.config.checks import did_you_mean
from signnet.config.settings import (
    STREAMS,
    AugmentConfig,
    ModelConfig,
    Recipe,
    TrainConfig,
)
from signnet.errors import SettingsError

__all__ = ["PRESETS", "SUMMARIES", "PresetName", "preset"]

_BASELINE = Recipe(
    model=ModelConfig(
        arms_only=False,
        streams=("pose",),
        width=128,
        layers=4,
        heads=8,
        hidden=512,
        dropout=0.2,
    ),
    augment=AugmentConfig(time_scale=(0.8, 1.2), rotation=15.0, noise=0.02, mixup=0.2),
    train=TrainConfig(),
)

_OPTIMIZED = Recipe(
    model=ModelConfig(
        arms_only=False,
        streams=("pose",),
        width=256,
        stream_width=128,
        layers=6,
        heads=8,
        hidden=1024,
        dropout=0.3,
    ),
    augment=AugmentConfig(
        time_scale=(0.6, 1.4), rotation=20.0, noise=0.03, mixup=0.4, time_warp=0.2
    ),
    train=TrainConfig(
        epochs=200,
        batch_size=12,
        learning_rate=1e-4,
        weight_decay=0.1,
        schedule="cosine",
        smoothing=0.2,
        clip_norm=0.5,
        patience=15,
    ),
)

_MULTIMODAL = replace(
    _OPTIMIZED,
    model=replace(_OPTIMIZED.model, streams=STREAMS),
    train=replace(_OPTIMIZED.train, epochs=100, batch_size=8),
)

_SPOTER = Recipe(
    model=ModelConfig(
        architecture="spoter",
        arms_only=False,
        streams=("pose", "hands"),
        width=108,
        stream_width=108,
        layers=4,
        heads=9,
        hidden=512,
        dropout=0.15,
        velocities=False,
    ),
    augment=AugmentConfig(time_scale=(0.8, 1.2), rotation=13.0, scale=0.1, noise=0.01),
    train=TrainConfig(),
)

_NETWORK = Recipe(
    model=ModelConfig(streams=("pose", "hands"), distances=True, exemplars=16.0),
    augment=AugmentConfig(
        time_warp=0.2,
        frame_drop=0.3,
        scale=0.15,
        shear=0.1,
        arm_shift=0.1,
        hand_rotation=15.0,
        hand_tilt=15.0,
        hand_scale=0.1,
        span_drop=0.2,
        joint_drop=0.02,
    ),
    train=TrainConfig(
        epochs=90,
        batch_size=32,
        learning_rate=1e-3,
        ema=0.99,
        patience=0,
        schedule="cosine",
        balance="signer",
    ),
)

_EXEMPLARS = replace(
    _NETWORK,
    # Without a network the weight is the sharpness of the scores (docs/results.md).
    model=replace(_NETWORK.model, architecture="none", exemplars=12.0),
    train=TrainConfig(patience=0),
)

_DEFAULT = replace(_EXEMPLARS, model=replace(_EXEMPLARS.model, base=True))

PresetName = Literal[
    "default", "exemplars", "network", "baseline", "optimized", "multimodal", "spoter"
]

PRESETS: dict[PresetName, Recipe] = {
    "default": _DEFAULT,
    "exemplars": _EXEMPLARS,
    "network": _NETWORK,
    "baseline": _BASELINE,
    "optimized": _OPTIMIZED,
    "multimodal": _MULTIMODAL,
    "spoter": _SPOTER,
}
"""Recipes by name; `default` is the one that measured best (docs/results.md)."""

SUMMARIES: dict[PresetName, str] = {
    "default": "exemplars on the base, pose and hands: for most corpora; a minute",
    "exemplars": "exemplars alone, without the base",
    "network": "small SignNet-V2 and exemplars, pose and hands: minutes",
    "baseline": "SignNet-V2 on the pose alone",
    "optimized": "baseline with a larger network and more augmentation",
    "multimodal": "optimized on pose, hands and face",
    "spoter": "BdSL-SPOTER: a transformer over 54 joints",
}
"""A description of each preset, in one line."""


def preset(name: str) -> Recipe:
    """Return a preset; for an unknown name, SettingsError lists the known ones."""
    for known, recipe in PRESETS.items():
        if known == name:
            return recipe
    raise SettingsError(
        f"unknown preset {name}; {did_you_mean(name, tuple(PRESETS))}choose one of: "
        f"{', '.join(PRESETS)}"
    )
