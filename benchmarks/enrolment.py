"""What teaching a model is worth: one row of docs/results.md each.

    python benchmarks/enrolment.py --data DIR [--protocols P6,P7-10] [--draws 20]
        [--base NAME|none]

DIR as for accuracy.py. P6: exemplars of S02 without every tenth clip; k clips a word of
S01 are taught, the rest of S01 is the test, and S02's left-out clips tell the loss.
P7-10, P7-20: so many words with seven clips or more are kept out of training, then
taught with k clips; tested among all words on their other clips, and on every tenth
clip of the old words. W20: 20 words of WLASL100 kept out, and a quarter of the signers;
words are taught by some signers and tested on others, old words on the signers left
out. search: each signer's clips looked up among all others'.

Teaching leaves the network out, so only exemplars are fitted. Each base (a draw of
words) is taught `--draws` times; intervals are 2.5 and 97.5 % of all draws.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from signnet.config import preset
from signnet.dataset import Dataset
from signnet.models import Exemplars, FrontEnd
from signnet.recognise.exemplars import MOST_ANCHORS, SHARPNESS, Kernel
from signnet.recognise.search import nearest, recall
from signnet.recognise.teaching import ABSTAIN_BELOW, Taught, TaughtClip
from signnet.training.base_file import open_base
from signnet.training.batches import Clips, load
from signnet.training.exemplars import fit_exemplars

BASE = "base"
"""Base in whose embedding clips are compared; none for no base."""

Draw = Callable[[int, np.random.Generator], list[int]]
"""Chooses the clips that are taught, k of each word."""


@dataclass
class Untaught:
    """A model before it is taught, and every clip as it sees it."""

    kernel: Kernel
    points: np.ndarray
    scores: np.ndarray
    anchors: np.ndarray
    glosses: np.ndarray
    signers: np.ndarray
    knows: np.ndarray
    """Whether each gloss was trained on."""

    def taught(self, rows: list[int]) -> np.ndarray:
        """Score all clips after teaching some."""
        known = [w for w in range(self.scores.shape[1]) if self.knows[w]]
        order = known + [w for w in range(self.scores.shape[1]) if not self.knows[w]]
        name = {word: f"{place:04}" for place, word in enumerate(order)}
        taught = Taught(
            glosses=tuple(name[word] for word in known),
            kernel=self.kernel,
            anchors=self.anchors,
        ).with_clips(
            [
                TaughtClip(
                    name=str(row),
                    gloss=name[self.glosses[row]],
                    embedding=self.points[row],
                    scores=self.scores[row, known],
                )
                for row in rows
            ]
        )
        found = taught.scores(self.points, self.scores[:, known])
        scores = np.full_like(self.scores, -1, dtype=np.float64)
        scores[:, [order[int(one)] for one in taught.vocabulary]] = found
        return scores


def fit(data: Dataset, train: np.ndarray, seed: int) -> Untaught:
    """Fit exemplars to some clips and score all."""
    vocabulary = tuple(sorted(set(data.require_glosses())))
    recipe, base = preset("exemplars"), None
    if BASE != "none":
        recipe, base = preset("default"), open_base(BASE).encoder
    clips = load(data, vocabulary, FrontEnd(recipe.model).joints)
    chosen = torch.zeros(len(clips), dtype=torch.bool)
    chosen[torch.as_tensor(train)] = True
    fitted = fit_exemplars(recipe, clips.where(chosen), len(vocabulary), seed, base)
    assert fitted is not None
    points, scores = seen(fitted, clips)
    return Untaught(
        Kernel(fitted.axes, tuple(fitted.parts)),
        points,
        scores,
        fitted.clips.float().numpy()[: min(len(train), MOST_ANCHORS)],
        clips.glosses.numpy(),
        np.array(data.column("signer")),
        np.isin(np.arange(len(vocabulary)), clips.glosses.numpy()[train]),
    )


def seen(fitted: Exemplars, clips: Clips) -> tuple[np.ndarray, np.ndarray]:
    """Embed and score clips."""
    points: list[torch.Tensor] = []
    for rows in torch.arange(len(clips)).split(64):
        time_of = torch.arange(clips.landmarks.shape[1])
        valid = time_of < clips.lengths[rows][:, None]
        with torch.no_grad():
            points.append(fitted.embed(*fitted.front(clips.landmarks[rows], valid)))
    every = torch.cat(points)
    with torch.no_grad():
        return every.numpy(), fitted.score(every).numpy()


def new_signer(data: Dataset) -> tuple[Untaught, Draw, np.ndarray, np.ndarray]:
    """P6: give the base, the draw, the clips that may be tested, and old ones."""
    signers = np.array(data.column("signer"))
    old, new = (np.flatnonzero(signers == one) for one in ("S02", "S01"))
    base = fit(data, np.setdiff1d(old, old[::10]), 0)
    return base, per_word(base.glosses, new), new, old[::10]


def new_words(
    data: Dataset, count: int, seed: int
) -> tuple[Untaught, Draw, np.ndarray, np.ndarray]:
    """P7: the same for words kept out of training."""
    names = np.array(data.require_glosses())
    words, clips = np.unique(names, return_counts=True)
    rng = np.random.default_rng(seed)
    out = np.isin(names, rng.choice(words[clips >= 7], count, replace=False))
    old, new = np.flatnonzero(~out), np.flatnonzero(out)
    base = fit(data, np.setdiff1d(old, old[::10]), seed)
    return base, per_word(base.glosses, new), new, old[::10]


def unseen_signers(
    data: Dataset, seed: int
) -> tuple[Untaught, Draw, np.ndarray, np.ndarray]:
    """W20: the same on WLASL100, without the signers of the old words' test."""
    names, signers = np.array(data.require_glosses()), np.array(data.column("signer"))
    rng = np.random.default_rng(seed)
    out = np.isin(names, rng.choice(np.unique(names), 20, replace=False))
    order = rng.permutation(np.unique(signers))
    held = np.isin(signers, order[: len(order) // 4])
    base = fit(data, np.flatnonzero(~out & ~held), seed)
    new = np.flatnonzero(out)
    return base, per_word(base.glosses, new), new, np.flatnonzero(~out & held)


def per_word(glosses: np.ndarray, rows: np.ndarray) -> Draw:
    """Draw k clips of each word among some rows."""

    def draw(k: int, rng: np.random.Generator) -> list[int]:
        shuffled = rng.permutation(rows)
        return [
            int(row)
            for word in np.unique(glosses[rows])
            for row in shuffled[glosses[shuffled] == word][:k]
        ]

    return draw


def measure(
    name: str,
    bases: list[tuple[Untaught, Draw, np.ndarray, np.ndarray]],
    draws: int,
    *,
    strangers: bool,
) -> None:
    """Print rows: top-1 on what was taught and on what was known before."""
    for k in (1, 2, 5):
        found: list[tuple[float, ...]] = []
        for base, draw, new, old in bases:
            before = share(base.scores, base.glosses, old)
            for seed in range(draws):
                rows = draw(k, np.random.default_rng(seed))
                test = np.setdiff1d(new, rows)
                if strangers:  # nobody who taught a word is tested on it
                    pairs = {(base.glosses[row], base.signers[row]) for row in rows}
                    test = np.array(
                        [
                            row
                            for row in test
                            if (base.glosses[row], base.signers[row]) not in pairs
                        ]
                    )
                if len(test) < 20:  # too few clips a word
                    break
                scores = base.taught(rows)
                after = share(scores, base.glosses, old)
                unsure = withheld(scores, base.glosses, test)
                top1 = share(scores, base.glosses, test)
                found.append((top1, after - before, before, unsure, len(test)))
        if found:
            print(line(name, k, np.array(found)), flush=True)


def share(scores: np.ndarray, glosses: np.ndarray, rows: np.ndarray) -> float:
    """Give top-1 on some clips."""
    return float((scores[rows].argmax(1) == glosses[rows]).mean())


def withheld(scores: np.ndarray, glosses: np.ndarray, rows: np.ndarray) -> float:
    """Give the share of right answers that a taught model is unsure of."""
    evidence = np.exp(SHARPNESS * scores[rows])
    chances = (evidence / evidence.sum(1, keepdims=True)).max(1)
    right = scores[rows].argmax(1) == glosses[rows]
    return float((chances[right] < ABSTAIN_BELOW).mean())


def strange(bases: list[tuple[Untaught, Draw, np.ndarray, np.ndarray]]) -> float:
    """Give the share of clips of words never taught that are taken for a known one."""
    shares: list[float] = []
    for base, _, new, _ in bases:
        known = np.setdiff1d(np.unique(base.glosses), base.glosses[new])
        evidence = np.exp(SHARPNESS * base.scores[new][:, known])
        chances = (evidence / evidence.sum(1, keepdims=True)).max(1)
        shares.append(float((chances >= ABSTAIN_BELOW).mean()))
    return float(np.mean(shares))


def line(name: str, k: int, found: np.ndarray) -> str:
    """Write a row: mean over draws, and the middle 95 % of them."""
    top1, change, before, unsure, clips = found.mean(0)
    low, high = np.quantile(found[:, 0], [0.025, 0.975])
    least, most = np.quantile(found[:, 1], [0.025, 0.975])
    return (
        f"| {name} | {k} | {top1:.3f} ({low:.3f}-{high:.3f}) | {before:.3f} | "
        f"{100 * change:+.1f} ({100 * least:+.1f} to {100 * most:+.1f}) | "
        f"{unsure:.3f} | {clips:.0f} | {len(found)} |"
    )


def look_up(
    name: str, base: Untaught, queries: np.ndarray, gallery: np.ndarray
) -> None:
    """Print recall of one signer's clips among clips of others, of words both have."""
    shared = np.isin(base.glosses[queries], base.glosses[gallery])
    queries = queries[shared]
    _, order = nearest(base.kernel, base.points[queries], base.points[gallery])
    asked, shown = (base.glosses[rows].tolist() for rows in (queries, gallery))
    shares = [recall(order, asked, shown, most) for most in (1, 5, 10)]
    values = " | ".join(f"{one:.3f}" for one in shares)
    print(
        f"| search, {name} | {values} | {len(queries)} | {len(gallery)} |", flush=True
    )


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--protocols", default="P6,P7-10,P7-20,W20")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--base", default="base", help="a base, or none")
    parser.add_argument("--bases", type=int, default=1, help="draws of words (P7, W20)")
    asked = parser.parse_args()
    global BASE
    BASE = asked.base
    torch.set_num_threads(1)
    for name in asked.protocols.split(","):
        started = time.perf_counter()
        data = Dataset.open(asked.data / ("wlasl100" if name == "W20" else "bdsl55"))
        if name == "P6":
            bases = [new_signer(data)]
            look_up(
                "bdsl55, S01 among S02",
                bases[0][0],
                bases[0][2],
                np.flatnonzero(bases[0][0].signers == "S02"),
            )
        elif name == "W20":
            bases = [unseen_signers(data, seed) for seed in range(asked.bases)]
            base, _, _, held = bases[0]
            others = ~np.isin(base.signers, base.signers[held])
            look_up("WLASL100, unseen signers", base, held, np.flatnonzero(others))
        else:
            count = int(name.removeprefix("P7-"))
            bases = [new_words(data, count, seed) for seed in range(asked.bases)]
        measure(name, bases, asked.draws, strangers=name == "W20")
        if name != "P6":
            print(f"unknown words taken for known ones: {strange(bases):.3f}")
        print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
