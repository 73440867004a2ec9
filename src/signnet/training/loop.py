"""The training loop: yields a report per epoch; the caller shows, writes and stops.

What is not standard: augmentation works on whole batches of raw landmarks, mixup on the
front end's streams; the weights to keep are a moving average.
"""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Generator, Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from signnet.clip.shapes import Float
from signnet.config import Recipe
from signnet.errors import ModelError
from signnet.models import Network, build
from signnet.training.augment import JointGroups, augment
from signnet.training.batches import AnyClips, Clips, draw_weights
from signnet.training.optimisation import make_optimizer, make_schedule
from signnet.training.processes import open_fabric, share_norms
from signnet.training.progress import EpochReport

__all__ = ["MixingStep", "Trainer", "in_batches", "probabilities"]


_ALL = slice(None)


class MixingStep(nn.Module):
    """A network in training, with mixup of the front end's streams."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        landmarks: Tensor,
        valid: Tensor,
        partner: Tensor,
        share: Tensor,
        own: slice = _ALL,
    ) -> Float[Tensor, "own gloss"]:
        """Score mixtures of each clip, with weight `share`, and its partner.

        `own` selects the clips of this process, where there are several processes.
        """
        # Mixed precision would round landmarks to three digits.
        full = torch.autocast(landmarks.device.type, enabled=False)
        with torch.no_grad(), full:
            streams, fresh = self.network.front(landmarks, valid)
            weight = share[:, None, None]
            streams = [weight * x + (1 - weight) * x[partner] for x in streams]
            mixed = torch.maximum(fresh, fresh[partner])
            fresh = torch.where(weight < 1, mixed, fresh)
        return self.network.classify([x[own] for x in streams], fresh[own])


class Trainer:
    """The state of a training: new, or resumed from an earlier `state`.

    It seeds torch's global random state.
    """

    def __init__(
        self,
        recipe: Recipe,
        clips: AnyClips,
        validation: AnyClips | None,
        glosses: int,
        seed: int,
        fabric: Fabric | None = None,
    ) -> None:
        self.recipe, self.clips, self.validation = recipe, clips, validation
        self.fabric, self.seed = fabric or open_fabric(), seed
        torch.manual_seed(seed)
        self.rng = Generator().manual_seed(seed)
        network = build(recipe.model, glosses)
        if self.fabric.world_size > 1:
            share_norms(network)
        self.groups = JointGroups(
            tuple(network.front.joints), tuple(network.front.cuts)
        )
        self.weights = draw_weights(clips, recipe.train.balance)
        steps = math.ceil(len(clips) / recipe.train.batch_size) * recipe.train.epochs
        optimizer = make_optimizer(network, recipe.train)
        self.schedule = make_schedule(optimizer, recipe.train, steps)
        self.average = _average(network, recipe.train.ema, self.fabric.device)
        self.step, self.optimizer = self.fabric.setup(MixingStep(network), optimizer)
        self.epoch, self.best_loss, self.waited = 0, math.inf, 0

    def epochs(self) -> Iterator[EpochReport]:
        """Train until the last epoch, or until patience runs out."""
        config = self.recipe.train
        while self.epoch < config.epochs:
            if config.patience and self.waited >= config.patience:
                return
            started = time.perf_counter()
            loss, top1, inside = self._train_epoch()
            seconds = time.perf_counter() - started
            held = self._validate()
            self.epoch += 1
            best = held[0] < self.best_loss
            self.best_loss = held[0] if best else self.best_loss
            self.waited = 0 if best or math.isnan(held[0]) else self.waited + 1
            yield EpochReport(
                self.epoch,
                loss,
                top1,
                *held,
                learning_rate=float(self.schedule.get_last_lr()[0]),
                seconds=seconds,
                clips_per_second=len(self.clips) / seconds,
                overhead=1 - inside / seconds,
                best=best,
            )

    def _train_epoch(self) -> tuple[float, float, float]:
        """Train on all clips once; return loss, top-1 and seconds in the network."""
        self.step.train()
        rank, processes = self.fabric.global_rank, self.fabric.world_size
        if processes > 1:  # each its own dropout, also when resumed
            torch.manual_seed(hash((self.seed, self.epoch, rank)))
        total, right, inside = 0.0, 0.0, 0.0
        size = self.recipe.train.batch_size
        for clips in self.clips.batches(size, self.weights, self.rng):
            landmarks, valid, target, partner, share = self._batch(clips)
            # With fewer clips than processes, each process takes all of them.
            own = slice(rank, None, processes) if len(clips) >= processes else _ALL
            started = time.perf_counter()
            scores = self.step(landmarks, valid, partner, share, own)
            targets = target[own], target[partner][own]
            losses = self._losses(scores, *targets, share[own])
            part = processes if own != _ALL else 1
            loss = losses.sum() * part / len(clips)
            self.optimizer.zero_grad()
            self.fabric.backward(loss)
            self.fabric.clip_gradients(
                self.step, self.optimizer, max_norm=self.recipe.train.clip_norm
            )
            self.optimizer.step()
            total += loss.item() * len(clips) / processes  # waits for a GPU
            inside += time.perf_counter() - started
            self.schedule.step()
            if self.average:
                _follow(self.average, self.network)
            hits = int((scores.argmax(1) == targets[0]).sum())
            right += hits * part / processes
        sums = self.fabric.to_device(torch.tensor([total, right]))
        summed: Any = self.fabric.all_reduce(sums, reduce_op="sum")
        total, right = summed.tolist()
        return total / len(self.clips), right / len(self.clips), inside

    def _batch(self, clips: Clips) -> tuple[Tensor, ...]:
        """Draw variants of the clips and their partners for mixup."""
        config = self.recipe.augment
        landmarks, valid = augment(
            clips.landmarks, clips.lengths, config, self.groups, self.rng
        )
        partner = torch.randperm(len(clips), generator=self.rng)
        share = torch.ones(len(clips))
        if config.mixup:
            share = draw_shares(config.mixup, len(clips), self.rng)
        batch = (landmarks, valid, clips.glosses, partner, share)
        return tuple(self.fabric.to_device(tensor) for tensor in batch)

    def _losses(
        self, scores: Tensor, own: Tensor, other: Tensor, share: Tensor
    ) -> Float[Tensor, " own"]:
        losses = [
            functional.cross_entropy(
                scores,
                target,
                reduction="none",
                label_smoothing=self.recipe.train.smoothing,
            )
            for target in (own, other)
        ]
        return share * losses[0] + (1 - share) * losses[1]

    def _validate(self) -> tuple[float, float]:
        """Return loss and top-1 of `network_to_keep`; NaN without validation clips."""
        if self.validation is None or not len(self.validation):
            return math.nan, math.nan
        predicted = probabilities(self.network_to_keep(), self.validation)
        known = self.validation.glosses >= 0
        picked = predicted[known].gather(1, self.validation.glosses[known, None])
        loss = -picked.clamp_min(1e-9).log().mean()
        top1 = (predicted.argmax(1) == self.validation.glosses).float().mean()
        return float(loss), float(top1)

    @property
    def network(self) -> Network:
        """The network being trained."""
        module: Any = self.step.module
        return module.network

    def network_to_keep(self) -> Network:
        """Return the moving average of the network, or else the network itself."""
        if self.average is None:
            return self.network
        average: Any = self.average.module
        return average

    def weights_to_keep(self) -> dict[str, Tensor]:
        """Copy the weights of `network_to_keep`."""
        weights = self.network_to_keep().state_dict()
        return {name: one.detach().cpu().clone() for name, one in weights.items()}

    def state(self) -> dict[str, Any]:
        """Return everything that `resume` needs to continue exactly."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict() if self.average else {},
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "rng_states": [
                self.rng.get_state(),
                torch.get_rng_state(),
                *self._dropout(),
            ],
            "epoch": [self.epoch, self.best_loss, self.waited],
        }

    def _dropout(self) -> list[Tensor]:
        """Return the state of a GPU's generator, which draws its dropout."""
        is_gpu = self.fabric.device.type == "cuda"
        return [torch.cuda.get_rng_state()] if is_gpu else []

    def resume(self, state: dict[str, Any]) -> None:
        """Continue from an earlier `state`; ModelError if another version wrote it."""
        if "rng_states" not in state:
            raise ModelError(
                "another version of signnet wrote the state of the unfinished run; "
                "delete the run's folder to start again"
            )
        self.network.load_state_dict(state["network"])
        if self.average:
            self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.rng.set_state(state["rng_states"][0])
        torch.set_rng_state(state["rng_states"][1])
        if state["rng_states"][2:] and self.fabric.device.type == "cuda":
            torch.cuda.set_rng_state(state["rng_states"][2])
        self.epoch, self.best_loss, self.waited = state["epoch"]


