"""Compute when annotations begin and end: with gaps, parts and references.

pympi-ling knows nothing of times that are missing, and gives every part of a divided
annotation the time of the whole.
"""

from itertools import pairwise
from typing import Any

__all__ = ["Times", "annotation_times"]

Times = dict[str, tuple[float | None, float | None]]


def annotation_times(eaf: Any) -> Times:
    """Compute start and end of every annotation by its id."""
    slots = _filled(eaf)
    times: Times = {
        one: (slots.get(first), slots.get(last))
        for tier in eaf.tiers.values()
        for one, (first, last, _, _) in tier[0].items()
    }
    children: dict[str, dict[str, str | None]] = {}
    divided = set[str]()
    for tier in eaf.tiers.values():
        kind = eaf.linguistic_types.get(tier[2].get("LINGUISTIC_TYPE_REF"), {})
        for one, (parent, _, previous, _) in tier[1].items():
            children.setdefault(parent, {})[one] = previous
            if kind.get("CONSTRAINTS") == "Symbolic_Subdivision":
                divided.add(one)
    waiting = list(times)
    while waiting:
        parent = waiting.pop()
        below = children.get(parent, {})
        parts = _in_order({one: p for one, p in below.items() if one in divided})
        start, end = times[parent]
        for place, one in enumerate(parts):
            known = start is not None and end is not None
            step = (end - start) / len(parts) if known else 0.0  # pyright: ignore
            times[one] = (
                (start + place * step, start + (place + 1) * step)  # pyright: ignore
                if known
                else (None, None)
            )
        for one in below:
            times.setdefault(one, (start, end))
        waiting += list(below)
    return times


def _in_order(previous: dict[str, str | None]) -> list[str]:
    """Put the parts of an annotation in order; each names the one before it."""
    after = {before: one for one, before in previous.items() if before in previous}
    firsts = [one for one, before in previous.items() if before not in previous]
    order = list[str]()
    for one in [*firsts, *previous]:
        while one is not None and one not in order:
            order.append(one)
            one = after.get(one)
    return order


def _filled(eaf: Any) -> dict[str, float]:
    """Return the time of each slot; missing ones evenly between their neighbours."""
    slots = {name: float(t) for name, t in eaf.timeslots.items() if t is not None}
    for tier in eaf.tiers.values():
        chain = list[str]()
        for first, last, _, _ in tier[0].values():
            if not chain or chain[-1] != first:
                _fill(chain, slots)
                chain = [first]
            chain.append(last)
        _fill(chain, slots)
    return slots


def _fill(chain: list[str], slots: dict[str, float]) -> None:
    known = [place for place, slot in enumerate(chain) if slot in slots]
    for left, right in pairwise(known):
        start, end = slots[chain[left]], slots[chain[right]]
        for place in range(left + 1, right):
            share = (place - left) / (right - left)
            slots[chain[place]] = start + share * (end - start)
