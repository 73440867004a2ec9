"""Run commands in the tests' own process, as the installed program does."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass

from signnet.cli import main, progress

__all__ = ["Command", "Ended", "assert_one_line", "run_command"]


@dataclass
class Ended:
    """What a command left."""

    status: int
    out: str
    err: str


Command = Callable[..., Ended]


def run_command() -> Ended:
    """Run the words of `sys.argv`, without lines of progress on a busy machine."""
    progress.FIRST_SECONDS = 3600.0
    out, err = io.StringIO(), io.StringIO()
    status = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
    return Ended(status, out.getvalue(), err.getvalue())


def assert_one_line(ended: Ended, *words: str, status: int = 1) -> None:
    lines = ended.err.strip().splitlines()
    assert ended.status == status, ended
    assert len(lines) == 1, ended.err
    assert lines[0].startswith("signnet: ")
    for word in words:
        assert word in lines[0], lines[0]
