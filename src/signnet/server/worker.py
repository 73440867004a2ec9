"""A process that recognises uploads, one after the other, and may be killed.

It is started by `pool` and talks to it over its standard input and output: messages are
JSON after their length as a big-endian uint32. The first one says that the model is
open. If the server ends, however it ends, so does this process and all that it started.
"""

import json
import os
import queue
import signal
import struct
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from signnet.errors import MediaError, ModelError, SignnetError, one_line
from signnet.extraction import check_length, warm_up
from signnet.recognise.inputs import LANDMARK_FILES, read_clips
from signnet.recognise.recogniser import Recogniser
from signnet.server.forms import save_file

__all__ = ["LENGTH", "recognise_form"]

LENGTH = struct.Struct(">I")
"""The length of a message, before it."""

_BUG = "the file cannot be recognised because of a fault in signnet; please report it"
_NICE = 5
"""The server answers before its workers do."""


def main() -> None:
    """Answer requests until there are no more."""
    out, requests = _own_output(), _requests()
    settings = json.loads(sys.argv[1])
    _limit_memory(settings["work_bytes"])
    try:
        recogniser = Recogniser.open(settings["model"])
    except SignnetError as error:
        return _send(out, {"status": 503, "content": one_line(error)})
    _send(out, {"status": 200, "content": "ready"})
    with suppress(SignnetError):
        warm_up()
    while (request := requests.get()) is not None:
        _send(out, _answer(recogniser, request, settings["clip_seconds"]))
    return None


def _answer(
    recogniser: Recogniser, request: dict[str, str], clip_seconds: float
) -> dict[str, Any]:
    folder = Path(request["folder"])
    try:
        found = recognise_form(
            recogniser, folder, request["content_type"], clip_seconds
        )
    except SignnetError as error:
        status = 503 if isinstance(error, ModelError) else 422
        reason = one_line(error).replace(f"{folder}{os.sep}file{os.sep}", "")
        return {"status": status, "content": reason}
    except MemoryError:
        return {"status": 422, "content": "the file needs too much memory; shorten it"}
    except Exception:
        traceback.print_exc()
        return {"status": 500, "content": _BUG}
    return {"status": 200, "content": found}


def recognise_form(
    recogniser: Recogniser, folder: Path, content_type: str, clip_seconds: float
) -> list[dict[str, Any]]:
    """Name the sign in each clip of the file in a form.

    Parameters
    ----------
    recogniser
        The model.
    folder
        Holds the body of the request in `form`; the file in it is written to `file/`.
    content_type
        Header of the request.
    clip_seconds
        The longest video that is recognised.

    Raises
    ------
    SignnetError
        If the form or the file in it cannot be read, or the video is too long.
    """
    (folder / "file").mkdir()
    path = save_file(folder / "form", content_type, folder / "file")
    if path.suffix not in LANDMARK_FILES:
        check_length(path, clip_seconds)
    found = [
        recogniser.recognise(clip).to_json(label)
        for label, clip in read_clips(path, path.name, recogniser.pace)
    ]
    if not found:
        raise MediaError(f"{path.name} holds no clip")
    return found


def _own_output() -> IO[bytes]:
    """Keep the standard output for answers; what libraries print goes elsewhere."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _requests() -> "queue.SimpleQueue[dict[str, str] | None]":
    """Read requests in a thread, which ends everything when the server is gone."""
    found = queue.SimpleQueue[dict[str, str] | None]()

    def read() -> None:
        while len(length := sys.stdin.buffer.read(LENGTH.size)) == LENGTH.size:
            found.put(json.loads(sys.stdin.buffer.read(*LENGTH.unpack(length))))
        _end_all()

    threading.Thread(target=read, daemon=True).start()
    return found


def _end_all() -> None:
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _send(out: IO[bytes], message: dict[str, Any]) -> None:
    content = json.dumps(message).encode()
    out.write(LENGTH.pack(len(content)) + content)
    out.flush()


def _limit_memory(size: int) -> None:
    if hasattr(os, "nice"):
        os.nice(_NICE)
    with suppress(ImportError, OSError, ValueError):  # not every system can
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
