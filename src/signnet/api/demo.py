"""A demonstration on invented signers: learn, evaluate, teach, abstain."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from signnet.api.arguments import PathLikeText
from signnet.api.data import write
from signnet.api.evaluate import evaluate
from signnet.api.models import load
from signnet.api.train import train
from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import SettingsError
from signnet.splits import Fold
from signnet.synthetic import dialect_signs, make_corpus, make_signer, perform, signs

if TYPE_CHECKING:
    from signnet.recognise.model import Model
    from signnet.training.progress import StageWatcher

__all__ = ["DemoStep", "demo"]

HIDDEN = ("PALM-UNWIND", "CHIN-FOLD")
"""Signs that the model is never shown and should refuse."""

_TRAINING, _CALIBRATION, _STRANGERS = 6, 2, 2
"""Numbers of signers to train on, to fit the threshold to, and to test on."""

_REPETITIONS = 3
_OWN_CLIPS = 6
"""Clips of each word by the signer of the dialect; the first is taught."""


@dataclass(frozen=True)
class DemoStep:
    """One step of the demonstration and its result."""

    says: str
    """A sentence with the figure."""

    folder: Path | None = None
    """Folder with the details."""


@dataclass(frozen=True)
class _Clips:
    """The clips of the demonstration; no signer is in two of the groups."""

    training: list[Clip]
    calibration: list[Clip]
    strangers: list[Clip]
    unknown: list[Clip]
    """Signs outside the vocabulary, by the test signers."""

    lessons: list[Clip]
    """One clip of each word by a signer of another region."""

    dialect: list[Clip]
    """Further clips by the same signer."""


def demo(
    folder: PathLikeText,
    *,
    seed: int = 0,
    stage: "StageWatcher | None" = None,
    said: Callable[[DemoStep], None] = lambda _step: None,
) -> list[DemoStep]:
    """Show what signnet does on invented signs, in a minute or two and without data.

    A model learns ten signs from six signers, is tested on two others, meets a signer
    who makes half of the signs in another way, is taught one clip of each word by that
    signer, and is shown two signs that it never learnt. Without torch, nothing can be
    trained, and the shipped base is taught the signs.

    Parameters
    ----------
    folder
        A new folder for the dataset, the run, the taught model and the report.
    seed
        Seed for signers, signs and training.
    stage
        Callback `(name, done, total)` of each long stage.
    said
        Callback `(step)`, called as soon as a step is done.

    Raises
    ------
    SettingsError
        If the folder exists already.
    """
    out = Path(folder)
    if out.exists():
        raise SettingsError(f"{out} exists already; give a new folder for the demo")
    steps = list[DemoStep]()
    for step in _steps(out, seed, stage or (lambda _name, _done, _total: None)):
        steps.append(step)
        said(step)
    return steps


def _steps(out: Path, seed: int, stage: "StageWatcher") -> Iterator[DemoStep]:
    stage("performing invented signs", 0, 1)
    clips = _perform(seed)
    data = write([*clips.training, *clips.calibration], out / "dataset")
    model = _learn(data, clips, out / "run", seed, stage)
    yield DemoStep(
        f"learnt {len(model.vocabulary)} invented signs from {len(clips.training)} "
        f"clips by {_TRAINING} signers{'' if _can_train() else _TAUGHT_ONLY}"
    )
    judged = evaluate(model, Dataset.of_clips(clips.strangers, "strangers"))
    low, high = judged.top1_ci95
    yield DemoStep(
        f"{_STRANGERS} signers it has never seen: top-1 {judged.top1:.2f} on "
        f"{judged.clips} clips (95 % interval {low:.2f} to {high:.2f})"
    )
    yield _refusal(model, clips.unknown)
    own = Dataset.of_clips(clips.dialect, "dialect")
    before = evaluate(model, own).top1
    yield DemoStep(
        f"a signer from another region, who makes {_changed(model)} of the signs "
        f"differently: top-1 {before:.2f} on {len(own)} clips"
    )
    taught = model.teach(clips.lessons, despite_doubts=True)
    taught.save(out / "taught")
    after = evaluate(taught, own).top1
    yield DemoStep(f"the same signer after one clip of each word: top-1 {after:.2f}")
    page = judged.report(out / "report", title="Invented signers, never seen before")
    yield DemoStep(f"the report: {page.resolve()}", page)


_TAUGHT_ONLY = (
    " (taught to the shipped base; `pip install 'signnet[train]'` trains a better one)"
)


def _can_train() -> bool:
    return find_spec("torch") is not None


def _learn(
    data: Dataset, clips: _Clips, out: Path, seed: int, stage: "StageWatcher"
) -> "Model":
    """Fit exemplars to the training clips; the calibration clips set the threshold."""
    if not _can_train():
        stage("teaching the base", 0, 1)
        return load("base").teach(clips.training, despite_doubts=True)
    names = [tuple(one.name for one in some) for some in _training(clips)]
    fold = Fold(f"{_CALIBRATION} signers", *names)
    return train(
        data, out=out, split=fold, recipe="exemplars", seed=seed, stage=stage
    ).model()


def _training(clips: _Clips) -> tuple[list[Clip], list[Clip]]:
    return clips.training, clips.calibration


def _refusal(model: "Model", unknown: list[Clip]) -> DemoStep:
    refused = sum(answer.abstained for answer in model(unknown))
    return DemoStep(
        f"{len(HIDDEN)} signs that it was never shown: unsure, and so no answer, in "
        f"{refused} of {len(unknown)} clips"
    )


def _changed(model: "Model") -> int:
    return len({*dialect_signs()} & {*model.vocabulary})


def _perform(seed: int) -> _Clips:
    """Let signers perform; each group has signers of its own."""
    people = _TRAINING + _CALIBRATION + _STRANGERS
    made = make_corpus(people, _REPETITIONS, seed)
    known = [clip for clip in made if clip.gloss not in HIDDEN]
    number = {f"P{person:02d}": person for person in range(1, people + 1)}
    ends = (0, _TRAINING, _TRAINING + _CALIBRATION, people)
    groups = [
        [one for one in known if start < number[one.signer or ""] <= end]
        for start, end in pairwise(ends)
    ]
    own = _dialect(seed)
    return _Clips(
        *groups,
        unknown=[
            clip
            for clip in made
            if clip.gloss in HIDDEN and number[clip.signer or ""] > ends[2]
        ],
        lessons=own[::_OWN_CLIPS],
        dialect=[clip for index, clip in enumerate(own) if index % _OWN_CLIPS],
    )


def _dialect(seed: int) -> list[Clip]:
    """Perform each word several times, all by one signer of another region."""
    rng = np.random.default_rng((seed, 1))
    signer = replace(make_signer(97, rng), dialect=True)
    return [
        replace(perform(sign, signer, rng), name=f"{sign}__{signer.name}__{take}")
        for sign in signs()
        if sign not in HIDDEN
        for take in range(_OWN_CLIPS)
    ]
