"""Settings of a training: the network, the augmentation and the optimiser."""

from dataclasses import asdict, dataclass, field
from math import inf
from typing import Any, Literal

from signnet.config.checks import ANY_SIZE, POSITIVE, SHARE, WIDTH, check
from signnet.errors import SettingsError

__all__ = [
    "STREAMS",
    "Architecture",
    "AugmentConfig",
    "ModelConfig",
    "Recipe",
    "TrainConfig",
]

SPOTER_WIDTH = 108
"""54 joints, x and y."""

STREAMS = ("pose", "hands", "face")
"""The streams a network can read; `hands` is one encoder used for both hands."""

Architecture = Literal["signnet", "spoter", "conv_transformer", "bilstm", "none"]


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Shape of the network and of its input."""

    architecture: Architecture = "signnet"
    """Network beside the exemplars; all share the front end.

    conv_transformer and bilstm are baselines that no preset uses. With none, no network
    is trained: only the exemplars recognise, and [train] has no effect.
    """

    streams: tuple[str, ...] = STREAMS
    """Streams that the network reads: pose, hands, face."""

    frames: int = 16
    """Frames that every clip is resampled to; a multiple of 4 for signnet."""

    width: int = 128
    """Channels of each token after the fusion of the streams."""

    stream_width: int = 64
    """Channels of each token in the encoder of one stream."""

    layers: int = 2
    """Number of blocks of the global transformer."""

    heads: int = 4
    """Attention heads; both widths must be a multiple of it."""

    hidden: int = 256
    """Channels inside the feed-forward layers."""

    dropout: float = 0.2
    """Dropout in the blocks; the head of signnet uses twice as much."""

    arms_only: bool = True
    """Read nose, shoulders and arms only, not the whole upper body."""

    trim: bool = True
    """Cut off the frames before a hand is first seen and after one is last seen."""

    depth: bool = False
    """Read z as well; MediaPipe's z is noisy."""

    velocities: bool = True
    """Add differences to the two earlier frames to the positions."""

    distances: bool = False
    """Add distances between fingertips, between hands, and from hands to the body."""

    exemplars: float = 0.0
    """Weight of the exemplars' scores against the network's; 0 fits no exemplars."""

    base: bool = False
    """Let the exemplars compare clips in the embedding of a base as well."""

    full_face: bool = False
    """Read all 478 face joints, not only lips, brows, eyes and nose."""

    def __post_init__(self) -> None:
        """Check that a network of this shape can be built."""
        sizes = ("frames", "width", "stream_width", "layers", "heads", "hidden")
        check(
            self,
            dropout=(0.0, 0.99),
            exemplars=ANY_SIZE,
            **dict.fromkeys(sizes, WIDTH),
        )
        unknown = [name for name in self.streams if name not in STREAMS]
        if unknown or not self.streams:
            raise SettingsError(
                f"streams are {','.join(self.streams) or 'empty'}; choose from "
                f"{','.join(STREAMS)}"
            )
        if len(set(self.streams)) < len(self.streams):
            raise SettingsError(
                f"streams are {','.join(self.streams)}; name each stream once"
            )
        self._check_widths()
        if self.architecture == "signnet" and self.frames % 4:
            raise SettingsError(
                f"frames is {self.frames}; it should be a multiple of 4"
            )
        if self.architecture == "spoter":
            self._check_spoter()
        if self.architecture == "none" and not self.exemplars:
            raise SettingsError(
                "architecture none needs exemplars; set exemplars above 0, such as 12"
            )
        if self.base and not self.exemplars:
            raise SettingsError(
                "a base works through the exemplars; set exemplars above 0, such as "
                "12, or leave the base out"
            )

    def _check_widths(self) -> None:
        """Check that the attention heads can share the channels."""
        if self.architecture in ("bilstm", "none"):
            return
        for width in (self.width, self.stream_width):
            if width % self.heads:
                raise SettingsError(
                    f"width {width} is not a multiple of {self.heads} heads"
                )

    def _check_spoter(self) -> None:
        """Check that the input equals that of the published network."""
        needed = {"pose", "hands"} <= set(self.streams) and self.width == SPOTER_WIDTH
        if not needed or self.depth or self.velocities:
            raise SettingsError(
                f"spoter reads x and y of pose and hands, width {SPOTER_WIDTH}, "
                "without depth and velocities; use --preset spoter as it is"
            )


