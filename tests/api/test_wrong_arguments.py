"""What a stranger may pass by mistake: each ends in one line of SignnetError."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import signnet
from signnet import api
from signnet.config import choose_recipe
from signnet.dataset import Dataset

pytestmark = pytest.mark.usefixtures("without_shape_checks")


def refusal_of(call: Callable[[], object]) -> str:
    """Return the line with which a call is refused."""
    with pytest.raises(signnet.SignnetError) as refused:
        call()
    line = str(refused.value)
    assert "\n" not in line
    assert 10 < len(line) < 300
    return line


@pytest.fixture(scope="module")
def model() -> signnet.Model:
    return signnet.load("bdsl55")


PATHS: dict[str, Callable[[Any, Dataset, Path], object]] = {
    "Dataset": lambda path, _data, _folder: Dataset(path),
    "load": lambda path, _data, _folder: signnet.load(path),
    "read": lambda path, _data, _folder: signnet.read(path),
    "read --format": lambda path, _d, _f: signnet.read(path, format="gislr"),
    "write": lambda path, data, _folder: signnet.write(data, path),
    "extract": lambda path, _data, folder: signnet.extract(path, folder / "out"),
    "extract into": lambda path, _data, folder: signnet.extract(folder, path),
    "train": lambda path, _data, folder: signnet.train(path, out=folder / "run"),
    "train into": lambda path, data, _folder: signnet.train(data, out=path),
    "train, recipe": lambda path, data, folder: signnet.train(
        data, out=folder / "run", recipe=path
    ),
    "evaluate": lambda path, _data, _folder: signnet.evaluate("bdsl55", path),
    "evaluate, split": lambda path, data, _folder: signnet.evaluate(
        "bdsl55", data, split=Path if path is None else path
    ),
    "compare": lambda path, data, _folder: signnet.compare(["bdsl55", path], data),
    "compare one": lambda path, data, _folder: signnet.compare(path, data),
    "predict": lambda path, _data, _folder: list(api.predict([path])),
    "enrol": lambda path, _data, _folder: api.enrol("bdsl55", path or 0),
    "search": lambda path, data, _folder: api.search(data[0], path),
    "recipe": lambda path, _data, _folder: choose_recipe(path),
}


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize(
    ("path", "words"),
    [
        (None, "expected a path"),
        (3, "type int; expected a path (str or PathLike)"),
        (b"folder", "type bytes; expected a path (str or PathLike)"),
        (["folder"], "type list; expected a path (str or PathLike)"),
    ],
)
def test_what_is_no_path_is_refused(
    name: str, path: Any, words: str, four_signs: Dataset, tmp_path: Path
) -> None:
    line = refusal_of(lambda: PATHS[name](path, four_signs, tmp_path))
    assert words in line or name in ("compare one", "enrol", "evaluate, split")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["", "a\0b", "a" * 300, "a" * 300 + ".parquet"])
@pytest.mark.parametrize("name", ["Dataset", "read", "write", "extract", "train into"])
def test_a_name_that_no_file_can_have_is_refused(
    name: str, path: str, four_signs: Dataset, tmp_path: Path
) -> None:
    assert refusal_of(lambda: PATHS[name](path, four_signs, tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [None, 3, "", "a\0b", "a" * 300])
def test_a_model_is_saved_to_a_path(path: Any, model: signnet.Model) -> None:
    assert "folder" in refusal_of(lambda: model.save(path))


@pytest.mark.parametrize("clip", [None, 3, b"a.mp4", {"a.mp4"}, "a" * 300 + ".mp4"])
def test_a_model_takes_clips_by_path(clip: Any, model: signnet.Model) -> None:
    assert "clip" in refusal_of(lambda: model(clip))
    assert "clip" in refusal_of(lambda: model([clip]))
    assert "clip" in refusal_of(lambda: model.teach({"WATER": [clip]}))


def test_one_file_to_predict_need_not_be_in_a_list(tmp_path: Path) -> None:
    ((file, error),) = api.predict(tmp_path / "nope.mp4")
    assert file == str(tmp_path / "nope.mp4")
    assert "there is no such file" in str(error)


def test_one_gloss_to_forget_need_not_be_in_a_list() -> None:
    assert "does not know nope" in refusal_of(
        lambda: api.enrol("bdsl55", forget="nope")
    )
