"""Nothing opens a network connection, not even from native code.

MediaPipe from 0.10.35 on and ONNX Runtime from 1.30 on (1.27 does not) report usage to
their makers. A look at Python's sockets would miss
that, so the kernel is asked: strace lists every address that any thread or child
connects or sends to.
"""

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from signnet.errors import ModelError
from signnet.extraction import ensure_models

pytestmark = pytest.mark.slow

EXTRACT = """
import sys
from pathlib import Path
from signnet.extraction import extract_folder

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    report = extract_folder(folder, folder / "out", workers=1)
    print(report.done, len(report.failures))
"""

RECOGNISE = """
import time
from signnet.recognise.recogniser import Recogniser, find_model
from signnet.dataset import Dataset

recogniser = Recogniser.open()
for motion in Dataset.open(find_model("bdsl55") / "motions.parquet"):
    recogniser.recognise(motion)
time.sleep(5)  # a reporter works in the background
print("done")
"""

ON_RAY = """
import sys
from pathlib import Path
from signnet.extraction import extract_folder

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    report = extract_folder(folder / "a.mp4", folder / "out", workers=1, engine="ray")
    print(report.done, len(report.failures))
"""

TRACK = """
import sys
from pathlib import Path
import numpy as np
from signnet.training.logs import MemberLog, WandbProject

project = WandbProject(project="signs", name="run", settings={})
with MemberLog(Path(sys.argv[1]) / "member-0", 0, project) as log:
    log.confusion(np.eye(2, dtype=int), ("A", "B"))
print("done")
"""

# What a telemetry library does: resolve a name and connect, without Python's socket.
CALL_HOME = """
import ctypes
libc = ctypes.CDLL(None)
address = (2).to_bytes(2, "little") + (9).to_bytes(2, "big") + bytes([127, 0, 0, 1])
libc.connect(libc.socket(2, 1, 0), address + bytes(8), 16)
"""


def internet_calls(script: str, folder: Path) -> tuple[list[str], str]:
    """Run a script and give its system calls that name an internet address."""
    (folder / "script.py").write_text(script)
    trace = folder / "trace.txt"
    calls = "trace=connect,sendto,sendmsg,sendmmsg"
    order = [
        "strace",
        "-f",
        "-qq",
        "-yy",
        "-e",
        calls,
        "-o",
        str(trace),
        sys.executable,
    ]
    run = subprocess.run(
        [*order, str(folder / "script.py"), str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = trace.read_text().splitlines()
    return [line for line in lines if re.search("AF_INET|<(TCP|UDP)", line)], run.stdout


@pytest.fixture(autouse=True)
def strace() -> None:
    works = (
        shutil.which("strace")
        and not subprocess.run(
            ["strace", "-f", "-o", "/dev/null", "true"],
            capture_output=True,
            check=False,
        ).returncode
    )
    if not works:
        pytest.skip("strace is not installed or not permitted: apt-get install strace")


def test_a_connection_from_native_code_would_be_noticed(tmp_path: Path) -> None:
    calls, _ = internet_calls(CALL_HOME, tmp_path)
    assert len(calls) == 1


def write_video(folder: Path) -> None:
    path, code = folder / "a.mp4", cv2.VideoWriter.fourcc(*"mp4v")
    writer = cv2.VideoWriter(str(path), code, 25, (128, 96))
    for frame in range(5):
        writer.write(np.full((96, 128, 3), 10 * frame, np.uint8))
    writer.release()


def leaving(calls: list[str]) -> list[str]:
    """Keep the calls that send something to another computer than this one.

    To connect a UDP socket sends nothing: Ray does so to learn its own address. What is
    sent through one names the other end.
    """
    here = [*(r"127\.", re.escape(own_address())), r"\[?::1[\]\"]"]
    local = re.compile(rf'("|->)\[?(::ffff:)?({"|".join(here)})')
    quiet = re.compile(r"connect\(\d+<UDP")
    return [call for call in calls if not (local.search(call) or quiet.search(call))]


def own_address() -> str:
    """Give the address at which other computers would find this one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:  # no network at all
            return "127.0.0.1"
        return probe.getsockname()[0]


def test_extraction_opens_no_network_connection(tmp_path: Path) -> None:
    try:
        ensure_models()
    except ModelError as error:
        pytest.skip(f"no landmark models: {error}")
    write_video(tmp_path)
    # A playlist that only looks like a video must not be followed to its server.
    playlist = "#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
    (tmp_path / "playlist.mp4").write_text(playlist)
    (tmp_path / "playlist2.ts").write_text(playlist)
    calls, output = internet_calls(EXTRACT, tmp_path)
    assert output.split() == ["1", "2"]
    assert calls == []


def test_recognition_opens_no_network_connection(tmp_path: Path) -> None:
    calls, output = internet_calls(RECOGNISE, tmp_path)
    assert output.split() == ["done"]
    assert calls == []


def test_extraction_on_ray_stays_on_this_computer(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="ray is not installed")
    try:
        ensure_models()
    except ModelError as error:
        pytest.skip(f"no landmark models: {error}")
    write_video(tmp_path)
    calls, output = internet_calls(ON_RAY, tmp_path)
    assert output.split() == ["1", "0"]
    assert calls, "Ray's own processes talk to one another"
    # Ray asks the clouds' metadata services what machine it is on: docs/scale.md.
    asked = ("169.254.169.254", "metadata")
    assert not [
        call for call in leaving(calls) if not any(one in call for one in asked)
    ]


def test_offline_tracking_stays_on_this_computer(tmp_path: Path) -> None:
    pytest.importorskip("wandb", reason="wandb is not installed")
    calls, output = internet_calls(TRACK, tmp_path)
    assert output.split() == ["done"]
    assert leaving(calls) == []
