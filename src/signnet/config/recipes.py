"""Recipes as plain values and as TOML, and single settings changed by name."""

import ast
import inspect
import json
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any, get_origin

from signnet.config.checks import choices, did_you_mean
from signnet.config.presets import PRESETS, preset
from signnet.config.settings import AugmentConfig, ModelConfig, Recipe, TrainConfig
from signnet.errors import SettingsError, one_line

__all__ = [
    "changed",
    "choose_recipe",
    "read_recipe",
    "recipe_from_dict",
    "recipe_to_toml",
]

_TABLES = {"model": ModelConfig, "augment": AugmentConfig, "train": TrainConfig}


def recipe_from_dict(saved: dict[str, Any]) -> Recipe:
    """Rebuild a recipe from the plain values of a saved run.

    Raises
    ------
    SettingsError
        If a key is unknown, since another version of signnet saved the recipe.
    """
    if strange := set(saved) - set(_TABLES):
        raise SettingsError(f"the saved settings have {_listed(strange)}")
    for name, kind in _TABLES.items():
        strange = set(saved.get(name, {})) - {one.name for one in fields(kind)}
        if strange:
            raise SettingsError(
                f"the saved {name} settings have {_listed(strange)}, unknown "
                "to this version of signnet; train again or use the one that saved it"
            )
    values = {name: _with_tuples(saved.get(name, {})) for name in _TABLES}
    return Recipe(
        model=ModelConfig(**values["model"]),
        augment=AugmentConfig(**values["augment"]),
        train=TrainConfig(**values["train"]),
    )


def recipe_to_toml(recipe: Recipe) -> str:
    """Write a recipe as TOML, with a comment above each setting that explains it.

    `read_recipe` reads it back as an equal recipe.
    """
    lines: list[str] = []
    for table, settings in asdict(recipe).items():
        kind = _TABLES[table]
        lines += [f"# {kind.__doc__}", f"[{table}]"]
        kinds = {one.name: one.type for one in fields(kind)}
        for name, value in settings.items():
            described = _described(kind)[name].splitlines()
            lines += [f"# {line}" for line in described if line]
            if known := choices(kinds[name]):
                lines.append(f"# One of: {', '.join(known)}.")
            lines += [f"{name} = {_toml(value)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def read_recipe(file: Path) -> Recipe:
    """Read a recipe from a TOML file, as `recipe_to_toml` writes it.

    Settings that the file leaves out are taken from the preset default.

    Raises
    ------
    SettingsError
        If the file cannot be read, is not TOML, or a key or value is wrong.
    """
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(f"{file} is not a recipe: {reason}") from error
    try:
        return _with_values(PRESETS["default"], tables)
    except SettingsError as error:
        raise SettingsError(f"{file}: {error}") from error


def choose_recipe(
    recipe: str | PathLike[str] | Recipe = "default", changes: Iterable[str] = ()
) -> Recipe:
    """Return a recipe with some settings changed.

    Parameters
    ----------
    recipe
        A preset's name, a TOML file, or a recipe.
    changes
        As for `changed`.

    Raises
    ------
    SettingsError
        If there is no such preset, or as for `read_recipe` and `changed`.
    """
    if isinstance(recipe, Recipe):
        return changed(recipe, changes)
    from signnet.files import as_path  # brings NumPy, which `--help` can do without

    file = as_path(recipe, "recipe")
    found = read_recipe(file) if file.suffix.lower() == ".toml" else preset(str(recipe))
    return changed(found, changes)


def changed(recipe: Recipe, assignments: Iterable[str]) -> Recipe:
    """Change single settings of a recipe.

    Parameters
    ----------
    recipe
        The recipe; it is not changed.
    assignments
        Texts such as `train.learning_rate=1e-4`. The value is read as TOML, or else as
        plain text; the values of a list may be separated by commas alone.

    Raises
    ------
    SettingsError
        If a text has another form, or the key or the value is wrong.
    """
    tables: dict[str, dict[str, Any]] = {}
    texts = [assignments] if isinstance(assignments, str) else assignments
    if not isinstance(texts, Iterable) or not all(isinstance(t, str) for t in texts):
        raise SettingsError(
            f"changes are {assignments!r:.60}; expected texts such as "
            "train.learning_rate=1e-4"
        )
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not equals:
            raise SettingsError(f"{text} changes no setting; write table.name=value")
        table, name = _known_key(key)
        tables.setdefault(table, {})[name] = _parsed(value, _type_of(table, name))
    return _with_values(recipe, tables)


def _with_values(recipe: Recipe, tables: dict[str, Any]) -> Recipe:
    """Replace values, a table at a time, so that its values are checked together."""
    parts: dict[str, Any] = {}
    for table, values in tables.items():
        if not isinstance(values, dict) or table not in _TABLES:
            _known_key(table)
        for name in values:
            _known_key(f"{table}.{name}")
        try:
            parts[table] = replace(getattr(recipe, table), **_with_tuples(values))
        except SettingsError as error:
            raise SettingsError(f"{table}.{error}") from error
    return replace(recipe, **parts)


def _listed(keys: Iterable[object]) -> str:
    """List keys of a damaged file in one line; they may be anything."""
    return ", ".join(sorted(one_line(key, 40) for key in keys))


def _with_tuples(values: dict[str, Any]) -> dict[str, Any]:
    """Turn the lists of JSON and TOML into the tuples of the dataclasses."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
    }


def _known_key(key: str) -> tuple[str, str]:
    """Split a known `table.name`; SettingsError names the nearest ones otherwise."""
    known = [
        f"{table}.{one.name}" for table, kind in _TABLES.items() for one in fields(kind)
    ]
    if key not in known:
        same = [one for one in known if one.partition(".")[2] == key]
        hint = did_you_mean(key, known) if not same else f"did you mean {same[0]}? "
        raise SettingsError(
            f"unknown setting {key}; {hint}`signnet presets default` lists them all"
        )
    table, _, name = key.partition(".")
    return table, name


def _type_of(table: str, name: str) -> Any:
    return next(one.type for one in fields(_TABLES[table]) if one.name == name)


def _parsed(text: str, kind: Any) -> Any:
    """Read a value as TOML, or as plain text if it is not TOML."""
    if get_origin(kind) is tuple and not text.startswith("["):
        return [_toml_value(one.strip()) for one in text.split(",") if one.strip()]
    return _toml_value(text)


def _toml_value(text: str) -> Any:
    try:
        values = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):  # not TOML, 4300 digits, deeply nested
        return text
    return values["value"] if len(values) == 1 else text


def _toml(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)  # as TOML writes them


@cache
def _described(kind: type) -> dict[str, str]:
    """Read the docstring under each field of a dataclass from its source."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            found[ast.unparse(field.target)] = inspect.cleandoc(
                ast.literal_eval(text.value)
            )
    return found
