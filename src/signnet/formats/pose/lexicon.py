"""The index of a lexicon of spoken-to-signed (README of its gloss_to_pose).

Its columns are path, spoken_language, signed_language, start, end, words, glosses and
priority. Files lie below a folder of the signed language; start and end of 0 mean the
whole file; of several clips of a word the one with the lowest priority is taken.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from signnet.dataset import Dataset
from signnet.errors import DatasetError, SettingsError

__all__ = ["LEXICON", "check_lexicon", "lexicon_rows"]

LEXICON = (
    "path",
    "spoken_language",
    "signed_language",
    "start",
    "end",
    "words",
    "glosses",
    "priority",
)

_CODE = re.compile(r"[a-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def check_lexicon(data: Dataset, languages: Sequence[str]) -> None:
    """Check that a dataset can be a lexicon.

    Raises
    ------
    DatasetError
        If a clip has no gloss or no frame rate.
    SettingsError
        If a language is no code.
    """
    for code in languages:
        if not _CODE.fullmatch(code):
            raise SettingsError(
                f"language is {code!r:.60}; expected a subtag such as bn, de or sgg"
            )
    rates = [clip.fps if clip.fps > 0 else None for clip in data]
    for what, values in (("gloss", data.column("gloss")), ("frame rate", rates)):
        without = [n for n, one in zip(data.names, values, strict=True) if not one]
        if without:
            raise DatasetError(
                f"{data.path}: {len(without)} clips have no {what}, for example "
                f"{without[0]}; a lexicon needs one: import them with --index and --fps"
            )


def lexicon_rows(
    files: Sequence[str],
    data: Dataset,
    languages: tuple[str, str],
    seen: Sequence[float],
) -> list[tuple[str, ...]]:
    """Return a row for each file.

    Parameters
    ----------
    files, data
        Paths below the lexicon, and the clips in their order.
    languages
        Codes of the spoken and of the signed language.
    seen
        Share of each clip's frames with a hand; of the clips of a word, the one with
        most comes first.
    """
    glosses = [str(gloss) for gloss in data.column("gloss")]
    priority, taken = [0] * len(files), Counter[str]()
    for row in np.argsort(-np.array(seen), kind="stable"):
        priority[row] = taken[glosses[row]]
        taken[glosses[row]] += 1
    return [
        (file, *languages, "0", "0", gloss, gloss, str(rank))
        for file, gloss, rank in zip(files, glosses, priority, strict=True)
    ]
