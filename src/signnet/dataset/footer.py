"""Check that reading the footer of a Parquet file will not end the process.

pyarrow hands out what a footer says of a column without catching what its C++ code then
throws at contradictions, such as a histogram of another length (pyarrow 26.0.1): the
process is aborted. A read catches it. So one is begun on a file that refuses to give
any byte, to which it comes only once the entry of every column was found sound.
"""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["check_footer"]


class _ReachedBytes(Exception):
    """Nothing was wrong before the first byte of a column was wanted."""


class _Unread(io.RawIOBase):
    """A file of some size that gives no byte."""

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0

    def readable(self) -> bool:
        """Say so, or Arrow would not ask."""
        return True

    def seekable(self) -> bool:
        """Say so, or Arrow would not ask."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; Arrow learns the size so."""
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        """Return where it is."""
        return self._at

    def read(self, _size: int = -1) -> bytes:
        """Refuse."""
        raise _ReachedBytes


def check_footer(content: pq.FileMetaData, file: Path) -> None:
    """Check the entries of all columns; ArrowException or OSError if one is unsound."""
    groups = range(content.num_row_groups)
    if not groups:
        return
    source = pa.PythonFile(_Unread(file.stat().st_size), "r")
    # Only with `pre_buffer` are all entries looked at before anything is read.
    unread = pq.ParquetFile(source, metadata=content, pre_buffer=True)
    try:
        unread.read_row_groups(list(groups), use_threads=False)
    except _ReachedBytes as reached:
        # Arrow keeps the exception, whose traceback keeps `unread` and its buffers.
        reached.__traceback__ = None
