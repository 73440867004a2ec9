"""The formats by name, and the settings that each can use."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from signnet.clip import Clip
from signnet.errors import SettingsError
from signnet.formats import (
    bdsl_npz,
    coco_wholebody,
    collected,
    elan,
    gislr,
    hands_npz,
    mp_data,
    openpose,
    pose,
    signnet_dataset,
)
from signnet.formats.source import USUAL, ImportSettings, Source
from signnet.labels import is_dropped, read_dropped

__all__ = ["FORMATS", "OPTIONS", "FormatName", "list_sources"]

FormatName = Literal[
    "bdsl-npz",
    "pose",
    "openpose",
    "coco-wholebody",
    "gislr",
    "mp-data",
    "hands-npz",
    "elan",
    "collected",
    "dataset",
]
"""A format's name in Python and on the command line."""

FORMATS: dict[str, Callable[[Path, ImportSettings], list[Source]]] = {
    "bdsl-npz": bdsl_npz.sources,
    "pose": pose.sources,
    "openpose": openpose.sources,
    "coco-wholebody": coco_wholebody.sources,
    "gislr": gislr.sources,
    "mp-data": mp_data.sources,
    "hands-npz": hands_npz.sources,
    "elan": elan.sources,
    "collected": collected.sources,
    "dataset": signnet_dataset.sources,
}
"""The function of each format that lists what can be read."""

OPTIONS: dict[str, frozenset[str]] = {
    "bdsl-npz": frozenset({"repair"}),
    "pose": frozenset({"size", "fps"}),
    "openpose": frozenset({"size", "fps"}),
    "coco-wholebody": frozenset({"size", "fps"}),
    "gislr": frozenset({"size", "fps"}),
    "mp-data": frozenset({"size", "fps"}),
    "hands-npz": frozenset({"size"}),
    "elan": frozenset({"tier", "media", "signer", "keep_variants"}),
    "collected": frozenset(),
    "dataset": frozenset(),
}
"""Which of `ImportSettings` a format uses, besides the index, which all use."""


def list_sources(
    path: Path, format_name: str, settings: ImportSettings = USUAL
) -> list[Source]:
    """List what a file or folder of a format holds; nothing is read yet.

    Raises
    ------
    SettingsError
        If the format is unknown, cannot use a setting, or needs a package that is not
        installed.
    DatasetError, MediaError
        If the path holds nothing of that format, or the index is bad.
    """
    if not isinstance(format_name, str) or format_name not in FORMATS:
        known = ", ".join(FORMATS)
        raise SettingsError(f"unknown format {format_name}; choose one of: {known}")
    _refuse_unused(format_name, settings)
    found = FORMATS[format_name](path, settings)
    dropped = read_dropped(settings.index) if settings.index else frozenset[str]()
    return [_without(source, dropped) for source in found] if dropped else found


def _without(source: Source, dropped: frozenset[str]) -> Source:
    """Leave out the clips that the index drops."""

    def read() -> list[Clip]:
        return [one for one in source.read() if not is_dropped(one.name, dropped)]

    return Source(source.label, read)


def _refuse_unused(format_name: str, settings: ImportSettings) -> None:
    """Raise SettingsError for a setting that would have no effect."""
    given = {
        "size": "--size",
        "fps": "--fps",
        "repair": "--no-repair",
        "tier": "--tier",
        "media": "--media",
        "signer": "--signer",
        "keep_variants": "--keep-variants",
    }
    for name, option in given.items():
        changed = getattr(settings, name) != getattr(USUAL, name)
        if changed and name not in OPTIONS[format_name]:
            users = [form for form, used in OPTIONS.items() if name in used]
            raise SettingsError(
                f"{option} has no effect on {format_name}; leave it out (it is for "
                f"{', '.join(users)})"
            )
