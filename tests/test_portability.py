"""What the package does on a system that lacks what Linux has."""

import contextlib
import importlib
import io
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from foreign_system import locks_of_windows
from signnet.cli import main
from signnet.cli.console import write_any_text
from signnet.errors import DatasetError
from signnet.files import storable
from signnet.recognise.recogniser import find_model

TOUR = """
import asyncio, csv, gzip, hashlib, json, multiprocessing, runpy, subprocess, sys
import tempfile, threading, uuid
import av, cv2, cyclopts, fastapi, jaxtyping, numpy, onnxruntime, pyarrow.parquet
import pympi, rich.console, rich.progress, uvicorn
from pathlib import Path

from foreign_system import pretend_windows

pretend_windows()
import signnet
from signnet.cli import main
from signnet.synthetic import make_corpus

clips = make_corpus(signers=2, repetitions=1, seed=0)
few = sorted({clip.gloss for clip in clips})[:4]
signnet.write([clip for clip in clips if clip.gloss in few], "data")
signnet.write(clips[:1], "one")
COMMANDS = '''
info data --out page
split data --by signer --out split.json
pack data packed
enrol base data --out taught --yes
predict data --model taught
evaluate taught data --out report
transcribe data --model taught --eaf --csv --vtt --out films
search one/clips-00000.parquet packed --model taught
'''
for line in COMMANDS.strip().splitlines():
    sys.argv = ["signnet", *line.split()]
    try:
        main()
    except SystemExit as end:
        print(line, "ended with", end.code)

from signnet.extraction import decoder, pool
from signnet.server import pool as _, run, scratch, worker

with scratch.scratch_folder() as folder:
    assert (folder / ".in-use").is_file()
assert not folder.exists()
print("locks left:", sorted(str(one) for one in Path().rglob("*.lock")))
print("drafts left:", sorted(str(one) for one in Path().rglob("*.draft-*")))
print("cores:", pool.available_cores() >= 1)
"""


def test_a_tour_works_without_anything_that_windows_lacks(tmp_path: Path) -> None:
    paths = [*map(str, [Path(__file__).parent]), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-c", TOUR],
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    assert done.returncode == 0, done.stderr
    assert "ended with" not in done.stdout, done.stdout + done.stderr
    assert "locks left: []" in done.stdout
    assert "drafts left: []" in done.stdout
    assert "cores: True" in done.stdout
    assert (tmp_path / "report" / "report.html").is_file()
    assert list((tmp_path / "films").glob("*.eaf"))


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("a sign.parquet", "a sign.parquet"),
        ("পানি.parquet", "পানি.parquet"),
        ("what?.parquet", "what_~"),
        ("film.mp4:hidden.parquet", "film.mp4_hidden~"),
        ("nul.parquet", "_nul~"),
        ("COM1", "_COM1~"),
        ("end.. ", "end~"),
        ("a\nb", "a_b~"),
    ],
)
def test_a_name_is_stored_where_windows_would_refuse_it(name: str, stored: str) -> None:
    found = storable(name, everywhere=True)
    assert found.startswith(stored)
    assert found.rpartition(".")[2] == name.rpartition(".")[2] or "." not in stored
    assert storable(found, everywhere=True) == found


def test_two_names_stay_two_and_other_systems_keep_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert storable("a?b") == "a?b"
    monkeypatch.setattr(sys, "platform", "win32")
    assert len({storable("a?b"), storable("a*b"), storable("a_b")}) == 3


class _Output(io.TextIOWrapper):
    """A file or a pipe in a code page that has no Bangla."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="cp1252", errors="strict")

    @property
    def content(self) -> bytes:
        self.flush()
        return self.buffer.getvalue()  # pyright: ignore


@pytest.mark.parametrize(
    ("system", "asked", "expected"),
    [
        ("win32", None, "পানি".encode()),
        ("win32", "cp1252", "পানি".encode("cp1252", "backslashreplace")),
        ("linux", None, "পানি".encode("cp1252", "backslashreplace")),
    ],
)
def test_any_gloss_is_printed_into_any_file(
    system: str, asked: str | None, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    if asked:
        monkeypatch.setenv("PYTHONIOENCODING", asked)
    output = _Output()
    with contextlib.redirect_stdout(output):
        write_any_text()
        sys.stdout.write("পানি")
    assert output.content == expected


def test_a_closed_reader_ends_a_command_on_windows_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def closed(*_words: object, **_options: object) -> None:
        raise OSError(22, "Invalid argument")

    redirected = list[tuple[int, int]]()
    output = _Output()
    monkeypatch.setattr(output, "fileno", lambda: 99, raising=False)
    monkeypatch.setattr(sys, "stdout", output)
    monkeypatch.setattr("signnet.cli.app", closed)
    monkeypatch.setattr("signnet.cli.os.dup2", lambda *to: redirected.append(to))
    with pytest.raises(OSError, match="Invalid argument"):
        main()
    monkeypatch.setattr(sys, "platform", "win32")
    main()
    assert [to for _, to in redirected] == [99]


def test_a_lock_of_windows_keeps_others_out_and_goes_with_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = importlib.import_module("signnet.files.locks")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "msvcrt", locks_of_windows())
    windows = ModuleType("locks_on_windows")
    source = Path(str(locks.__file__)).read_text("utf-8")
    exec(compile(source, str(locks.__file__), "exec"), windows.__dict__)
    with windows.only_writer(tmp_path / "out", DatasetError):
        assert (tmp_path / "out" / ".lock").exists()
        with (
            pytest.raises(DatasetError, match="another run"),
            windows.only_writer(tmp_path / "out", DatasetError),
        ):
            pytest.fail("it is locked")
        assert (tmp_path / "out" / ".lock").exists()
    assert list(tmp_path.iterdir()) == []


def test_landmark_models_are_read_where_mediapipe_opens_ascii_paths_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = importlib.import_module("signnet.extraction.tasks")
    model = tmp_path / "মডেল.task"
    model.write_bytes(b"content")
    assert tasks._model_options(model).model_asset_path == str(model)
    monkeypatch.setattr(sys, "platform", "win32")
    assert tasks._model_options(model).model_asset_buffer == b"content"


def test_shipped_models_have_names_that_every_system_stores() -> None:
    names = [one.name for one in find_model("bdsl55").parent.rglob("*")]
    assert [storable(name, everywhere=True) for name in names] == names
