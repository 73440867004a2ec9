"""The demonstration also works where nothing can be trained."""

import sys
from pathlib import Path

import pytest

from commands import Command
from signnet.api.demo import demo as package_demo

demo = sys.modules[package_demo.__module__]


def test_without_torch_the_demo_teaches_the_base(
    signnet: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda _name: None)
    for size in ("_TRAINING", "_CALIBRATION", "_STRANGERS", "_REPETITIONS"):
        monkeypatch.setattr(demo, size, 1)
    monkeypatch.setattr(demo, "_OWN_CLIPS", 2)
    ended = signnet("demo", tmp_path / "demo")
    assert ended.status == 0, ended.err
    assert "learnt 10 invented signs from 10 clips by 1 signers (taught" in ended.out
    assert "pip install 'signnet[train]'" in ended.out
    assert (tmp_path / "demo" / "taught" / "taught.json").is_file()
    assert (tmp_path / "demo" / "report" / "report.html").is_file()
    assert not (tmp_path / "demo" / "run").exists()
