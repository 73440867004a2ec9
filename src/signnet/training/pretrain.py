"""Pre-training: a base learns to place clips so that the same word lies together.

The loss is a softmax over the cosines between a clip and one learnt direction a word,
with an additive angular margin. It can be stopped after any epoch and continued.
"""

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from signnet.clip.shapes import Float, Float16, Int
from signnet.config.base import BaseConfig
from signnet.dataset import Dataset, no_progress
from signnet.errors import ModelError
from signnet.files import only_writer, write_text
from signnet.models.base import BaseEncoder
from signnet.models.checkpoint import save_atomically
from signnet.recognise.model_card import CARD, GRAPH, TrainedClip
from signnet.training.base_file import write_base
from signnet.training.compounds import Compounds, joined
from signnet.training.corpora import Bank, make_bank
from signnet.training.folder import load_state, recorded_threads
from signnet.training.machine import process_unchanged
from signnet.training.progress import StageWatcher

__all__ = [
    "BaseReport",
    "BaseTrainer",
    "PretrainSettings",
    "pretrain_base",
]

_CARD = "base.json"
_FORMAT = 1
_PART = 256
"""Clips that are embedded together."""


@dataclass(frozen=True)
class BaseReport:
    """Measures of one epoch."""

    epoch: int
    """Number of the epoch, from 1."""

    loss: float
    """Mean loss of the clips, with the margin."""


@dataclass(frozen=True, kw_only=True)
class PretrainSettings:
    """What a pre-training is asked for."""

    config: BaseConfig
    seed: int = 0
    threads: int | None = None
    """Threads of torch; None leaves the number as it is."""

    resume: bool = False
    """Continue an unfinished pre-training of the same settings."""


def pretrain_base(
    corpora: Sequence[tuple[str, Dataset]],
    settings: PretrainSettings,
    out: Path,
    watch: Callable[[BaseReport], None] | None = None,
    stage: StageWatcher | None = None,
) -> BaseEncoder:
    """Learn a base from several corpora and keep it in a folder.

    Parameters
    ----------
    corpora
        Names and datasets. Their words are kept apart; words held out by a hash of
        their gloss, clips filed under several words, and rare words are left out.
    settings
        Shape, loss, seed.
    out
        The folder.
    watch
        Callback after each epoch.
    stage
        Callback `(name, done, total)` while the variants are made.

    Raises
    ------
    DatasetError
        If fewer than two words are left.
    ModelError
        If the folder holds another pre-training, or cannot be written.
    """
    _refuse_taken(out, settings)
    threads = settings.threads or recorded_threads(out / _CARD)
    with only_writer(out, ModelError), process_unchanged(threads):
        bank = make_bank(
            corpora,
            settings.config,
            settings.seed,
            partial(stage, "making variants") if stage else no_progress,
        )
        _prepare(out, corpora, settings, bank)
        trainer = BaseTrainer(settings, bank)
        last = out / "last.pt"
        if settings.resume and last.is_file():
            trainer.resume(load_state(last))
        for report in trainer.epochs():
            save_atomically(trainer.state(), last)
            if watch:
                watch(report)
        base = trainer.base()
        if stage:
            stage("exporting", 0, 1)
        write_base(
            base,
            settings.config,
            out,
            seed=settings.seed,
            words=bank.names,
            clips=_origins(corpora, bank),
        )
    last.unlink(missing_ok=True)
    return base


def _origins(corpora: Sequence[tuple[str, Dataset]], bank: Bank) -> list[TrainedClip]:
    """Return name, signer and session of each clip that is learnt from."""
    every = [
        clip
        for _, data in corpora
        for clip in zip(
            data.names, data.column("signer"), data.column("session"), strict=True
        )
    ]
    return [every[index] for index in bank.clips]


