"""What all commands share: the app, its help, and the output of results."""

import json as json_module
import os
import re
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from cyclopts import App, Parameter
from cyclopts.help import DefaultFormatter, HelpEntry, HelpPanel

from signnet.errors import SettingsError

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions

__all__ = [
    "app",
    "comma_separated",
    "counted",
    "end_with_failures",
    "picture_size",
    "print_json",
    "printable",
    "show",
    "tell",
    "write_any_text",
]


class _Help(DefaultFormatter):
    """Shows positional arguments as `DATA`, not `DATA --data`; hides default False."""

    def __call__(
        self, console: "Console", options: "ConsoleOptions", panel: HelpPanel
    ) -> None:
        """Draw one panel of a help page."""
        entries = [_plain(entry) for entry in panel.entries]
        super().__call__(console, options, panel.copy(entries=entries))


def _plain(entry: HelpEntry) -> HelpEntry:
    if entry.positional_label:
        entry = entry.copy(positive_names=(), positive_shorts=())
    return entry.copy(default=None) if entry.default == "False" else entry


class _App(App):
    """Imports a command when it is asked for, and all of them for their list."""

    def help_print(self, *tokens: Any, **how: Any) -> None:
        """Print a page of help."""
        for name in self:
            self[name]  # imports it
        super().help_print(*tokens, **how)


app = _App(
    name="signnet",
    help="Recognise signs from landmarks: in videos, in datasets, with your model.",
    help_format="plaintext",
    help_formatter=_Help(),
    default_parameter=Parameter(negative=()),  # no --no-json; name the exceptions
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,  # `main` says how to continue
    result_action="return_value",  # so that `main` can flush what was printed
)

SOME_FILES_FAILED = 2

_JOINERS = (0x200C, 0x200D)
"""Zero-width joiners are invisible, yet part of how Bangla is spelt."""


def comma_separated(text: str) -> tuple[str, ...]:
    """Split a list that is separated by commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def picture_size(text: str) -> tuple[int, int]:
    """Read WIDTHxHEIGHT; SettingsError for anything else."""
    if not (found := re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)):
        raise SettingsError(f"--size {text}: expected WIDTHxHEIGHT, such as 1280x720")
    return int(found[1]), int(found[2])


def printable(text: str) -> str:
    """Escape control characters in a file's name, such as a terminal's colour code."""
    return "".join(
        one
        if one.isprintable() or one in "\n\t" or ord(one) in _JOINERS
        else ascii(one)[1:-1]
        for one in text
    )


def counted(number: int, noun: str) -> str:
    """Return such as `1 clip` or `2 clips`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def show(text: str, end: str = "\n") -> None:
    """Print a result; names and glosses in it may hold a terminal's control codes."""
    print(printable(text), end=end)


def tell(line: str) -> None:
    """Say how far it is, or what was written, on standard error."""
    print(printable(line), file=sys.stderr, flush=True)


def write_any_text() -> None:
    """Let output hold any gloss, whatever encoding the system chose for it.

    A terminal shows what it can. A file or a pipe on Windows would be in the code page
    of the country, which has no Bangla, and gets UTF-8; unless PYTHONIOENCODING asks
    for another, in which what cannot be written is escaped.
    """
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, TextIOWrapper):
            continue
        asked = os.environ.get("PYTHONIOENCODING")
        if sys.platform == "win32" and not asked and not stream.isatty():
            stream.reconfigure(encoding="utf-8")
        else:
            stream.reconfigure(errors="backslashreplace")


def print_json(content: Any) -> None:
    """Print one JSON value, with Bangla unescaped."""
    print(json_module.dumps(content, ensure_ascii=False, indent=1))


def end_with_failures(failures: list[str]) -> None:
    """List the files that failed, and end with the exit status that says so."""
    if failures:
        for failure in failures:
            tell(failure)
        failed = counted(len(failures), "file")
        tell(f"{failed} failed; all others are done")
        sys.exit(SOME_FILES_FAILED)
