"""Baselines for SignNet-V2, on the same front end.

`Spoter` follows BdSL-SPOTER (Bohacek & Hruz 2022; 54 joints, learnt positions, mean
pooling). `ConvTransformer` follows the winner of Kaggle's GISLR (2023): three depthwise
convolution blocks and a transformer block, twice. `BiLstm` is the textbook baseline.
"""

from abc import abstractmethod

import torch
from torch import Tensor, nn

from signnet.clip.shapes import Float
from signnet.config import ModelConfig
from signnet.models.frontend import FrontEnd
from signnet.models.layers import ConvBlock, Features, TransformerBlock, transformer

__all__ = ["BiLstm", "ConvTransformer", "Spoter"]


class _OverFeatures(nn.Module):
    """Base class: all streams concatenated, one vector per frame."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.front = FrontEnd(config)
        self.size = sum(self.front.stream_sizes.values())

    @abstractmethod
    def score(self, x: Float[Tensor, "batch frame feature"]) -> Tensor:
        """Score the glosses from one vector per frame."""

    def classify(self, streams: list[Tensor], fresh: Tensor) -> Tensor:
        """Score the glosses from the front end's streams."""
        marked = [
            stream * (fresh[..., index, None] > 0)
            for index, stream in enumerate(streams)
        ]
        return self.score(torch.cat(marked, dim=-1))

    def forward(self, landmarks: Tensor, valid: Tensor | None = None) -> Tensor:
        """Score the glosses; see `FrontEnd.forward` for the input."""
        return self.classify(*self.front(landmarks, valid))


class Spoter(_OverFeatures):
    """A transformer over 12 body and 42 hand joints, x and y."""

    _BODY = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 9)

    def __init__(self, config: ModelConfig, glosses: int) -> None:
        super().__init__(config)
        self.places = nn.Parameter(torch.rand(config.frames, config.width))
        self.blocks = transformer(config)
        self.head = nn.Sequential(
            nn.Linear(config.width, config.width // 2),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.width // 2, glosses),
        )

    def classify(self, streams: list[Tensor], fresh: Tensor) -> Tensor:  # noqa: ARG002
        """Take the 54 joints (108 numbers) and score the glosses."""
        pose, left, right = (stream.unflatten(-1, (-1, 2)) for stream in streams[:3])
        joints = torch.cat(
            [pose[:, :, self._BODY], left[:, :, :21], right[:, :, :21]], 2
        )
        return self.score(joints.flatten(2))

    def score(self, x: Float[Tensor, "batch frame feature"]) -> Tensor:
        """Score the glosses by the mean token."""
        return self.head(self.blocks(x + self.places).mean(1))


class ConvTransformer(_OverFeatures):
    """[Three convolution blocks and a transformer block], `layers` times."""

    def __init__(self, config: ModelConfig, glosses: int) -> None:
        super().__init__(config)
        width, dropout = config.width, config.dropout
        features = Features(self.size, velocities=config.velocities)
        self.embed = nn.Sequential(
            features, nn.Linear(features.size, width), nn.LayerNorm(width)
        )
        blocks: list[nn.Module] = []
        for _ in range(config.layers):
            blocks += [ConvBlock(width, 17, dropout) for _ in range(3)]
            blocks += [TransformerBlock(width, config.heads, config.hidden, dropout)]
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(
            nn.Linear(width, 2 * width),
            nn.SiLU(),
            nn.Dropout(min(0.8, 2 * dropout)),
            nn.Linear(2 * width, glosses),
        )

    def score(self, x: Float[Tensor, "batch frame feature"]) -> Tensor:
        """Score the glosses by the mean token."""
        return self.head(self.blocks(self.embed(x)).mean(1))


class BiLstm(_OverFeatures):
    """Two bidirectional LSTM layers, mean over time."""

    def __init__(self, config: ModelConfig, glosses: int) -> None:
        super().__init__(config)
        self.features = Features(self.size, velocities=config.velocities)
        self.lstm = nn.LSTM(
            self.features.size,
            config.width,
            num_layers=2,
            batch_first=True,
            bidirectional=True,
            dropout=config.dropout,
        )
        self.head = nn.Sequential(
            nn.Dropout(config.dropout), nn.Linear(2 * config.width, glosses)
        )

    def score(self, x: Float[Tensor, "batch frame feature"]) -> Tensor:
        """Score the glosses by the mean state."""
        return self.head(self.lstm(self.features(x))[0].mean(1))