def _refuse_taken(out: Path, settings: PretrainSettings) -> None:
    """Refuse a folder that holds another base, before minutes go into variants."""
    if not (out / _CARD).exists():
        for name in (GRAPH, CARD, "last.pt"):
            if (out / name).exists():
                raise ModelError(
                    f"{out} holds {name} but no {_CARD}; choose another --out"
                )
    elif not settings.resume or (
        (out / CARD).exists() and not (out / "last.pt").exists()
    ):
        raise ModelError(
            f"{out} already holds a base; add --resume to an unfinished one, or choose "
            "another --out"
        )


def _prepare(
    out: Path,
    corpora: Sequence[tuple[str, Dataset]],
    settings: PretrainSettings,
    bank: Bank,
) -> None:
    """Write what is learnt from what, or check that the folder's is the same."""
    card = {
        "format": _FORMAT,
        "config": asdict(settings.config),
        "seed": settings.seed,
        "corpora": {name: len(data) for name, data in corpora},
        "words": list(bank.names),
        "threads": torch.get_num_threads(),
    }
    wanted = json.loads(json.dumps(card))
    file = out / _CARD
    if not file.exists():
        write_text(file, json.dumps(card, ensure_ascii=False, indent=1), ModelError)
        return
    try:
        stored = dict(json.loads(file.read_text("utf-8")))
        found = {"threads": wanted["threads"]} | stored  # not always recorded
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise ModelError(f"{file} is broken; choose another --out") from error
    different = [key for key, value in wanted.items() if found.get(key) != value]
    if different:
        raise ModelError(
            f"{out} holds a pre-training with another {', '.join(different)}; repeat "
            "the command it was started with, or choose another --out"
        )


