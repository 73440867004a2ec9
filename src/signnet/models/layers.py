"""Building blocks that the networks share."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from signnet.clip.shapes import Float
from signnet.config import ModelConfig

__all__ = [
    "Attention",
    "ClipDropout",
    "ConvBlock",
    "Features",
    "OverTime",
    "TransformerBlock",
    "sinusoids",
    "transformer",
]

Tokens = Float[Tensor, "batch frame width"]


class ClipDropout(nn.Module):
    """Drops channels for a whole clip, the same in all its frames.

    Notes
    -----
    As in recurrent networks (Gal & Ghahramani 2016): single frames would be restored
    from their neighbours. It also draws far fewer random numbers, which took a sixth
    of a training step.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, x: Tokens) -> Tokens:
        """Drop and scale up in training; change nothing otherwise."""
        if not self.training or not self.probability:
            return x
        keep = functional.dropout(x.new_ones(len(x), 1, x.shape[-1]), self.probability)
        return x * keep


class OverTime(nn.Conv2d):
    """A convolution along the frames of tokens [batch, frame, width].

    Notes
    -----
    A 2-D convolution over a picture one frame high, since its kernel for channels-last
    memory takes tokens as they lie; forward and backward run four times faster on a
    CPU than `Conv1d`, depthwise (torch 2.13). Where all channels are mixed, one product
    of matrices is twice as fast again.
    """

    def __init__(
        self, width: int, kernel: int, *, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(
            width,
            width,
            (1, kernel),
            stride=(1, stride),
            padding=(0, kernel // 2),
            groups=groups,
        )

    def forward(self, input: Tokens) -> Float[Tensor, "batch strided width"]:
        """Mix neighbouring frames."""
        if self.groups == 1:
            return self._with_all_channels(input)
        return super().forward(input.unsqueeze(1).permute(0, 3, 1, 2)).squeeze(2).mT

    def _with_all_channels(self, input: Tokens) -> Float[Tensor, "batch strided width"]:
        frames, kernel, stride = input.shape[1], self.kernel_size[1], self.stride[1]
        padded = functional.pad(input, (0, 0, kernel // 2, kernel // 2))
        taps = [padded[:, tap : tap + frames : stride] for tap in range(kernel)]
        near = torch.stack(taps, dim=-1).flatten(2)
        return functional.linear(near, self.weight.flatten(1), self.bias)


class Features(nn.Module):
    """Standardises the front end's features and adds their changes over time.

    The streams mix joints and distances of very different spread; without this the
    widest would dominate the rest. Changes are taken afterwards, so that those of a
    joint that hardly moves stay small.
    """

    _LARGEST = 6.0

    def __init__(self, size: int, *, velocities: bool) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(size, affine=False, momentum=0.05)
        self.velocities = velocities
        self.size = size * (3 if velocities else 1)

    def forward(self, x: Tokens) -> Float[Tensor, "batch token feature"]:
        """Return features of mean 0 and deviation 1, outliers clipped.

        Notes
        -----
        The changes since one and two frames before were in the winning features of
        Kaggle's GISLR.
        """
        standard = self.norm(x.flatten(0, 1)).view_as(x)
        standard = standard.clamp(-self._LARGEST, self._LARGEST)
        if not self.velocities:
            return standard
        one = functional.pad(standard[:, 1:] - standard[:, :-1], (0, 0, 1, 0))
        two = functional.pad(standard[:, 2:] - standard[:, :-2], (0, 0, 2, 0))
        return torch.cat([standard, 4 * one, 4 * two], dim=-1)


class ConvBlock(nn.Module):
    """Mixes neighbouring frames, then channels; residual.

    Notes
    -----
    The order of ConvNeXt (Liu et al. 2022): the depthwise convolution comes before the
    widening, where it costs least. It is not causal: the whole clip is known.
    """

    def __init__(
        self, width: int, kernel: int, dropout: float, expand: int = 2
    ) -> None:
        super().__init__()
        self.mix = OverTime(width, kernel, groups=width)
        self.channels = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width * expand),
            nn.SiLU(),
            nn.Linear(width * expand, width),
            ClipDropout(dropout),
        )

    def forward(self, x: Tokens) -> Tokens:
        """Add the mixture of the neighbouring frames."""
        return x + self.channels(self.mix(x))


class Attention(nn.Module):
    """Multi-head attention of tokens to their own or another sequence.

    `ask` makes the queries, `tell` the keys and values; saved weights have these names.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ask = nn.Linear(width, width)
        self.tell = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(
        self,
        x: Float[Tensor, "batch query width"],
        context: Float[Tensor, "batch key width"] | None = None,
        bias: Float[Tensor, "batch one one key"] | None = None,
    ) -> Float[Tensor, "batch query width"]:
        """Attend; `bias` is added to the scores (large negative hides a key)."""
        context = x if context is None else context
        if context.shape[1] == 1:  # one key takes all attention
            value = functional.linear(context, *self._value_weights())
            return self.out(value.expand(-1, x.shape[1], -1))
        query = self._split(self.ask(x))
        key, value = (self._split(half) for half in self.tell(context).chunk(2, dim=-1))
        mixed = functional.scaled_dot_product_attention(query, key, value, bias)
        return self.out(mixed.transpose(1, 2).flatten(2))

    def _value_weights(self) -> tuple[Tensor, Tensor]:
        """Return the second half of `tell`, which makes the values."""
        width = self.out.in_features
        return self.tell.weight[width:], self.tell.bias[width:]

    def _split(self, x: Tensor) -> Float[Tensor, "batch head token channel"]:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class TransformerBlock(nn.Module):
    """Attention and a feed-forward block, each normalised first and residual."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.feed = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, hidden),
            nn.SiLU(),
            ClipDropout(dropout),
            nn.Linear(hidden, width),
        )
        self.drop = ClipDropout(dropout)

    def forward(self, x: Tokens) -> Tokens:
        """Apply attention, then the feed-forward block."""
        x = x + self.drop(self.attention(self.attention_norm(x)))
        return x + self.drop(self.feed(x))


def transformer(config: ModelConfig) -> nn.Sequential:
    """Build the transformer blocks and the final norm."""
    blocks = (
        TransformerBlock(config.width, config.heads, config.hidden, config.dropout)
        for _ in range(config.layers)
    )
    return nn.Sequential(*blocks, nn.LayerNorm(config.width))


def sinusoids(frames: int, width: int) -> Float[Tensor, "frame width"]:
    """Encode positions in a sequence (Vaswani et al. 2017, section 3.5)."""
    positions = torch.arange(frames)[:, None]
    rate = torch.exp(torch.arange(0, width, 2) * (-9.21 / width))
    angles = positions * rate
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :width]
