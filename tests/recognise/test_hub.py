"""Models go to the Hugging Face Hub and come back, over a stand-in of its interface."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import Command, assert_one_line
from hub import TOKEN, Hub, hub
from signnet import Clip, load, publish
from signnet.errors import ModelError, SettingsError
from signnet.recognise.hub import check_repository, fetch_model
from signnet.recognise.recogniser import find_model

# huggingface_hub's own, about how it calls its HTTP library.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

NAME = "ada/bangla-signs"


@pytest.fixture
def a_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Run a stand-in, and let huggingface_hub use it and a cache of its own."""
    constants = pytest.importorskip("huggingface_hub.constants")
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with hub() as running:
        monkeypatch.setattr(constants, "ENDPOINT", running.address)
        way = running.address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", way)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        yield running


def run_in_a_process(code: str, address: str, home: Path) -> str:
    """Run a program whose Hub is the one at this address."""
    places = {"HF_ENDPOINT": address, "HF_HOME": str(home), "HF_TOKEN": TOKEN}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=os.environ | places | {"HF_HUB_DISABLE_XET": "1", "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


PROGRAM = """
import signnet
from signnet.recognise.recogniser import find_model

print(signnet.publish("bdsl55", "ada/bangla-signs"))
model = signnet.load("hf:ada/bangla-signs")
clips = signnet.Dataset(find_model("bdsl55") / "motions.parquet")
print(model(clips[0]).gloss == signnet.load("bdsl55")(clips[0]).gloss, model.folder)
"""


def test_a_model_that_was_published_is_loaded_by_its_address(
    a_hub: Hub, tmp_path: Path
) -> None:
    said = run_in_a_process(PROGRAM, a_hub.address, tmp_path / "home").splitlines()
    assert said[0].startswith(f"{a_hub.address}/{NAME}/commit/")
    assert said[1].startswith("True ")
    assert a_hub.private == {NAME: True}
    sent, shipped = a_hub.repositories[NAME], find_model("bdsl55")
    assert {*sent} == {one.name for one in shipped.iterdir()}
    assert sent["model.onnx"] == (shipped / "model.onnx").read_bytes()
    assert sent["README.md"].startswith(b"---\nlicense: other\n")


def test_nothing_is_sent_before_it_is_confirmed(
    a_hub: Hub, signnet: Command, corpus: list[Clip], tmp_path: Path
) -> None:
    mine, lessons = tmp_path / "mine", [*corpus[:4], *corpus[-4:]]
    load("base").teach(lessons, despite_doubts=True).save(mine)
    shown = signnet("publish", mine, NAME, "--licence", "cc-by-4.0")
    assert shown.status == 0, shown.err
    assert "README.md, model.onnx, model.json, taught.json" in shown.out
    assert "thinned skeletons of 8 taught clips" in shown.out
    assert "Nothing was sent" in shown.out
    assert a_hub.asked == []
    sent = signnet("publish", mine, NAME, "--licence", "cc-by-4.0", "--yes", "--public")
    assert sent.status == 0, sent.err
    assert a_hub.private == {NAME: False}
    card = a_hub.repositories[NAME]["README.md"].decode()
    assert 'license: "cc-by-4.0"' in card
    assert "library_name: signnet" in card
    assert f'signnet.load("hf:{NAME}")' in card


def test_a_model_that_was_fetched_opens_offline(
    a_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = find_model("base")
    a_hub.repositories[NAME] = {
        **{one.name: one.read_bytes() for one in base.iterdir()},
        "evil.py": b"print('run')",
    }
    fetched = fetch_model(f"hf:{NAME}@v1")
    assert (fetched / "model.json").is_file()
    assert not (fetched / "evil.py").exists()
    assert not [path for _, path in a_hub.asked if "evil" in path]
    import huggingface_hub.constants

    a_hub.asked.clear()
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    assert load(f"hf:{NAME}@v1").card.name == "base"
    assert a_hub.asked == []
    with pytest.raises(ModelError, match="no copy is here; go online"):
        fetch_model("hf:ada/other")


def test_each_refusal_of_the_hub_is_one_line(
    a_hub: Hub, signnet: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a_hub.repositories["ada/poems"] = {"README.md": b"none"}
    asked = ("search", tmp_path / "a.parquet", tmp_path, "--model")
    ended = signnet(*asked, "hf:ada/poems")
    assert_one_line(ended, "hf:ada/poems holds no signnet model: model.onnx")
    assert_one_line(
        signnet(*asked, "hf:ada/nothing"), "no such model", "check the name"
    )
    assert_one_line(signnet(*asked, "hf:ada/poems@v9"), "no such branch")
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert_one_line(signnet("publish", "base", NAME, "--yes"), "hf auth login")
    assert NAME not in a_hub.repositories


def test_a_hub_that_cannot_be_reached_is_one_line(
    a_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match="cannot be reached, and no copy is here"):
        fetch_model("hf:ada/other")
    assert a_hub.asked == []


def test_without_huggingface_hub_an_address_says_what_to_install(
    signnet: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    ended = signnet("site", "site", "--model", "hf:ada/model")
    assert_one_line(ended, "hf:ada/model", "pip install 'signnet[hub]'")
    assert_one_line(signnet("publish", "base", NAME, "--yes"), "signnet[hub]")


def test_nothing_but_an_address_imports_huggingface_hub() -> None:
    code = (
        "import sys, signnet; signnet.load('bdsl55'); import signnet.cli;"
        "print('huggingface_hub' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    "name", ["ada", "ada/", "/b", "a/b/c", "a/../b", "a b/c", "ada/b--c", "ada/-b", ""]
)
def test_what_is_no_repository_is_refused_before_anything_is_asked(name: str) -> None:
    with pytest.raises(SettingsError, match="expected OWNER/NAME"):
        check_repository(name)


def test_what_was_taught_has_to_be_saved_before_it_is_published(
    corpus: list[Clip],
) -> None:
    taught = load("base").teach(corpus[:4], despite_doubts=True)
    with pytest.raises(ModelError, match="save it first"):
        publish(taught, NAME)
