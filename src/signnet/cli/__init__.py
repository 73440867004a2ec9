"""The command line: one function per command, and the only place that prints.

Progress goes to standard error, results to standard output. A user's mistake ends in
one line and exit status 1; a run in which some files failed ends with 2.
"""

import errno
import os
import sys

from cyclopts import CycloptsError

from signnet.cli.console import app, printable, write_any_text
from signnet.errors import SignnetError

__all__ = ["app", "main"]

INTERRUPTED = 130

_COMMANDS = {
    "data": ("models", "extract", "import_", "export_pose", "split", "pack"),
    "demo": ("demo",),
    "evaluate": ("evaluate", "compare", "info"),
    "publish": ("publish",),
    "recognise": ("predict", "enrol", "search"),
    "review": ("review",),
    "serving": ("serve",),
    "site": ("site",),
    "train": ("train", "pretrain", "presets", "export"),
    "transcribe": ("transcribe",),
}
"""The commands of each module, which is imported when one of them is asked for."""

for _module, _functions in _COMMANDS.items():
    for _function in _functions:
        # Markdown joins the lines of a paragraph; plain text, quicker, keeps them.
        app.command(f"signnet.cli.{_module}:{_function}", help_format="markdown")


def _one_line(error: SignnetError | CycloptsError) -> str:
    if isinstance(error, CycloptsError):
        return f"{' '.join(str(error).split())} See `signnet --help`."
    return printable(str(error))


def _is_closed_on_windows(error: OSError) -> bool:
    return (
        sys.platform == "win32"
        and error.errno == errno.EINVAL
        and error.filename is None
    )


def main() -> None:
    """Run a command; an expected error ends in one line and exit status 1."""
    write_any_text()
    try:
        app(sys.argv[1:], exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except (SignnetError, CycloptsError) as error:
        print(f"signnet: {_one_line(error)}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        # The reader of our output, such as `head`, has closed it; Windows says EINVAL.
        if not isinstance(error, BrokenPipeError) and not _is_closed_on_windows(error):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print(
            "signnet: stopped; run it again to continue (train: with --resume)",
            file=sys.stderr,
        )
        sys.exit(INTERRUPTED)
