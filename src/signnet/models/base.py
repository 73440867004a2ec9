"""The base: an encoder that places clips so that the same sign lies close together.

It has seen many words and knows none by name: a vocabulary comes from references, one
or more clips of each word, and a clip is named after the reference whose embedding is
most similar.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from signnet.clip.shapes import Bool, Float, Int
from signnet.config import ModelConfig
from signnet.config.base import EncoderConfig
from signnet.errors import ModelError, SettingsError
from signnet.models.frontend import FrontEnd

__all__ = ["BaseEncoder"]

_LARGEST = 6.0
"""Standardised features are limited to this; outliers are tracking faults."""


class BaseEncoder(nn.Module):
    """Embeds clips of raw landmarks as unit vectors.

    Parameters
    ----------
    config
        Input of the front end.
    shape
        Shape of the encoder.
    """

    def __init__(self, config: ModelConfig, shape: EncoderConfig) -> None:
        super().__init__()
        self.front = FrontEnd(config)
        self.sizes = list(self.front.stream_sizes.values())
        features = sum(self.sizes)
        self.mean: Tensor
        self.spread: Tensor
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("spread", torch.ones(features))
        # Weights [input, width], so that they need no transposition in the graph, from
        # which they are read again.
        size = 2 * features + len(self.sizes)
        limit = size**-0.5
        self.enter = nn.Parameter(
            torch.empty(size, shape.width).uniform_(-limit, limit)
        )
        self.enter_bias = nn.Parameter(torch.zeros(shape.width))
        self.recurrent = nn.GRU(
            shape.width,
            shape.width,
            shape.layers,
            batch_first=True,
            bidirectional=True,
            dropout=shape.dropout if shape.layers > 1 else 0.0,
        )
        self.leave = nn.Linear(2 * shape.width, shape.embedding)
        self.centre: Tensor
        self.whitening: Tensor
        self.register_buffer("centre", torch.zeros(shape.embedding))
        self.register_buffer("whitening", torch.eye(shape.embedding))
        self.dropout = nn.Dropout(shape.dropout)

    @classmethod
    def from_state(
        cls, config: ModelConfig, state: Mapping[str, Tensor]
    ) -> "BaseEncoder":
        """Rebuild an encoder from its weights, which show its shape.

        Raises
        ------
        ModelError
            If the weights are of something else, or of another input.
        """
        try:
            shape = EncoderConfig(
                width=len(state["enter_bias"]),
                embedding=len(state["leave.weight"]),
                layers=sum(name.startswith("recurrent.weight_ih") for name in state)
                // 2,
            )
            base = cls(config, shape)
            base.load_state_dict({name: one.float() for name, one in state.items()})
        except (KeyError, RuntimeError, SettingsError) as error:
            raise ModelError(
                "the weights of the base do not fit its encoder; make it again with "
                "`signnet pretrain`"
            ) from error
        return base.eval()

    def forward(
        self, landmarks: Tensor, valid: Bool[Tensor, "batch time"] | None = None
    ) -> Float[Tensor, "batch axis"]:
        """Embed landmarks of the joints of the front end; see `FrontEnd.forward`."""
        streams, fresh = self.front(landmarks, valid)
        return self.embed(torch.cat([*streams, fresh], dim=-1))

    def embed(
        self, features: Float[Tensor, "batch frame feature"]
    ) -> Float[Tensor, "batch axis"]:
        """Embed what the front end made: the streams, then how fresh each is."""
        entered = self.dropout(self._standardised(features)) @ self.enter
        x = functional.gelu(entered + self.enter_bias)
        x, _ = self.recurrent(x)
        point = functional.normalize(self.leave(self.dropout(x.mean(1))), dim=-1)
        return functional.normalize((point - self.centre) @ self.whitening, dim=-1)

    def standardise(self, features: Float[Tensor, "clip frame feature"]) -> None:
        """Take mean and spread of each feature over the frames that show its part."""
        values, fresh = features.float().split([len(self.mean), len(self.sizes)], -1)
        start = 0
        for part, size in enumerate(self.sizes):
            shown = values[..., start : start + size][fresh[..., part] > 0]
            if len(shown) > 1:
                self.mean[start : start + size] = shown.mean(0)
                self.spread[start : start + size] = shown.std(0).clamp_min(1e-2)
            start += size

    def whiten(
        self, points: Float[Tensor, "clip axis"], words: Int[Tensor, " clip"]
    ) -> None:
        """Make the variation within words equal in all directions, after the training.

        Parameters
        ----------
        points
            Embeddings of the clips that were learnt from.
        words
            Index of the word of each clip.

        Notes
        -----
        Within-class covariance normalisation (Hatch and others, Interspeech 2006), with
        a tenth of the mean variance added to each direction.
        """
        counts = torch.bincount(words).clamp_min(1)
        sums = torch.zeros(len(counts), points.shape[1]).index_add(0, words, points)
        inside = points - (sums / counts[:, None])[words]
        covariance = inside.T @ inside / len(points)
        ridge = 0.1 * covariance.diagonal().mean()
        values, directions = torch.linalg.eigh(covariance)
        self.centre.copy_(points.mean(0))
        scales = ((values + ridge) / (values + ridge).mean()).rsqrt()
        self.whitening.copy_(directions * scales)

    def _standardised(self, features: Tensor) -> Float[Tensor, "batch frame input"]:
        """Give features of mean 0 and spread 1, their changes, and how fresh they are.

        A part that was not seen is 0, the mean.
        """
        values, fresh = features.split([len(self.mean), len(self.sizes)], dim=-1)
        sizes = torch.tensor(self.sizes, device=features.device)
        shown = (fresh > 0).repeat_interleave(sizes, dim=-1)
        even = ((values - self.mean) / self.spread).clamp(-_LARGEST, _LARGEST) * shown
        changes = functional.pad(even[:, 1:] - even[:, :-1], (0, 0, 1, 0))
        return torch.cat([even, fresh, changes], dim=-1)
