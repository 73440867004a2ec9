"""What makes a good base: one row of docs/results.md for each change of its recipe.

    python benchmarks/base.py --data DIR --rows reference,half,margin-0 [--epochs 60]
        [--out rows.jsonl] [--keep FOLDER]

DIR holds datasets: `words` (wlasl_words_hands), `wlasl100`, and for some rows `bdsl55`,
`wlasl9` and `strangers`. The features of all clips and of their variants are made once
and kept in DIR/bank. One word in three of `words`, chosen by the hash of its gloss, is
never learnt; each row names these words from k references by other signers, as
benchmarks/kshot.py does. Most of their signers were seen in clips of other words, but
for the rows that leave signers out.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from kshot import cosine
from signnet.config import ModelConfig, preset
from signnet.config.base import BaseConfig, EncoderConfig, PretrainConfig
from signnet.dataset import Dataset
from signnet.evaluation.kshot import k_shot
from signnet.models import build
from signnet.models.base import BaseEncoder
from signnet.models.checkpoint import save_atomically
from signnet.splits import make_split
from signnet.training.corpora import Bank, is_held_out, make_bank
from signnet.training.pretrain import BaseTrainer, PretrainSettings

HOLD_OUT = 3
CORPORA = ("words", "wlasl100", "bdsl55", "wlasl9", "strangers")
AMERICAN = ("words", "wlasl100")


@dataclass(frozen=True)
class Row:
    """One recipe: what differs from the reference."""

    corpora: tuple[str, ...] = AMERICAN
    share: float = 1.0
    """Share of the words, by another hash of the gloss."""

    variants: int | None = None
    """Variants used, the clip itself counted; all by default."""

    frames: int = 16
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    pretrain: PretrainConfig = field(default_factory=PretrainConfig)
    make: Callable[[ModelConfig, EncoderConfig], BaseEncoder] = BaseEncoder
    seed: int = 0
    hold_out: int = HOLD_OUT
    """One word of `words` in so many is not learnt; 0 for a base to use elsewhere."""

    without_signers: str = ""
    """Dataset whose signers, and all clips of unknown signers, are left out."""

    first_fold: bool = False
    """Of that dataset, only the signers who are tested in the first of five folds."""

    hold_signers: int = 0
    """One signer in so many, and all clips of unknown signers, are not learnt; the row
    is tested on clips of these signers alone."""

    as_many: bool = False
    """Learn from as many clips, drawn from all, as would be left without them."""


class OtherEncoder(BaseEncoder):
    """A network for words as encoder: its scores are the embedding."""

    def __init__(self, config: ModelConfig, shape: EncoderConfig) -> None:
        super().__init__(config, shape)
        del self.enter, self.recurrent, self.leave
        self.network = build(config, shape.embedding)

    def embed(
        self, features: Float[Tensor, "batch frame feature"]
    ) -> Float[Tensor, "batch axis"]:
        """Embed what the front end made."""
        even = self._standardised(features)
        values = even[..., : len(self.mean)].split(self.sizes, dim=-1)
        fresh = features[..., len(self.mean) :]
        return functional.normalize(self.network.classify(list(values), fresh), dim=-1)


class WithoutChanges(BaseEncoder):
    """The reference without the change from frame to frame."""

    def _standardised(self, features: Tensor) -> Tensor:
        even = super()._standardised(features)
        known = len(self.mean) + len(self.sizes)
        return functional.pad(even[..., :known], (0, even.shape[-1] - known))


class DropoutInside(BaseEncoder):
    """The reference with dropout after the first layer and not before it."""

    def embed(
        self, features: Float[Tensor, "batch frame feature"]
    ) -> Float[Tensor, "batch axis"]:
        """Embed what the front end made."""
        even = self._standardised(features)
        x = self.dropout(functional.gelu(even @ self.enter + self.enter_bias))
        x, _ = self.recurrent(x)
        return functional.normalize(self.leave(self.dropout(x.mean(1))), dim=-1)


def other(name: str) -> Callable[[ModelConfig, EncoderConfig], BaseEncoder]:
    """Make an encoder of the architecture of a preset's network."""
    model = preset("default").model
    shape = {"signnet": model, "conv_transformer": replace(model, layers=2)}[name]

    def make(config: ModelConfig, encoder: EncoderConfig) -> BaseEncoder:
        wanted = replace(shape, architecture=name, frames=config.frames)  # type: ignore[arg-type]
        return OtherEncoder(wanted, encoder)

    return make


