"""Make a split: hold out what the user names, or distribute the clips over folds."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import get_args

import numpy as np

from signnet.clip import nfc
from signnet.dataset import Dataset
from signnet.errors import DatasetError, SettingsError
from signnet.splits.split import By, Fold, Split, groups_of

__all__ = ["make_split"]

_CLIPS = "clips of the same signers and sessions"


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
        Unit that never appears in both train and test. `clip` distributes single clips,
        evenly over the glosses; `session` and `signer` keep those together.
    hold_out
        Signer, session (`SIGNER/SESSION` or just `SESSION`), or a text file with one
        clip name per line, in any Unicode form. Without it and `folds`, about a fifth
        is held out, or one group of fewer than five.
    folds
        Number of folds, each held out once.
    seed
        Seed for the random order.

    Raises
    ------
    SettingsError, DatasetError
        If an option is invalid, nothing matches it, or there are too few groups.
    """
    if by not in get_args(By):
        raise SettingsError(f"cannot split by {by}; choose clip, session or signer")
    data.require_glosses()
    groups = groups_of(data, by)
    if hold_out is not None:
        if folds is not None:
            raise SettingsError("give either --hold-out or --folds, not both")
        if by == "clip":
            held = _listed_clips(groups, Path(hold_out))
            what = f"{_kind(data, held)}, {Path(hold_out).name}"
        else:
            held, what = _named_group(groups, by, hold_out)
        return Split(by, (_fold(data.names, held, what),))
    number = min(5, max(2, len(set(groups.values())))) if folds is None else folds
    fold_of = _deal(data, groups, number, by, seed)
    kind = {"clip": _CLIPS}.get(by, f"{by}s")
    made = [
        _fold(
            data.names,
            {name for name, its_fold in fold_of.items() if its_fold == fold},
            f"{kind}, fold {fold + 1} of {number}",
        )
        for fold in range(1 if folds is None else number)
    ]
    return Split(by, tuple(made))


def _named_group(groups: dict[str, str], by: By, name: str) -> tuple[set[str], str]:
    """Return the clips to hold out, and a name for them."""
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


def _kind(data: Dataset, held: set[str]) -> str:
    """Say by the labels what a list of clips holds out: whole signers, or clips."""
    out, kept = set[str | None](), set[str | None]()
    for name, signer in zip(data.names, data.column("signer"), strict=True):
        (out if name in held else kept).add(signer)
    return _CLIPS if out & kept or None in out | kept else "signers"


def _listed_clips(groups: dict[str, str], file: Path) -> set[str]:
    if not file.is_file():
        raise DatasetError(f"{file}: expected a text file with one clip name per line")
    composed = {nfc(clip): clip for clip in groups}
    wanted = {composed.get(clip, clip) for clip in _read_list(file)}
    if unknown := wanted - set(groups):
        raise DatasetError(
            f"{file} names {len(unknown)} clips that are not in the dataset, for "
            f"example {min(unknown)}"
        )
    return wanted


def _read_list(file: Path) -> set[str]:
    """Read clip names, one per line; a suffix like .npz is dropped."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{file}: not a list of clip names: {error}") from error
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
    """Assign each clip to a fold; groups stay whole, and folds are even in size.

    When splitting by clip, folds are even in glosses, too.
    """
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
        return {name: number % folds for number, name in enumerate(order)}
    order.sort(key=lambda group: -len(members[group]))
    load = Counter(dict.fromkeys(range(folds), 0))
    fold_of: dict[str, int] = {}
    for group in order:
        fold = min(load, key=lambda fold: load[fold])
        load[fold] += len(members[group])
        fold_of |= dict.fromkeys(members[group], fold)
    return fold_of