@dataclass(frozen=True, kw_only=True)
class AugmentConfig:
    """Random variation of training clips; 0 switches a variation off."""

    mirror: float = 0.0
    """Probability of mirroring a clip, left for right."""

    time_scale: tuple[float, float] = (0.8, 1.2)
    """Range of the tempo: below 1 shows a part, slower; above 1 adds rest."""

    time_warp: float = 0.0
    """Local changes of tempo: standard deviation of its logarithm."""

    frame_drop: float = 0.0
    """Largest fraction of frames left out, as by a slow camera."""

    rotation: float = 15.0
    """Largest rotation in the picture plane, in degrees."""

    scale: float = 0.0
    """Largest relative change of width and of height, drawn separately."""

    shear: float = 0.0
    """Largest shear, as horizontal shift per height."""

    shift: float = 0.0
    """Largest shift of the whole signer, in shoulder widths."""

    arm_shift: float = 0.0
    """Largest shift of each hand with its arm against the trunk, in shoulder widths."""

    hand_rotation: float = 0.0
    """Largest rotation of each hand about its wrist, in degrees."""

    hand_tilt: float = 0.0
    """Largest rotation of each hand in depth, in degrees."""

    hand_scale: float = 0.0
    """Largest relative change of each hand's size."""

    noise: float = 0.02
    """Standard deviation of the noise on every joint, in shoulder widths."""

    joint_drop: float = 0.0
    """Probability that a joint is lost for the whole clip."""

    span_drop: float = 0.0
    """Probability that a hand or the face is lost for up to a third of the clip."""

    mixup: float = 0.2
    """Mixup of two clips: parameter of the symmetric beta distribution."""

    def __post_init__(self) -> None:
        """Check ranges."""
        shares = ("mirror", "frame_drop", "joint_drop", "span_drop", "scale")
        sizes = ("time_warp", "rotation", "shear", "shift", "arm_shift")
        sizes += ("hand_rotation", "hand_tilt", "hand_scale", "noise", "mixup")
        ranges = dict.fromkeys(shares, SHARE) | dict.fromkeys(sizes, ANY_SIZE)
        check(self, **ranges)
        low, high = self.time_scale
        if not 0 < low <= high < inf:
            raise SettingsError(
                f"time_scale is {self.time_scale}; give low and high, above 0"
            )


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Optimiser, schedule and early stopping."""

    epochs: int = 100
    """Passes over all training clips."""

    batch_size: int = 16
    """Clips per step."""

    learning_rate: float = 3e-4
    """Largest learning rate of AdamW."""

    weight_decay: float = 0.05
    """Weight decay of matrices; biases, norms and tokens have none."""

    schedule: Literal["onecycle", "cosine"] = "onecycle"
    """Schedule of the learning rate."""

    warmup: float = 0.1
    """Fraction of the steps in which the learning rate rises."""

    smoothing: float = 0.1
    """Label smoothing."""

    clip_norm: float = 1.0
    """Largest norm of the gradients; larger ones are scaled down."""

    ema: float = 0.0
    """Decay of the moving average of the weights per step; 0 uses the last weights."""

    patience: int = 25
    """Epochs without a better validation loss before training stops; 0 disables it."""

    balance: Literal["none", "gloss", "signer"] = "none"
    """Draw rare glosses, or rare signers of a gloss, more often."""

    def __post_init__(self) -> None:
        """Check ranges."""
        check(
            self,
            **dict.fromkeys(("epochs", "batch_size"), POSITIVE),
            **dict.fromkeys(("warmup", "smoothing", "ema"), SHARE),
            **dict.fromkeys(("weight_decay", "patience"), ANY_SIZE),
            learning_rate=(1e-12, 1e9),
            clip_norm=(0.0, inf),
        )


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All settings of a training, apart from the data and the seed."""

    model: ModelConfig = field(default_factory=ModelConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    train: TrainConfig = field(default_factory=TrainConfig)

    def to_dict(self) -> dict[str, Any]:
        """Return nested plain values."""
        return asdict(self)