def rows() -> dict[str, Row]:
    """List the rows by name."""
    loss, shape = PretrainConfig(), EncoderConfig()
    return {
        "reference": Row(),
        "seed-1": Row(seed=1),
        "seed-2": Row(seed=2),
        "half": Row(share=0.5),
        "quarter": Row(share=0.25),
        "conv_transformer": Row(make=other("conv_transformer")),
        "signnet": Row(make=other("signnet")),
        "frames-32": Row(frames=32),
        "without-changes": Row(make=WithoutChanges),
        "embedding-128": Row(encoder=replace(shape, embedding=128)),
        "embedding-512": Row(encoder=replace(shape, embedding=512)),
        "width-128": Row(encoder=replace(shape, width=128)),
        "width-384": Row(encoder=replace(shape, width=384)),
        "without-compounds": Row(pretrain=replace(loss, compounds=0.0)),
        "dropout-inside": Row(make=DropoutInside),
        "dropout-0.4": Row(encoder=replace(shape, dropout=0.4)),
        "rate-2e-3": Row(pretrain=replace(loss, learning_rate=2e-3)),
        "rate-4e-3": Row(pretrain=replace(loss, learning_rate=4e-3)),
        "batch-64": Row(pretrain=replace(loss, batch_size=64, learning_rate=2e-3)),
        "margin-0": Row(pretrain=replace(loss, margin=0.0)),
        "margin-0.4": Row(pretrain=replace(loss, margin=0.4)),
        "variants-1": Row(variants=1),
        "variants-4": Row(variants=4),
        "variants-9": Row(variants=9),
        "bangla-too": Row(corpora=(*AMERICAN, "bdsl55")),
        "strangers-too": Row(corpora=(*AMERICAN, "strangers")),
        "all": Row(corpora=CORPORA),
        "kshot": Row(corpora=(*AMERICAN, "bdsl55", "strangers"), hold_out=4),
        "bangla-unseen": Row(corpora=(*AMERICAN, "strangers"), hold_out=0),
        "strangers-unseen": Row(corpora=(*AMERICAN, "bdsl55"), hold_out=0),
        "body-unseen": Row(hold_out=0),
        "words-unseen": Row(corpora=("words", "bdsl55", "strangers"), hold_out=0),
        "p4-fold1-unseen": Row(
            corpora=("words",),
            without_signers="wlasl100",
            first_fold=True,
            hold_out=0,
        ),
        "p4-fold1-seen": Row(
            corpora=("words",),
            without_signers="wlasl100",
            first_fold=True,
            as_many=True,
            hold_out=0,
        ),
        "signers-unseen": Row(hold_signers=2),
        "signers-seen": Row(hold_signers=2, as_many=True),
        "p5-unseen": Row(without_signers="wlasl9", hold_out=0),
    }


@dataclass(frozen=True)
class Corpora:
    """The features of all clips, with the labels that the rows choose by."""

    bank: Bank
    glosses: np.ndarray
    signers: np.ndarray
    names: np.ndarray
    corpus: np.ndarray
    data: dict[str, Dataset]

    @classmethod
    def open(cls, root: Path, names: Sequence[str], frames: int) -> "Corpora":
        """Make the features of some corpora, or read those made before."""
        data = [Dataset(root / name) for name in names]
        banks = [
            _bank(name, one, root / "bank", frames)
            for name, one in zip(names, data, strict=True)
        ]
        labels = [
            np.concatenate(
                [
                    np.array([label or "-1" for label in one.column(column)])[
                        bank.clips
                    ]
                    for one, bank in zip(data, banks, strict=True)
                ]
            )
            for column in ("gloss", "signer", "name")
        ]
        corpus = [
            name
            for name, bank in zip(names, banks, strict=True)
            for _ in range(len(bank.clips))
        ]
        known = dict(zip(names, data, strict=True))
        return cls(_joined(banks), *labels, np.array(corpus), known)

    def chosen(self, row: Row) -> np.ndarray:
        """Say which clips a row learns from."""
        held = self.hashed(row.hold_out) & (self.corpus == "words")
        kept = np.isin(self.corpus, row.corpora) & ~held
        if row.share < 1:
            kept &= self.hashed(round(1 / row.share), "share/")
        if row.without_signers or row.hold_signers:
            out = ~np.isin(self.signers, self._left_out(row))
            if row.as_many:
                left = np.random.default_rng(0).permutation(np.flatnonzero(kept))
                out = np.isin(np.arange(len(kept)), left[: (kept & out).sum()])
            kept &= out
        return kept

    def _left_out(self, row: Row) -> list[str]:
        """List the signers that a row leaves out, and the mark of unknown ones."""
        if row.hold_signers:
            every = set(self.signers.tolist())
            return [one for one in every if _is_tested(one, row)] + ["-1"]
        tested = self.corpus == row.without_signers
        if row.first_fold:
            fold = make_split(self.data[row.without_signers], "signer", folds=5).folds[
                0
            ]
            tested &= np.isin(self.names, fold.test)
        return sorted({*self.signers[tested], "-1"})

    def hashed(self, one_in: int, before: str = "") -> np.ndarray:
        """Say which clips' words a hash of the gloss chooses."""
        return np.array([is_held_out(before + gloss, one_in) for gloss in self.glosses])


