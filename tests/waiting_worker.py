"""A process of the server that can be made to wait: for a file that a test writes.

An upload named wait.pose holds the path of that file. Everything else is recognised as
always, but MediaPipe is not imported before it is needed.
"""

import time
from pathlib import Path
from typing import Any

from signnet.config.pace import Pace
from signnet.errors import MediaError
from signnet.server import worker

read_clips = worker.read_clips


def read_or_wait(path: Path, label: str, pace: Pace) -> Any:
    if path.name != "wait.pose":
        return read_clips(path, label, pace)
    awaited = Path(path.read_text())
    while not awaited.exists():
        time.sleep(0.02)
    raise MediaError("waited")


if __name__ == "__main__":
    worker.read_clips = read_or_wait
    worker.warm_up = lambda: None
    worker.main()
