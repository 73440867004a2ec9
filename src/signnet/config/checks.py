"""Checks of settings: type, choice, range; hints for misspelt names."""

from dataclasses import fields
from typing import Any, Literal, get_args, get_origin

from signnet.errors import SettingsError

__all__ = ["ANY_SIZE", "POSITIVE", "SHARE", "WIDTH", "check", "choices", "did_you_mean"]

SHARE = (0.0, 1.0)
"""Range of a probability or fraction."""

ANY_SIZE = (0.0, 1e9)
POSITIVE = (1.0, 1e9)
"""Range of a count that must not be zero."""

WIDTH = (1.0, 8192.0)
"""Range of a network's sizes; larger layers fit in no memory."""

_MANY = 10**300
"""Larger whole numbers do not fit into a float."""

_NAMES: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
}


def check(settings: Any, **ranges: tuple[float, float]) -> None:
    """Check type, choice and range of every field; store whole numbers as floats.

    Parameters
    ----------
    settings
        A frozen dataclass; the fields' types are bool, int, float, str, Literal, or
        a tuple of numbers or texts.
    ranges
        Smallest and largest value of a field, by its name.

    Raises
    ------
    SettingsError
        Naming the field, the value found and what was expected.
    """
    for one in fields(settings):
        value = _converted(one.name, getattr(settings, one.name), one.type)
        object.__setattr__(settings, one.name, value)
    for name, (low, high) in ranges.items():
        value = getattr(settings, name)
        if not low <= value <= high:
            raise SettingsError(
                f"{name} is {value}; it should be {_limit(value, low, high)}"
            )


def _limit(value: Any, low: float, high: float) -> str:
    """Describe a range, or the end of a wide range that a value lies beyond."""
    if high < WIDTH[1]:
        return f"between {low:g} and {high:g}"
    return f"{high:,.0f} or less" if value > high else f"{low:g} or more"


def choices(kind: Any) -> tuple[str, ...]:
    """Return the choices of a field of type `Literal`; empty for another type."""
    return get_args(kind) if get_origin(kind) is Literal else ()


def did_you_mean(word: str, known: list[str] | tuple[str, ...]) -> str:
    """Return a hint with the most similar known names, or an empty text."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=3, cutoff=0.7)
    return f"did you mean {' or '.join(close)}? " if close else ""


def _converted(name: str, value: Any, kind: Any) -> Any:
    """Return a value as its field's type; SettingsError if it has another."""
    if known := choices(kind):
        if value not in known:
            raise SettingsError(
                f"{name} is {value}; {did_you_mean(str(value), known)}choose one of: "
                f"{', '.join(known)}"
            )
        return value
    if get_origin(kind) is tuple:
        return _converted_tuple(name, value, get_args(kind))
    if kind is float and type(value) is int and abs(value) < _MANY:
        return float(value)
    if type(value) is not kind:
        found = f"{value!r:.60}"
        raise SettingsError(f"{name} is {found}; it should be {_NAMES[kind]}")
    return value


def _converted_tuple(name: str, value: Any, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise SettingsError(f"{name} is {f'{value!r:.60}'}; it should be a list")
    values = tuple(_converted(name, one, kinds[0]) for one in value)
    if Ellipsis not in kinds and len(values) != len(kinds):
        raise SettingsError(
            f"{name} has {len(values)} values; it should have {len(kinds)}"
        )
    return values