def _is_tested(signer: str, row: Row) -> bool:
    return is_held_out("signer/" + signer, row.hold_signers)


def _bank(name: str, data: Dataset, folder: Path, frames: int) -> Bank:
    keys = ("features", "words", "names", "twins", "clips")
    config = BaseConfig()
    config = replace(
        config,
        input=replace(config.input, frames=frames),
        pretrain=replace(config.pretrain, hold_out=0, fewest=1),
    )
    recipe = repr((config.input, config.augment, config.pretrain.variants))
    file = folder / f"{name}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}.npz"
    if not file.is_file():
        made = make_bank([(name, data)], config, 0, lambda *done: print(name, *done))
        folder.mkdir(exist_ok=True)
        np.savez(file, **{key: np.asarray(getattr(made, key)) for key in keys})
    with np.load(file) as found:
        content = {key: found[key] for key in keys}
    content["names"] = tuple(content["names"].tolist())
    return Bank(**content, dropped=0)


def _joined(banks: list[Bank]) -> Bank:
    """Put banks of several corpora, which share no recording, after one another."""
    sizes = np.cumsum([0, *[len(bank.names) for bank in banks]])
    twins = np.zeros((sizes[-1], sizes[-1]), bool)
    for bank, start, end in zip(banks, sizes, sizes[1:], strict=False):
        twins[start:end, start:end] = bank.twins
    return Bank(
        features=np.concatenate([bank.features for bank in banks], axis=1),
        words=np.concatenate(
            [bank.words + start for bank, start in zip(banks, sizes, strict=False)]
        ),
        names=tuple(name for bank in banks for name in bank.names),
        twins=twins,
        clips=np.concatenate([bank.clips for bank in banks]),
        dropped=0,
    )


def learn(row: Row, corpora: Corpora, epochs: int) -> BaseTrainer:
    """Learn one base."""
    config = BaseConfig(
        encoder=row.encoder, pretrain=replace(row.pretrain, epochs=epochs)
    )
    config = replace(config, input=replace(config.input, frames=row.frames))
    bank = corpora.bank.where(corpora.chosen(row))
    bank = replace(bank, features=bank.features[: row.variants])
    torch.manual_seed(row.seed)
    encoder = row.make(config.input, row.encoder)
    trainer = BaseTrainer(PretrainSettings(config=config, seed=row.seed), bank, encoder)
    for report in trainer.epochs():
        print(f"  epoch {report.epoch} loss {report.loss:.3f}", flush=True)
    return trainer


def tested(encoder: BaseEncoder, corpora: Corpora, row: Row) -> dict[str, object]:
    """Name the held-out words from k references by other signers."""
    known = corpora.hashed(HOLD_OUT) & (corpora.corpus == "words")
    known &= corpora.signers != "-1"
    if row.hold_signers:
        known &= [_is_tested(signer, row) for signer in corpora.signers]
    with torch.no_grad():
        parts = torch.from_numpy(corpora.bank.features[0, known]).split(256)
        points = torch.cat([encoder.embed(part.float()) for part in parts]).numpy()
    words, signers = corpora.glosses[known].tolist(), corpora.signers[known].tolist()
    found: dict[str, object] = {"tested words": len(set(words))}
    for k in (1, 2) if row.hold_signers else (1, 2, 5):
        score = k_shot(cosine(points), words, signers, k=k, candidates=112)
        found[f"k={k}"] = asdict(score)
    return found


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", default="reference")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--keep", type=Path, help="folder for the encoders")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for name in asked.rows.split(","):
        row = rows()[name]
        needed = dict.fromkeys((*row.corpora, row.without_signers or "words"))
        corpora = Corpora.open(asked.data, list(needed), row.frames)
        started, busy = time.perf_counter(), time.process_time()
        trainer = learn(row, corpora, asked.epochs)
        if asked.keep:
            asked.keep.mkdir(exist_ok=True)
            state = dict(trainer.base().state_dict())
            save_atomically({"weights": state}, asked.keep / f"{name}.pt")
        found = {
            "row": name,
            "epochs": asked.epochs,
            "clips": len(trainer.words),
            "words": len(trainer.bank.names),
            "parameters": sum(one.numel() for one in trainer.base().parameters()),
            "seconds": round(time.perf_counter() - started),
            "processor seconds": round(time.process_time() - busy),
            **(tested(trainer.base(), corpora, row) if row.hold_out else {}),
        }
        print(json.dumps(found), flush=True)
        if asked.out:
            with asked.out.open("a") as file:
                file.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
