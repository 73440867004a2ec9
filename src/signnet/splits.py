"""What is held out, and what leaks.

A split file is JSON: `{"format": 1, "by": "signer", "folds": [{"held_out":
"signer S01", "train": [names], "test": [names]}]}`. `by` is a promise: no group of that
kind stands on both sides, and reading a file that breaks it is refused.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from signnet.clip import nfc
from signnet.dataset import Dataset
from signnet.errors import DatasetError, SettingsError

__all__ = [
    "By",
    "Fold",
    "Split",
    "check",
    "choose_fold",
    "describe_overlap",
    "make_split",
    "read_split",
    "write_split",
]

FORMAT = 1

TrainedClip = tuple[str, str | None, str | None]
"""Name, signer and session of a clip that a model was trained on."""

By = Literal["clip", "session", "signer"]
"""What no two sides of a fold share."""


@dataclass(frozen=True)
class Fold:
    """One division of a dataset."""

    held_out: str
    """What is held out, in words."""

    train: tuple[str, ...]
    test: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """One fold, or several that together test every clip once."""

    by: By
    folds: tuple[Fold, ...]


def make_split(
    data: Dataset,
    by: By,
    *,
    hold_out: str | None = None,
    folds: int | None = None,
    seed: int = 0,
) -> Split:
    """Divide a dataset.

    Parameters
    ----------
    data
        The clips; all need a gloss, and a signer or session where split by it.
    by
        `clip` shares out single clips, evenly over the glosses; `session` and
        `signer` keep those together.
    hold_out
        Signer, session (`SIGNER/SESSION` or just `SESSION`), or a text file with one
        clip name a line, in any Unicode form. Without it and `folds`, about a fifth is
        held out, or one group of fewer than five.
    folds
        Number of folds, each held out once.
    seed
        Of the random order.

    Raises
    ------
    SettingsError, DatasetError
        If a choice has no meaning, nothing fits it, or too few groups are there.
    """
    if by not in get_args(By):
        raise SettingsError(f"cannot split by {by}; choose clip, session or signer")
    data.require_glosses()
    groups = _groups(data, by)
    if hold_out is not None:
        if folds is not None:
            raise SettingsError("give either --hold-out or --folds, not both")
        held, what = _named_groups(groups, by, hold_out)
        return Split(by, (_fold(data.names, held, what),))
    number = min(5, max(2, len(set(groups.values())))) if folds is None else folds
    places = _deal(data, groups, number, by, seed)
    kind = {"clip": "clips of the same signers and sessions"}.get(by, f"{by}s")
    made = [
        _fold(
            data.names,
            {name for name, place in places.items() if place == fold},
            f"{kind}, fold {fold + 1} of {number}",
        )
        for fold in range(1 if folds is None else number)
    ]
    return Split(by, tuple(made))


def _groups(data: Dataset, by: By) -> dict[str, str]:
    """Return each clip's group: itself, its signer/session, or its signer."""
    if by == "clip":
        return {name: name for name in data.names}
    signers, sessions = data.column("signer"), data.column("session")
    groups: dict[str, str] = {}
    for name, signer, session in zip(data.names, signers, sessions, strict=True):
        if not signer or (by == "session" and not session):
            raise DatasetError(
                f"{name} has no {by if signer else 'signer'}; label it or split by clip"
            )
        groups[name] = nfc(signer if by == "signer" else f"{signer}/{session}")
    return groups


def _named_groups(groups: dict[str, str], by: By, name: str) -> tuple[set[str], str]:
    listed = Path(name)
    if by == "clip":
        if not listed.is_file():
            raise DatasetError(
                f"{name}: expected a text file with one clip name a line"
            )
        composed = {nfc(clip): clip for clip in groups}
        wanted = {composed.get(clip, clip) for clip in read_list(listed)}
        unknown = wanted - set(groups)
        if unknown:
            raise DatasetError(
                f"{name} names {len(unknown)} clips that are not in the dataset, for "
                f"example {min(unknown)}"
            )
        return wanted, f"clips of the same signers and sessions, {listed.name}"
    name = nfc(name)
    held = {
        clip
        for clip, group in groups.items()
        if group == name or (by == "session" and group.endswith(f"/{name}"))
    }
    if not held:
        known = ", ".join(sorted(set(groups.values()))[:8])
        raise DatasetError(f"no {by} is called {name}; there are: {known}")
    return held, f"{by} {name}"


