"""The server's temporary folder."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from signnet.errors import SettingsError
from signnet.server.scratch import scratch_folder

HOLD = """
import time
from signnet.server.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "upload").write_bytes(b"a film")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def holder(base: Path) -> tuple[subprocess.Popen[str], Path]:
    """Start a process that uses a folder; give both."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    folder = Path(process.stdout.readline().strip())
    assert folder.parent == base
    return process, folder


def test_it_is_empty_for_its_owner_alone_and_removed_at_the_end(base: Path) -> None:
    with scratch_folder() as folder:
        (folder / "site").mkdir()
        (folder / "site" / "page.html").touch()
        assert folder.stat().st_mode & 0o077 == 0
    assert not list(base.iterdir())


def test_after_a_kill_the_next_start_removes_it(base: Path) -> None:
    process, folder = holder(base)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (folder / "upload").exists()
    with scratch_folder() as own:
        assert [one for one in base.iterdir() if one != own] == []


def test_the_folder_of_a_running_server_stays(base: Path) -> None:
    process, folder = holder(base)
    try:
        with scratch_folder():
            pass
        assert (folder / "upload").exists()
    finally:
        process.kill()
        process.communicate()


def test_what_only_has_such_a_name_stays(base: Path, tmp_path: Path) -> None:
    mine = base / "signnet-serve-mine"
    mine.mkdir()
    (mine / "film.mp4").touch()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".in-use").touch()
    (base / "signnet-serve-link").symlink_to(elsewhere)
    (base / "signnet-serve-file").touch()
    with scratch_folder():
        pass
    assert (mine / "film.mp4").exists()
    assert (elsewhere / ".in-use").exists()
    assert (base / "signnet-serve-file").exists()


def test_a_place_that_cannot_be_written_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match=r"cannot write .*none; set TMPDIR"):
        scratch_folder().__enter__()
    assert not list(tmp_path.iterdir())
