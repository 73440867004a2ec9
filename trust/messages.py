"""What reaches the server from outside, read as the server reads it."""

import shutil
from pathlib import Path

from signnet.server.forms import boundary_of, save_file

__all__ = ["forms", "headers", "read_form", "read_header"]

_TYPE = "multipart/form-data; boundary=edge"


def forms(_folder: Path) -> list[bytes]:
    """Make bodies of uploads: with a film, and with a field beside it."""
    film = (
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n'
        b"Content-Type: video/mp4\r\n\r\n" + bytes(range(256)) + b"\r\n--edge"
    )
    field = b'\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--edge'
    return [film + b"--\r\n", film + field + b"--\r\n"]


def read_form(file: Path) -> object:
    """Take the file out of a body; nothing may be written beside its folder."""
    kept = file.parent / "kept"
    kept.mkdir(exist_ok=True)
    try:
        saved = save_file(file, _TYPE, kept)
        if saved.parent != kept or not saved.is_file():
            raise AssertionError(f"saved as {saved}")
    finally:
        shutil.rmtree(kept)
    return saved


def headers(_folder: Path) -> list[bytes]:
    """Make headers that name the kind of a body."""
    return [_TYPE.encode(), b'multipart/form-data; charset=utf-8; boundary="a b"']


def read_header(file: Path) -> object:
    """Read a header as the server gets it."""
    return boundary_of(file.read_bytes().decode("latin-1"))
