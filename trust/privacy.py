"""Run the commands under a kernel trace: none may try to reach another computer.

`python trust/privacy.py` makes invented signs and a film, runs each command that works
on files under strace, in a network namespace without a route where the system allows
one, and counts the system calls of any thread or child that connect or send to an
internet address. The server is asked for its health from this computer, and may answer;
nothing else may speak.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from signnet.dataset import Dataset, write_clips
from signnet.formats import write_poses
from signnet.synthetic import make_corpus

_TRACE = ["strace", "-f", "-qq", "-yy", "-e", "trace=connect,sendto,sendmsg,sendmmsg"]
_ADDRESS = re.compile(r"AF_INET6?\b|<(TCP|UDP)")
_HERE = re.compile(r"127\.0\.0\.1|::1|::ffff:127\.")
_PORT = "8797"


def commands() -> Iterator[list[str]]:
    """List the commands in the order in which they need one another's output."""
    one = ["--threads", "1"]
    yield ["info", "corpus"]
    yield ["import", "pose", "poses", "imported"]
    yield ["pack", "corpus", "packed"]
    yield ["split", "corpus", "--by", "signer", "--folds", "2", "--out", "split.json"]
    yield ["train", "corpus", "--out", "run", "--split", "split.json", *one]
    yield ["train", "corpus", "--out", "small", "--preset", "network", "--epochs", "1"]
    yield ["evaluate", "run", "corpus", "--split", "split.json", "--out", "report"]
    yield ["predict", "corpus", "--model", "run"]
    yield ["search", "one.parquet", "corpus", "--model", "run"]
    yield ["export", "small", "exported"]
    yield ["enrol", "base", "taught-clips", "--out", "taught", "--yes"]
    yield ["site", "page"]
    yield ["extract", "film.mp4", "extracted", "--workers", "1"]
    yield ["predict", "film.mp4"]
    yield ["transcribe", "film.mp4", "--eaf", "--out", "transcripts"]
    yield ["pretrain", "corpus", "--out", "pretrained", "--epochs", "1", *one]


def make_inputs(folder: Path) -> None:
    """Write invented signs, as a dataset and as `.pose`, and a short film."""
    clips = make_corpus(2, 2, 0)
    write_clips(clips, folder / "corpus" / "clips.parquet")
    write_clips(clips[:1], folder / "one.parquet")
    write_clips(clips[:4], folder / "taught-clips" / "clips.parquet")
    write_poses(Dataset.of_clips(clips[:2]), folder / "poses")
    code = cv2.VideoWriter.fourcc(*"mp4v")
    film = cv2.VideoWriter(str(folder / "film.mp4"), code, 25, (160, 120))
    for shade in range(20):
        film.write(np.full((120, 160, 3), 10 * shade, np.uint8))
    film.release()


def calls_of(words: list[str], folder: Path) -> tuple[list[str], str]:
    """Run a command; return its calls that name an internet address, and its status."""
    trace = folder / "trace.txt"
    order = [*_alone(), *_TRACE, "-o", str(trace), *_signnet(words)]
    ended = subprocess.run(
        order, cwd=folder, capture_output=True, text=True, check=False
    )
    said = ended.stderr.strip().splitlines()[-1:] if ended.returncode else []
    status = " ".join([str(ended.returncode), *said])
    return _internet(trace), status


def serve(folder: Path) -> tuple[list[str], str]:
    """Run the server, ask for its health, end it; calls to this computer may be."""
    trace = folder / "trace.txt"
    order = [*_TRACE, "-o", str(trace), *_signnet(["serve", "--port", _PORT])]
    process = subprocess.Popen(
        order,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    answer = ""
    for _ in range(600):
        with suppress(OSError):
            url = f"http://127.0.0.1:{_PORT}/v1/health"
            answer = urllib.request.urlopen(url, timeout=10).read().decode()
            break
        time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)  # strace itself leaves it to the server
    process.wait(60)
    foreign = [one for one in _internet(trace) if not _HERE.search(one)]
    return foreign, "0" if '"ok"' in answer else f"no health: {answer}"


def _alone() -> list[str]:
    """Give what puts a command into a namespace without a network, if that works."""
    order = ["unshare", "--net", "--map-root-user"]
    works = (
        shutil.which("unshare")
        and not subprocess.run(
            [*order, "true"], capture_output=True, check=False
        ).returncode
    )
    return order if works else []


def _signnet(words: list[str]) -> list[str]:
    return [sys.executable, "-m", "signnet", *words]


def _internet(trace: Path) -> list[str]:
    lines = trace.read_text().splitlines() if trace.is_file() else ["no trace"]
    trace.unlink(missing_ok=True)
    return [one for one in lines if _ADDRESS.search(one) or one == "no trace"]


def main() -> None:
    """Trace each command; the status is 1 if one of them failed or spoke."""
    if not shutil.which("strace"):
        sys.exit("strace is not installed; apt-get install strace")
    print("without a route" if _alone() else "with the system's network", flush=True)
    faults = 0
    with tempfile.TemporaryDirectory(prefix="privacy-") as made:
        folder = Path(made)
        make_inputs(folder)
        runs = [
            (words, lambda words=words: calls_of(words, folder)) for words in commands()
        ]
        for words, run in [*runs, (["serve"], lambda: serve(folder))]:
            calls, status = run()
            print(f"{' '.join(words)}: status {status}, {len(calls)} calls", flush=True)
            for call in calls[:3]:
                print(f"FAULT {call}")
            faults += bool(calls) or status != "0"
    sys.exit(int(bool(faults)))


if __name__ == "__main__":
    main()
