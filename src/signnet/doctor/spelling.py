"""Glosses that are spelt differently but look the same."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

__all__ = ["alike", "code_points"]


def alike(glosses: Iterable[str]) -> list[tuple[str, ...]]:
    """Group glosses that a reader cannot tell apart.

    Differences of Unicode's forms (NFC, NFD, compatibility), of joiners and other
    letters without a shape, of spaces and of case do not count.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for gloss in sorted(set(glosses)):
        groups[_shown_form(gloss)].append(gloss)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _shown_form(gloss: str) -> str:
    folded = unicodedata.normalize("NFKD", gloss).casefold()
    kept = (c for c in folded if unicodedata.category(c) not in ("Cf", "Cc", "Zs"))
    return unicodedata.normalize("NFC", "".join(c for c in kept if c not in "-_."))


def code_points(gloss: str) -> str:
    """Write a gloss as the hexadecimal numbers of its letters."""
    return " ".join(f"{ord(letter):04X}" for letter in gloss)
