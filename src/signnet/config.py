"""Settings: one frozen dataclass per concern, and the presets.

Nothing here needs torch, so that the command line can list presets at once. A saved
run stores `dataclasses.asdict` of a `Recipe`; an unknown key is refused when it is
read back.
"""

from dataclasses import asdict, dataclass, field, fields, replace
from math import inf
from typing import Any, Literal, get_args, get_origin

from signnet.errors import SettingsError

__all__ = [
    "PRESETS",
    "STREAMS",
    "AugmentConfig",
    "ModelConfig",
    "Recipe",
    "TrainConfig",
    "preset",
    "recipe_from_dict",
]

SPOTER_WIDTH = 108
"""54 joints, x and y."""

STREAMS = ("pose", "hands", "face")
"""The streams a model may look at; `hands` is one encoder used for both hands."""

Architecture = Literal["signnet", "spoter", "conv_transformer", "bilstm"]


def _check(settings: Any, **ranges: tuple[float, float]) -> None:
    """Write whole numbers as floats where those are meant; refuse values out of range.

    Raises
    ------
    SettingsError
        Naming the setting, its value and what it may be.
    """
    for one in fields(settings):
        value = getattr(settings, one.name)
        if one.type is float and type(value) is int:
            object.__setattr__(settings, one.name, float(value))
        elif get_origin(one.type) is tuple:
            plain = float if float in get_args(one.type) else str
            object.__setattr__(settings, one.name, tuple(plain(v) for v in value))
        elif get_origin(one.type) is Literal and value not in get_args(one.type):
            known = ", ".join(get_args(one.type))
            raise SettingsError(f"{one.name} is {value}; choose one of: {known}")
    for name, (low, high) in ranges.items():
        value = getattr(settings, name)
        if not low <= value <= high:
            limit = (
                f"between {low:g} and {high:g}" if high < inf else f"{low:g} or more"
            )
            raise SettingsError(f"{name} is {value}; it should be {limit}")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Shape of the network and of what it looks at."""

    architecture: Architecture = "signnet"
    """Which network; all share the front end."""

    streams: tuple[str, ...] = STREAMS
    """The streams in use."""

    frames: int = 16
    """Frames that the front end resamples every clip to."""

    width: int = 128
    """Channels of the tokens behind the fusion."""

    stream_width: int = 64
    """Channels of the tokens of each stream's encoder."""

    layers: int = 2
    """Blocks of the global transformer."""

    heads: int = 4
    """Attention heads; the width is a multiple of it."""

    hidden: int = 256
    """Channels inside the feed-forward blocks."""

    dropout: float = 0.2
    """Dropout inside the blocks and, doubled, before the head."""

    arms_only: bool = True
    """Nose, shoulders and arms instead of the whole upper body."""

    trim: bool = True
    """Whether the time before and after the hands' appearance is cut off."""

    depth: bool = False
    """Whether z is used; MediaPipe's is noisy."""

    velocities: bool = True
    """Whether differences to earlier frames are added to the positions."""

    distances: bool = False
    """Whether distances within and between hands and to the face are added."""

    exemplars: float = 0.0
    """Weight of remembered clips beside the network; 0 remembers none."""

    full_face: bool = False
    """All 478 face joints instead of lips, brows, eyes and nose."""

    def __post_init__(self) -> None:
        """Refuse shapes that cannot be built."""
        sizes = ("frames", "width", "stream_width", "layers", "heads", "hidden")
        _check(
            self,
            dropout=(0.0, 0.99),
            exemplars=(0.0, inf),
            **dict.fromkeys(sizes, (1.0, inf)),
        )
        unknown = [name for name in self.streams if name not in STREAMS]
        if unknown or not self.streams:
            raise SettingsError(
                f"streams are {','.join(self.streams) or 'empty'}; choose from "
                f"{','.join(STREAMS)}"
            )
        for width in (self.width, self.stream_width):
            if width % self.heads and self.architecture != "bilstm":
                raise SettingsError(
                    f"width {width} is no multiple of {self.heads} heads"
                )
        if self.architecture == "signnet" and self.frames % 4:
            raise SettingsError(
                f"frames is {self.frames}; it should be a multiple of 4"
            )
        if self.architecture == "spoter" and (
            not {"pose", "hands"} <= set(self.streams)
            or self.width != SPOTER_WIDTH
            or self.depth
            or self.velocities
        ):
            raise SettingsError(
                f"spoter reads x and y of pose and hands, width {SPOTER_WIDTH}, "
                "without depth and velocities; use --preset spoter as it is"
            )


