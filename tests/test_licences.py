"""The list of licences knows an unknown one when it sees it."""

import importlib.util
from email.message import Message
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

FILE = Path(__file__).parent.parent / "release" / "licences.py"


@pytest.fixture(scope="module")
def licences() -> Any:
    """Load the script."""
    found = importlib.util.spec_from_file_location("licences", FILE)
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def package(**fields: str) -> Any:
    """Give a package with these metadata."""
    about = Message()
    for name, text in fields.items():
        about[name.replace("_", "-")] = text
    return SimpleNamespace(metadata=about)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"License_Expression": "MIT AND (Apache-2.0 OR MIT)"}, {"MIT", "Apache-2.0"}),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, {"BSD-3-Clause"}),
        ({"License": "The MIT License\n\nlong text"}, {"MIT"}),
        ({"License": "no limits for friends"}, {"no limits for friends"}),
        ({"License_Expression": "AGPL-3.0-only"}, {"AGPL-3.0-only"}),
        ({}, set[str]()),
    ],
)
def test_a_licence_is_read_from_the_metadata(
    licences: Any, fields: dict[str, str], expected: set[str]
) -> None:
    assert licences.licences("a-package", package(**fields)) == expected


def test_what_is_not_on_the_list_fails(
    licences: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {"good": package(License="MIT"), "bad": package(License="AGPL")}
    monkeypatch.setattr(licences, "installed", lambda _extras: found)
    monkeypatch.setattr("sys.argv", ["licences.py", "--check"])
    assert licences.main() == 1
    assert capsys.readouterr().err.startswith("bad: licence AGPL is not on the list")
    del found["bad"]
    assert licences.main() == 0


def test_only_what_signnet_needs_is_looked_at(licences: Any) -> None:
    assert "numpy" in licences.installed(set())
    assert "pytest" not in licences.installed({"train", "serve"})