def read_list(file: Path) -> set[str]:
    """Read clip names, one a line; a suffix like .npz is dropped."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{file}: no list of clip names: {error}") from error
    return {nfc(line).removesuffix(".npz") for line in lines if line.strip()}


def _fold(names: list[str], held: set[str], what: str) -> Fold:
    train = tuple(name for name in names if name not in held)
    test = tuple(name for name in names if name in held)
    if not train or not test:
        raise DatasetError(f"holding out {what} leaves {len(train)} clips for training")
    return Fold(what, train, test)


def _deal(
    data: Dataset, groups: dict[str, str], folds: int, by: By, seed: int
) -> dict[str, int]:
    """Return each clip a fold: groups whole, folds even in size, by clip in glosses."""
    rng = np.random.default_rng(seed)
    members = defaultdict(list[str])
    for name, group in groups.items():
        members[group].append(name)
    if not 2 <= folds <= len(members):
        raise DatasetError(f"{len(members)} {by}s cannot make {folds} folds")
    gloss = dict(zip(data.names, data.require_glosses(), strict=True))
    order = rng.permutation(sorted(members)).tolist()
    if by == "clip":
        order.sort(key=lambda name: gloss[name])
        return {name: place % folds for place, name in enumerate(order)}
    order.sort(key=lambda group: -len(members[group]))
    load = Counter(dict.fromkeys(range(folds), 0))
    places: dict[str, int] = {}
    for group in order:
        fold = min(load, key=lambda fold: load[fold])
        load[fold] += len(members[group])
        places |= dict.fromkeys(members[group], fold)
    return places


def write_split(split: Split, path: Path) -> None:
    """Write a split as JSON; DatasetError if it cannot be written."""
    content = {"format": FORMAT, **asdict(split)}
    text = json.dumps(content, ensure_ascii=False, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"cannot write {path}: {error.strerror}") from error


def read_split(path: Path, data: Dataset) -> Split:
    """Read a split and hold it against the dataset.

    Names are compared in Unicode's composed form. A text file with one name a line
    stands for holding out those clips.

    Raises
    ------
    DatasetError
        If the file is none of both, names unknown clips, or breaks its promise.
    """
    if path.suffix == ".txt":
        return make_split(data, "clip", hold_out=str(path))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        split = _of_content(content, {nfc(name): name for name in data.names})
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DatasetError(
            f"{path} is not a split ({reason}); write one with `signnet split`"
        ) from error
    check(split, data)
    return split


def _of_content(content: Any, known: dict[str, str]) -> Split:
    """Read folds; `known` gives the dataset's names by their composed form."""
    if content["format"] != FORMAT or content["by"] not in get_args(By):
        raise ValueError(f"format {content['format']}, by {content['by']}")
    folds = tuple(
        Fold(
            str(fold["held_out"]),
            _known_names(fold["train"], known),
            _known_names(fold["test"], known),
        )
        for fold in content["folds"]
    )
    if not folds or not all(fold.train and fold.test for fold in folds):
        raise ValueError("a side without clips")
    return Split(content["by"], folds)


def _known_names(names: Any, known: dict[str, str]) -> tuple[str, ...]:
    """Write clip names as the dataset does; TypeError if one is no text."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError("train and test should be lists of clip names")
    texts: list[str] = names
    return tuple(known.get(nfc(name), name) for name in texts)


def choose_fold(data: Dataset, path: Path | None, number: int = 0) -> Fold:
    """Return a fold of a split file; without a file, one that trains on everything.

    Raises
    ------
    DatasetError
        If the split has no such fold, or cannot be read (see `read_split`).
    """
    if path is None:
        return Fold("nothing", tuple(data.names), ())
    folds = read_split(path, data).folds
    if not 0 <= number < len(folds):
        raise DatasetError(f"{path} has folds 0 to {len(folds) - 1}, not {number}")
    return folds[number]


def check(split: Split, data: Dataset) -> None:
    """Refuse a split that names unknown clips or shares what it promised not to.

    Raises
    ------
    DatasetError
        Naming the clip, session or signer at fault.
    """
    groups = _groups(data, split.by)
    for fold in split.folds:
        unknown = [name for name in (*fold.train, *fold.test) if name not in groups]
        if unknown:
            raise DatasetError(
                f"the split names {len(unknown)} clips that are not in the dataset, "
                f"for example {unknown[0]}; was it made for other data?"
            )
        shared = {groups[name] for name in fold.train} & {
            groups[name] for name in fold.test
        }
        if shared:
            raise DatasetError(
                f"the split promises to hold out by {split.by}, but {split.by} "
                f"{min(shared)} is on both sides; make it again with `signnet split`"
            )


def describe_overlap(
    tested: Sequence[str],
    trained_on: Sequence[TrainedClip],
    signers: Sequence[str | None],
    sessions: Sequence[str | None],
) -> str:
    """Say in words what the tested clips share with those that were trained on."""
    names = {clip[0] for clip in trained_on}
    if shared := sum(name in names for name in tested):
        return f"nothing: {shared} of {len(tested)} clips were trained on"
    known = {clip[1] for clip in trained_on}
    if not all(signers) or None in known:
        return "clips; the signers are not all labelled"
    both = set(zip(signers, sessions, strict=True))
    if shared := sum(one in {clip[1:] for clip in trained_on} for one in both):
        return (
            f"clips; {shared} of {len(both)} sessions and their signers were trained on"
        )
    if any(signer in known for signer in signers):
        return "sessions; the signers were trained on"
    return "signers"