@dataclass(frozen=True, kw_only=True)
class AugmentConfig:
    """How training clips are varied. Zero switches a variation off."""

    mirror: float = 0.0
    """Probability of showing the sign left-right mirrored."""

    time_scale: tuple[float, float] = (0.8, 1.2)
    """Range of the tempo; slower than 1 cuts, faster pads with rest."""

    time_warp: float = 0.0
    """Strength of local changes of tempo (standard deviation of its logarithm)."""

    frame_drop: float = 0.0
    """Largest share of frames left out, as slow cameras do."""

    rotation: float = 15.0
    """Largest turn in the picture plane, in degrees."""

    scale: float = 0.0
    """Largest relative change of width and of height, drawn apart."""

    shear: float = 0.0
    """Largest shear."""

    shift: float = 0.0
    """Largest shift of the whole signer, in shoulder widths."""

    arm_shift: float = 0.0
    """Largest shift of each hand with its arm against the trunk, in shoulder widths."""

    hand_rotation: float = 0.0
    """Largest turn of each hand about its wrist, in degrees."""

    hand_tilt: float = 0.0
    """Largest turn of each hand in depth, in degrees."""

    hand_scale: float = 0.0
    """Largest relative change of each hand's size."""

    noise: float = 0.02
    """Standard deviation of the jitter of every joint, in shoulder widths."""

    joint_drop: float = 0.0
    """Probability of a joint being lost for the whole clip."""

    span_drop: float = 0.0
    """Probability of a part being lost for a stretch of the clip."""

    mixup: float = 0.2
    """Parameter of the beta distribution that two clips are mixed with."""

    def __post_init__(self) -> None:
        """Refuse what is no probability and no size."""
        shares = ("mirror", "frame_drop", "joint_drop", "span_drop", "scale")
        sizes = ("time_warp", "rotation", "shear", "shift", "arm_shift")
        sizes += ("hand_rotation", "hand_tilt", "hand_scale", "noise", "mixup")
        ranges = dict.fromkeys(shares, (0.0, 1.0)) | dict.fromkeys(sizes, (0.0, inf))
        _check(self, **ranges)
        if not 0 < self.time_scale[0] <= self.time_scale[-1]:
            raise SettingsError(f"time_scale is {self.time_scale}; give low and high")


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """How the weights are found."""

    epochs: int = 100
    batch_size: int = 16
    learning_rate: float = 3e-4
    weight_decay: float = 0.05
    schedule: Literal["onecycle", "cosine"] = "onecycle"
    warmup: float = 0.1
    """Share of the steps in which the learning rate rises."""

    smoothing: float = 0.1
    """Label smoothing."""

    clip_norm: float = 1.0
    """Gradients are scaled down to this norm."""

    ema: float = 0.0
    """Decay of the moving average of the weights per step; 0 uses the last weights."""

    patience: int = 25
    """Epochs without a better validation loss before training stops; 0 never stops."""

    balance: Literal["none", "gloss", "signer"] = "none"
    """Draw rare glosses, or rare signers of a gloss, more often."""

    def __post_init__(self) -> None:
        """Refuse what no training can be made with."""
        _check(
            self,
            **dict.fromkeys(("epochs", "batch_size"), (1.0, inf)),
            **dict.fromkeys(("warmup", "smoothing", "ema"), (0.0, 1.0)),
            **dict.fromkeys(("weight_decay", "patience", "clip_norm"), (0.0, inf)),
            learning_rate=(1e-12, inf),
        )


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides a training, but for the data and the seed."""

    model: ModelConfig = field(default_factory=ModelConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    train: TrainConfig = field(default_factory=TrainConfig)

    def to_dict(self) -> dict[str, Any]:
        """Give plain nested values."""
        return asdict(self)


def recipe_from_dict(saved: dict[str, Any]) -> Recipe:
    """Rebuild a recipe from plain values.

    Raises
    ------
    SettingsError
        If a key is unknown: the recipe is of another version.
    """
    kinds = {"model": ModelConfig, "augment": AugmentConfig, "train": TrainConfig}
    parts: dict[str, Any] = {}
    if strange := set(saved) - set(kinds):
        raise SettingsError(f"the saved settings have {', '.join(sorted(strange))}")
    for name, kind in kinds.items():
        known = {one.name for one in fields(kind)}
        strange = set(saved.get(name, {})) - known
        if strange:
            raise SettingsError(
                f"the saved {name} settings have {', '.join(sorted(strange))}, unknown "
                "to this version of signnet; train again or use the one that saved it"
            )
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value  # JSON has lists
            for key, value in saved.get(name, {}).items()
        }
        parts[name] = kind(**values)
    return Recipe(**parts)


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

_DEFAULT = Recipe(
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

PRESETS: dict[str, Recipe] = {
    "default": _DEFAULT,
    "baseline": _BASELINE,
    "optimized": _OPTIMIZED,
    "multimodal": _MULTIMODAL,
    "spoter": _SPOTER,
}
"""Recipes by name; `default` is the one that measured best (docs/results.md)."""


def preset(name: str) -> Recipe:
    """Return a preset; SettingsError lists the known ones."""
    if name not in PRESETS:
        raise SettingsError(
            f"unknown preset {name}; choose one of: {', '.join(PRESETS)}"
        )
    return PRESETS[name]