def probabilities(network: nn.Module, clips: AnyClips) -> Float[Tensor, "clip gloss"]:
    """Return a network's probabilities for clips, without augmentation."""
    network.eval()
    device = next(network.parameters()).device

    def predict(landmarks: Tensor, valid: Tensor) -> Tensor:
        return network(landmarks.to(device), valid.to(device)).softmax(-1)

    return in_batches(predict, clips)


@torch.inference_mode()
def in_batches(
    predict: Callable[[Tensor, Tensor], Tensor], clips: AnyClips, batch_size: int = 64
) -> Float[Tensor, "clip gloss"]:
    """Predict all clips in batches; `predict` takes landmarks and valid frames."""
    predicted = list[Tensor]()
    for part in clips.parts(batch_size):
        time = torch.arange(part.landmarks.shape[1])
        predicted.append(predict(part.landmarks, time < part.lengths[:, None]).cpu())
    return torch.cat(predicted)


def _average(
    network: Network, decay: float, device: torch.device
) -> AveragedModel | None:
    """Copy the network for the moving average of its weights, if there is to be one."""
    if not decay:
        return None
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay)).to(device)


@torch.no_grad()
def _follow(average: AveragedModel, network: Network) -> None:
    """Move the average as `update_parameters`, which takes each tensor by itself."""
    if not average.n_averaged:
        average.update_parameters(network)
        return
    move: Any = average.multi_avg_fn
    move([*average.module.parameters()], [*network.parameters()], average.n_averaged)
    for kept, new in zip(average.module.buffers(), network.buffers(), strict=True):
        kept.copy_(new)
    average.n_averaged += 1


def draw_shares(alpha: float, count: int, rng: Generator) -> Float[Tensor, " batch"]:
    """Draw shares from the symmetric beta distribution, the larger one first.

    Notes
    -----
    Devroye (1996), Random Variate Generation in One Line of Code, section on the
    symmetric beta distribution: exact for every alpha, from two uniform numbers each.
    torch's own gamma sampler takes no generator.
    """
    u, v = torch.rand(2, count, generator=rng, dtype=torch.float64).clamp_min(1e-300)
    ratio = torch.expm1(-u.log() / alpha) * (2 * torch.pi * v).cos().square()
    return (0.5 + 0.5 / (1 + 1 / ratio).sqrt()).float()
