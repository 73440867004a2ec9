"""The folder of a site: replaced at once, and only if it holds nothing but a site.

`files.json` lists all other files of a site with their sha256. Nothing that is not
listed there, or that is not as listed, is ever removed.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath

from signnet.errors import SettingsError
from signnet.files import whole_folder

__all__ = ["INDEX", "check_place", "digest_of", "replaced_at_once"]

INDEX = "files.json"


def check_place(out: Path) -> None:
    """Check that a site may be put here: nothing is there, or just an earlier site.

    Raises
    ------
    SettingsError
        If something else is there, or it cannot be read.
    """
    if out.exists() and not out.is_dir():
        raise SettingsError(f"{out} is a file; give a new folder for the site")
    try:
        _written_in(out)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"cannot read {out}: {reason}") from error


def _written_in(folder: Path) -> list[Path]:
    """List the files of an earlier site, all of them as they were written.

    Raises
    ------
    SettingsError
        If there is anything else in the folder, or it holds no whole site.
    """
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    if not found:
        return []
    index = found.get(INDEX)
    listed = _read_written(index) if index and index.is_file() else None
    if listed is None:
        name = INDEX if index else min(found)
        raise SettingsError(
            f"{folder} holds {name}, which does not belong to a site; give a new folder"
        )
    _refuse_others(folder, found, listed)
    for name, digest in listed.items():
        if name not in found or digest_of(found[name]) != digest:
            raise SettingsError(
                f"{folder / name} is not as signnet wrote it; give a new folder"
            )
    return [found[name] for name in [*listed, INDEX]]


def _refuse_others(
    folder: Path, found: Mapping[str, Path], listed: Mapping[str, str]
) -> None:
    """Refuse anything that an index does not list, even links and empty folders."""
    files = {*listed, INDEX}
    folders = {str(parent) for name in listed for parent in PurePosixPath(name).parents}
    for name, path in sorted(found.items()):
        kind = folders if path.is_dir() else files if path.is_file() else ()
        if name not in kind or path.is_symlink():
            raise SettingsError(
                f"{folder} holds {name}, which signnet did not write; "
                "move it away or give a new folder"
            )


def _read_written(index: Path) -> dict[str, str] | None:
    """Read which files a site consists of, or None if the index is not of a site."""
    try:
        content = json.loads(index.read_text("utf-8"))
    except (ValueError, RecursionError):
        return None
    keys = {"version", "large", "shell", "written"}
    if not isinstance(content, dict) or set(content) != keys:
        return None
    written = content["written"]
    return written if isinstance(written, dict) and written else None


def digest_of(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replaced_at_once(out: Path) -> AbstractContextManager[Path]:
    """Yield a folder to fill; it replaces an earlier site when it is whole.

    Raises
    ------
    SettingsError
        If something else is there, or appears meanwhile, or it cannot be written; the
        earlier site stays.
    """
    return whole_folder(out, SettingsError, _written_in)
