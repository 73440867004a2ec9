"""AdamW, and the learning rate from the first step of a training to the last."""

import math
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from signnet.config import TrainConfig

__all__ = ["make_optimizer", "make_schedule"]


def make_optimizer(network: nn.Module, config: TrainConfig) -> torch.optim.AdamW:
    """Return AdamW with weight decay of matrices, not of biases, norms and tokens."""
    matrices = [weights for weights in network.parameters() if weights.ndim == 2]
    others = [weights for weights in network.parameters() if weights.ndim != 2]
    groups: list[dict[str, Any]] = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, fused=True)


def make_schedule(
    optimizer: torch.optim.Optimizer, config: TrainConfig, steps: int
) -> LRScheduler:
    """Return the learning rate over a number of steps: it rises, then falls."""
    if config.schedule == "onecycle":
        rising = min(1.0, max(config.warmup, 2 / (steps + 1)))  # at least one step
        return OneCycleLR(
            optimizer,
            config.learning_rate,
            total_steps=steps + 1,
            pct_start=rising,
        )
    warm = max(1, round(config.warmup * steps))

    def factor(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        passed = (step - warm) / max(1, steps - warm)
        return 0.5 * (1 + math.cos(math.pi * min(1, passed)))

    return LambdaLR(optimizer, factor)
