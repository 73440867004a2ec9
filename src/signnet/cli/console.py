"""What all commands share: the app, and how results and failures are told."""

import json as json_module
import re
import sys
from typing import Any

from cyclopts import App

from signnet.errors import SettingsError

__all__ = [
    "app",
    "end_with_failures",
    "picture_size",
    "print_json",
    "words",
]

app = App(
    name="signnet",
    help="Recognise signs from landmarks: in videos, in datasets, with your model.",
    help_format="plaintext",
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,  # `main` says how to go on
    result_action="return_value",  # so that `main` can see to what was printed
)

SOME_FILES_FAILED = 2


def words(text: str) -> tuple[str, ...]:
    """Split a list that was written with commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def picture_size(text: str) -> tuple[int, int]:
    """Read WIDTHxHEIGHT; SettingsError for anything else."""
    if not (found := re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)):
        raise SettingsError(f"--size {text}: expected WIDTHxHEIGHT, such as 1280x720")
    return int(found[1]), int(found[2])


def print_json(content: Any) -> None:
    """Print one JSON value, Bangla as it is."""
    print(json_module.dumps(content, ensure_ascii=False, indent=1))


def end_with_failures(failures: list[str]) -> None:
    """Tell which files failed, and leave with the exit status that says so."""
    if failures:
        for failure in failures:
            print(failure, file=sys.stderr)
        print(f"{len(failures)} files failed; all others are done", file=sys.stderr)
        sys.exit(SOME_FILES_FAILED)
