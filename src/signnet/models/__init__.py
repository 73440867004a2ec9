"""Networks: all take raw landmarks and return one score per gloss."""

from torch import nn

from signnet.config import ModelConfig
from signnet.errors import SettingsError
from signnet.models.baselines import BiLstm, ConvTransformer, Spoter
from signnet.models.exemplars import Exemplars
from signnet.models.frontend import FrontEnd, chosen_joints
from signnet.models.signnet import SignNet

__all__ = [
    "Exemplars",
    "FrontEnd",
    "Network",
    "SignNet",
    "build",
    "chosen_joints",
    "parameters",
]

Network = SignNet | Spoter | ConvTransformer | BiLstm


def build(config: ModelConfig, glosses: int) -> Network:
    """Build a network with fresh weights.

    Raises
    ------
    SettingsError
        If the architecture is none.
    """
    if config.architecture == "none":
        raise SettingsError("architecture none has no network to build")
    kinds = {
        "signnet": SignNet,
        "spoter": Spoter,
        "conv_transformer": ConvTransformer,
        "bilstm": BiLstm,
    }
    return kinds[config.architecture](config, glosses)


def parameters(network: nn.Module) -> int:
    """Count the numbers that a model stores: weights and exemplars."""
    return sum(weights.numel() for weights in network.parameters())
