"""Choose the annotations that become clips, and say why the others do not.

Tiers are chosen by name or by a pattern. Tiers of one signer belong together, such as
those of the left and the right hand: one sign that stands on both is one clip over the
time of both.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from signnet.errors import DatasetError, SettingsError
from signnet.formats.elan.document import Annotation, Document
from signnet.formats.elan.glosses import clean_gloss

__all__ = ["Selection", "Sign", "matching_tiers", "select_signs"]

_SAME = 0.5
"""Share of the shorter of two annotations; if more of it overlaps, they are at the same
time."""


@dataclass(frozen=True, kw_only=True)
class Sign:
    """An annotated sign; times in milliseconds of the annotations."""

    gloss: str
    start: float
    end: float
    tier: str
    signer: str | None


@dataclass
class Selection:
    """What the tiers hold."""

    signs: list[Sign] = field(default_factory=list[Sign])
    left_out: list[str] = field(default_factory=list[str])
    """One line for each annotation that cannot be a clip."""

    without_gloss: int = 0
    """Annotations that name no sign: empty ones, and doubts such as `?`."""


def matching_tiers(document: Document, tier: str, name: str) -> list[str]:
    """Return the tiers of a name, or else those that a pattern fits as a whole.

    Raises
    ------
    DatasetError
        If there is none; those that exist are named.
    SettingsError
        If no tier has this name and it is not a regular expression.
    """
    if tier in document.tiers:
        return [tier]
    try:
        found = [one for one in document.tiers if re.fullmatch(tier, one)]
    except re.error as error:
        raise SettingsError(
            f"--tier {tier}: no tier has this name, and it is not a regular "
            f"expression ({error})"
        ) from error
    if not found:
        known = ", ".join(document.tiers)[:300] or "none at all"
        raise DatasetError(f"{name} has no tier {tier!r}; it has: {known}")
    return found


def select_signs(
    document: Document, tier: str, name: str, *, by: str, keep_variants: bool
) -> Selection:
    """Choose the signs of the tiers that a name or a pattern fits.

    Parameters
    ----------
    document
        What the file holds.
    tier
        Name or regular expression.
    name
        The file's name in messages.
    by
        `participant`, or `tier`: the first group of the pattern, or the tier's name.
    keep_variants
        See `clean_gloss`.

    Raises
    ------
    DatasetError, SettingsError
        As for `matching_tiers`.
    """
    selection = Selection()
    groups = defaultdict[str | None, list[Sign]](list)
    for one in matching_tiers(document, tier, name):
        signer = document.participant(one) if by == "participant" else _of(tier, one)
        for annotation in document.annotations[one]:
            gloss = clean_gloss(annotation.value, keep_variants=keep_variants)
            if gloss is None:
                selection.without_gloss += 1
            elif reason := _fault(annotation):
                selection.left_out.append(f"{name}: {_place(annotation)} {reason}")
            else:
                sign = _sign(annotation, gloss, signer)
                groups[signer].append(sign)
    for signs in groups.values():
        selection.signs += _apart(signs, name, selection.left_out)
    selection.signs.sort(key=lambda one: (one.start, one.end))
    return selection


def _of(pattern: str, tier: str) -> str:
    """Return the first group of the pattern in the tier's name, or the whole name."""
    if tier == pattern or not (found := re.fullmatch(pattern, tier)):
        return tier
    return next((group for group in found.groups() if group), tier)


def _fault(annotation: Annotation) -> str | None:
    if annotation.start is None or annotation.end is None:
        return "has no time; align it in ELAN"
    if annotation.end <= annotation.start:
        return "has no length; give it an end after its start in ELAN"
    return None


def _place(annotation: Annotation) -> str:
    at = "" if annotation.start is None else f" at {annotation.start / 1000:.3f} s"
    return f"{annotation.value.strip()!r:.40} on tier {annotation.tier}{at}"


def _sign(annotation: Annotation, gloss: str, signer: str | None) -> Sign:
    assert annotation.start is not None
    assert annotation.end is not None
    return Sign(
        gloss=gloss,
        start=annotation.start,
        end=annotation.end,
        tier=annotation.tier,
        signer=signer,
    )


def _apart(signs: Sequence[Sign], name: str, left_out: list[str]) -> list[Sign]:
    """Merge a sign that stands on two tiers; of two at the same time keep the first."""
    kept = list[Sign]()
    for sign in sorted(signs, key=lambda one: one.start):
        place, other = _rival(sign, kept)
        if other is None:
            kept.append(sign)
        elif other.gloss == sign.gloss and other.tier != sign.tier:
            kept[place] = replace(other, end=max(other.end, sign.end))
        else:
            left_out.append(
                f"{name}: {sign.gloss!r:.40} on tier {sign.tier} at "
                f"{sign.start / 1000:.3f} s is left out: {other.gloss!r:.40} is signed "
                "at the same time"
            )
    return kept


def _rival(sign: Sign, kept: Sequence[Sign]) -> tuple[int, Sign | None]:
    """Find a sign that is kept and at the same time."""
    for place in range(len(kept) - 1, max(len(kept) - 20, 0) - 1, -1):
        other = kept[place]
        shared = min(sign.end, other.end) - max(sign.start, other.start)
        shorter = min(sign.end - sign.start, other.end - other.start)
        if shared > _SAME * shorter:
            return place, other
    return -1, None
