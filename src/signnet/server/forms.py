"""The one file of a multipart/form-data body, taken out of it."""

import re
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from signnet.errors import MediaError
from signnet.files import storable

__all__ = ["boundary_of", "save_file"]

_FIELD = b"file"

_HOW = "send one as the field `file` of multipart/form-data"

_BLOCK = 1 << 20


def boundary_of(content_type: str) -> bytes:
    """Return what separates the parts of a form; MediaError if it is no form."""
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise MediaError(f"no file was sent; {_HOW}")
    return options[b"boundary"]


def save_file(form: Path, content_type: str, folder: Path) -> Path:
    """Write the file in a form to a folder.

    Parameters
    ----------
    form
        File that holds the body of a request.
    content_type
        Header of the request.
    folder
        Where to write; the file gets a harmless name with its own ending.

    Raises
    ------
    MediaError
        If the form is damaged, or has no file or several.
    """
    taken = _Taken(folder)
    try:
        parser = MultipartParser(boundary_of(content_type), taken.callbacks())
        with form.open("rb") as body:
            while block := body.read(_BLOCK):
                parser.write(block)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise MediaError(f"the form is damaged; {_HOW}") from error
    finally:
        taken.close()
    if taken.path is None or not taken.is_whole:
        raise MediaError(f"no file was sent; {_HOW}")
    return taken.path


class _Taken:
    """Takes the file out of the parts of a form, as they are parsed."""

    def __init__(self, folder: Path) -> None:
        self.path: Path | None = None
        self.is_whole = False
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._name, self._value, self._disposition = b"", b"", b""

    def callbacks(self) -> Any:
        """Name what the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._add_name,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": self._write,
            "on_part_end": self._end_part,
        }

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._disposition = b""

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name, self._value = b"", b""

    def _open(self) -> None:
        _, options = parse_options_header(self._disposition)
        if options.get(b"name") != _FIELD or b"filename" not in options:
            return
        if self.path is not None:
            raise MediaError("several files were sent; send one at a time")
        name = options[b"filename"]
        self.path = self._folder / safe_name(_decoded(name))
        self._file = self.path.open("wb")

    def _write(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])

    def _end_part(self) -> None:
        self.is_whole = self.is_whole or self._file is not None
        self.close()


def safe_name(name: str) -> str:
    """Reduce an uploaded file's name to a harmless one with the same ending."""
    last = re.split(r"[/\\]", name)[-1]
    printable = "".join(one for one in last if one.isprintable()).strip(". ")
    stem, dot, ending = printable.rpartition(".")
    short = f"{stem[:60]}{dot}{ending[:10].lower()}" if stem else printable[:60]
    return storable(short or "upload", everywhere=True)


def _decoded(name: bytes) -> str:
    with suppress(UnicodeDecodeError):
        return name.decode()
    return name.decode("latin-1")