class BaseTrainer:
    """The state of a pre-training.

    Parameters
    ----------
    settings
        Shape, loss, seed.
    bank
        Features and words.
    encoder
        Another encoder than the settings describe, to compare.
    """

    def __init__(
        self,
        settings: PretrainSettings,
        bank: Bank,
        encoder: BaseEncoder | None = None,
    ) -> None:
        config = settings.config
        torch.manual_seed(settings.seed)
        self.config, self.bank = config.pretrain, bank
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.features = torch.from_numpy(bank.features).to(self.device)
        self.words = torch.from_numpy(bank.words).long()
        self.compounds = Compounds.among(self.words, settings.seed)
        self.batch = min(self.config.batch_size, len(self.words))
        self.joined = round(self.config.compounds * self.batch)
        made = len(self.compounds) if self.joined else 0
        twins = functional.pad(torch.from_numpy(bank.twins), (0, made, 0, made))
        self.twins = twins.to(self.device)
        encoder = encoder or BaseEncoder(config.input, config.encoder)
        encoder.standardise(torch.from_numpy(bank.features[0]))
        self.encoder = encoder.to(self.device)
        shape = len(bank.names) + made, config.encoder.embedding
        self.directions = nn.Parameter((torch.randn(shape) * 0.05).to(self.device))
        self.steps = len(self.words) // self.batch
        self.optimiser = torch.optim.AdamW(
            [*self.encoder.parameters(), self.directions],
            lr=self.config.learning_rate,
            weight_decay=self.config.weight_decay,
        )
        self.schedule = OneCycleLR(
            self.optimiser,
            self.config.learning_rate,
            total_steps=self.config.epochs * self.steps + 1,
            pct_start=0.1,
        )
        average = get_ema_multi_avg_fn(self.config.ema)
        self.average = AveragedModel(self.encoder, multi_avg_fn=average)
        self.rng = Generator().manual_seed(settings.seed)
        self.epoch = 0

    def epochs(self) -> Iterator[BaseReport]:
        """Learn until the last epoch."""
        while self.epoch < self.config.epochs:
            self.encoder.train()
            order = torch.randperm(len(self.words), generator=self.rng)
            losses = [
                self._step(some)
                for some in order[: self.steps * self.batch].split(self.batch)
            ]
            self.epoch += 1
            yield BaseReport(self.epoch, sum(losses) / len(losses))

    def base(self) -> BaseEncoder:
        """Return the encoder with averaged weights, its embedding whitened."""
        encoder = copy.deepcopy(self.average.module).cpu()
        assert isinstance(encoder, BaseEncoder)
        encoder.eval()
        plain = torch.from_numpy(self.bank.features[0])
        with torch.no_grad():
            points = torch.cat([encoder.embed(x.float()) for x in plain.split(_PART)])
        encoder.whiten(points, self.words)
        return encoder

    def _step(self, clips: Int[Tensor, " batch"]) -> float:
        features, words = self._batch(clips)
        loss = angular_loss(
            self.encoder.embed(features.float()),
            functional.normalize(self.directions, dim=-1),
            words,
            self.twins[words],
            scale=self.config.scale,
            margin=self.config.margin,
        )
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.encoder.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
        self.average.update_parameters(self.encoder)
        return loss.item()

    def _batch(
        self, clips: Int[Tensor, " batch"]
    ) -> tuple[Float16[Tensor, "all frame feature"], Int[Tensor, " all"]]:
        """Return a variant of each clip, then clips of made-up words, with labels."""
        features, words = self._varied(clips), self.words[clips]
        if self.joined:
            made, both = self.compounds.draw(self.joined, self.rng)
            halves = [self._varied(some) for some in both.unbind(1)]
            features = torch.cat([features, joined(*halves)])
            words = torch.cat([words, len(self.bank.names) + made])
        return features, words.to(self.device)

    def _varied(
        self, clips: Int[Tensor, " some"]
    ) -> Float16[Tensor, "some frame feature"]:
        variants = torch.randint(len(self.features), (len(clips),), generator=self.rng)
        return self.features[variants.to(self.device), clips.to(self.device)]

    def state(self) -> dict[str, Any]:
        """Return all that continuing needs."""
        return {
            "epoch": self.epoch,
            "encoder": self.encoder.state_dict(),
            "directions": self.directions.data,
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "rng": self.rng.get_state(),
            "dropout": self._random().get_state(),
        }

    def _random(self) -> Generator:
        """Return the generator that dropout draws from."""
        if self.device.type == "cuda":
            return torch.cuda.default_generators[torch.cuda.current_device()]
        return torch.default_generator

    def resume(self, state: dict[str, Any]) -> None:
        """Continue from a state; ModelError if it is of another pre-training."""
        try:
            self.encoder.load_state_dict(state["encoder"])
            self.directions.data = state["directions"]
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.schedule.load_state_dict(state["schedule"])
            self.rng.set_state(state["rng"])
            self._random().set_state(state["dropout"])
            self.epoch = int(state["epoch"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise ModelError(
                f"last.pt belongs to another pre-training: {error}"
            ) from error


def angular_loss(
    embedding: Float[Tensor, "clip axis"],
    directions: Float[Tensor, "word axis"],
    words: Int[Tensor, " clip"],
    twins: Tensor,
    *,
    scale: float,
    margin: float,
) -> Tensor:
    """Return the mean cross-entropy of cosines with an additive angular margin.

    Parameters
    ----------
    embedding, directions
        Unit vectors of the clips and of the words.
    words
        Word of each clip.
    twins
        Bool[clip, word], words that may not be counted as wrong for a clip.
    scale, margin
        See `PretrainConfig`.

    Notes
    -----
    ArcFace: Deng and others, CVPR 2019, section 3 (arXiv 1801.07698).
    """
    cosines = (embedding @ directions.T).clamp(-1 + 1e-6, 1 - 1e-6)
    rows = torch.arange(len(words), device=words.device)
    angle = torch.acos(cosines[rows, words]) + margin
    moved = cosines.masked_fill(twins, -1.0)
    moved[rows, words] = torch.cos(angle.clamp_max(torch.pi))
    return functional.cross_entropy(scale * moved, words)
