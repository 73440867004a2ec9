"""SignNet-V2: one encoder per stream, fusion, several time scales, a transformer.

What is not standard: both hands share an encoder (the front end mirrors the left one);
the longer a stream has not been seen, the less the fusion attends to it, and a learnt
token takes its place; no attention is causal, since the whole clip is known.
"""

import torch
from torch import Tensor, nn

from signnet.clip.shapes import Float
from signnet.config import ModelConfig
from signnet.models.frontend import FrontEnd
from signnet.models.layers import (
    Attention,
    ClipDropout,
    ConvBlock,
    Features,
    OverTime,
    TransformerBlock,
    sinusoids,
    transformer,
)

__all__ = ["SignNet"]


class StreamEncoder(nn.Module):
    """Temporal convolutions and attention over the frames of one stream."""

    def __init__(self, size: int, config: ModelConfig) -> None:
        super().__init__()
        width, dropout = config.stream_width, config.dropout
        features = Features(size, velocities=config.velocities)
        self.embed = nn.Sequential(
            features,
            nn.Linear(features.size, width),
            nn.LayerNorm(width),
            ClipDropout(dropout / 2),
        )
        self.unseen = nn.Parameter(torch.zeros(width))
        self.blocks = nn.Sequential(
            ConvBlock(width, 7, dropout),
            ConvBlock(width, 7, dropout),
            TransformerBlock(width, config.heads, 2 * width, dropout),
        )

    def forward(
        self,
        stream: Float[Tensor, "batch frame feature"],
        fresh: Tensor,
        positions: Tensor,
    ) -> Float[Tensor, "batch frame width"]:
        """Encode a stream; where it was not seen, the learnt token takes its place."""
        fresh = fresh[..., None]
        x = self.embed(stream) * fresh + self.unseen * (1 - fresh)
        return self.blocks(x + positions)


class Fusion(nn.Module):
    """Attention between the streams of each frame, merged into one token per frame."""

    def __init__(self, streams: int, config: ModelConfig) -> None:
        super().__init__()
        width = config.stream_width
        self.norm = nn.LayerNorm(width)
        self.attention = Attention(width, config.heads)
        self.attention.ask.requires_grad_(streams > 1)  # else it has no effect
        self.merge = nn.Linear(streams * width, config.width)
        self.merged_norm = nn.LayerNorm(config.width)

    def forward(
        self,
        x: Float[Tensor, "batch frame stream width"],
        fresh: Float[Tensor, "batch frame stream"],
    ) -> Float[Tensor, "batch frame merged"]:
        """Merge the streams; a stale one is attended to less."""
        batch, frames, streams, width = x.shape
        flat = x.reshape(batch * frames, streams, width)
        bias = 4 * (fresh.reshape(batch * frames, 1, 1, streams) - 1)
        flat = flat + self.attention(self.norm(flat), bias=bias)
        return self.merged_norm(self.merge(flat.reshape(batch, frames, -1)))


class Pyramid(nn.Module):
    """Reads the sequence at three time scales and joins them at the middle one."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, dropout = config.width, config.dropout
        self.fine = ConvBlock(width, 5, dropout)
        self.to_middle = OverTime(width, 3, stride=2)
        self.middle = ConvBlock(width, 5, dropout)
        self.to_coarse = OverTime(width, 3, stride=2)
        self.coarse = ConvBlock(width, 5, dropout)
        self.norm = nn.LayerNorm(width)

    def forward(
        self, x: Float[Tensor, "batch frame width"]
    ) -> Float[Tensor, "batch half width"]:
        """Return half as many tokens; the number of frames is a multiple of four."""
        fine = self.fine(x)
        middle = self.middle(self.to_middle(fine))
        coarse = self.coarse(self.to_coarse(middle))
        pooled = fine.unflatten(1, (-1, 2)).mean(2)
        spread = coarse.repeat_interleave(2, dim=1)
        return self.norm(pooled + middle + spread)


class SignNet(nn.Module):
    """From streams to one score per gloss."""

    def __init__(self, config: ModelConfig, glosses: int) -> None:
        super().__init__()
        self.front = FrontEnd(config)
        sizes = self.front.stream_sizes
        shared = {name: "hand" if "hand" in name else name for name in sizes}
        self.route = list(shared.values())
        self.encoders = nn.ModuleDict(
            {shared[name]: StreamEncoder(size, config) for name, size in sizes.items()}
        )
        self.side = nn.Parameter(torch.randn(len(sizes), config.stream_width) * 0.02)
        self.fusion = Fusion(len(sizes), config)
        self.pyramid = Pyramid(config)
        self.class_token = nn.Parameter(torch.randn(1, 1, config.width) * 0.02)
        self.transformer = transformer(config)
        self.head = nn.Sequential(
            nn.Linear(2 * config.width, config.width),
            nn.SiLU(),
            nn.Dropout(min(0.5, 2 * config.dropout)),
            nn.Linear(config.width, glosses),
        )
        positions = sinusoids(config.frames, config.stream_width)
        self.positions: Tensor
        self.register_buffer("positions", 0.1 * positions, persistent=False)

    def embed(
        self, streams: list[Tensor], fresh: Float[Tensor, "batch frame stream"]
    ) -> Float[Tensor, "batch embedding"]:
        """Describe each clip by one vector: the class token and the mean token."""
        encoded = [
            self.encoders[name](stream, fresh[..., number], self.positions)
            + self.side[number]
            for number, (name, stream) in enumerate(
                zip(self.route, streams, strict=True)
            )
        ]
        x = self.pyramid(self.fusion(torch.stack(encoded, dim=2), fresh))
        token = self.class_token.expand(len(x), -1, -1)
        x = self.transformer(torch.cat([token, x], dim=1))
        return torch.cat([x[:, 0], x[:, 1:].mean(1)], dim=-1)

    def classify(
        self, streams: list[Tensor], fresh: Tensor
    ) -> Float[Tensor, "batch gloss"]:
        """Score the glosses from the front end's streams."""
        return self.head(self.embed(streams, fresh))

    def forward(
        self, landmarks: Tensor, valid: Tensor | None = None
    ) -> Float[Tensor, "batch gloss"]:
        """Score the glosses; see `FrontEnd.forward` for the input."""
        return self.classify(*self.front(landmarks, valid))
