"""What a stranger may pass by mistake: each ends in one line of SignnetError."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import signnet
from signnet.api import models as api
from signnet.api.transcribe import transcribe
from signnet.config import choose_recipe
from signnet.dataset import Dataset
from signnet.skeleton import JOINT_COUNT
from signnet.splits import make_split

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


@pytest.mark.parametrize("fold", ["0", 0.0, None])
def test_a_fold_is_a_whole_number(fold: Any, four_signs: Dataset) -> None:
    split = make_split(four_signs, "signer", folds=2)
    line = refusal_of(
        lambda: signnet.train(four_signs, out="x", split=split, fold=fold)
    )
    assert line.endswith("it should be a whole number")


def test_a_folder_without_videos_is_named_beside_its_error(tmp_path: Path) -> None:
    ((file, error),) = api.predict([tmp_path])
    assert (file, isinstance(error, signnet.SignnetError)) == (str(tmp_path), True)
    ((film, _, written),) = transcribe([tmp_path])
    assert (film, written) == (str(tmp_path), [])


def test_opened_models_of_one_name_are_not_taken_for_one(
    model: signnet.Model, four_signs: Dataset
) -> None:
    other = signnet.load("bdsl55")
    line = refusal_of(lambda: signnet.compare([model, other, "base"], four_signs))
    assert "two models are called bdsl55" in line


def test_one_gloss_to_forget_need_not_be_in_a_list() -> None:
    assert "does not know nope" in refusal_of(
        lambda: api.enrol("bdsl55", forget="nope")
    )


STILL = np.full((JOINT_COUNT, 3), np.nan, np.float32)
CLIP = np.repeat(STILL[None], 5, axis=0)


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([(0.0, STILL), (0.1, STILL), (0.1, STILL)], "0.1 s after one at 0.1 s; times"),
        ([(1.0, STILL), (0.5, STILL)], "0.5 s after one at 1 s; times must rise"),
        ([(float("nan"), STILL)], "times must rise"),
        ([(0.0, STILL), (float("inf"), STILL)], "times must rise"),
        ([(None, STILL)], "not a pair of seconds and landmarks (found tuple)"),
        ([("soon", STILL)], "not a pair of seconds and landmarks"),
        ([(0.0, STILL, 1)], "not a pair of seconds and landmarks"),
        ([STILL], "not a pair of seconds and landmarks (found ndarray)"),
        (CLIP, "frames is of type ndarray; expected a clip, or pairs"),
        ("film.mp4", "frames is of type str"),
        (None, "frames is of type NoneType"),
        ([(0.0, STILL[:5])], "shape (5, 3) of float32; expected numbers"),
        ([(0.0, STILL.astype(str))], "expected numbers of shape (553, 3)"),
        ([(0.0, STILL.astype(complex))], "expected numbers of shape (553, 3)"),
        ([(0.0, np.full_like(STILL, np.inf))], "unseen ones should be NaN"),
    ],
)
def test_a_stream_takes_pairs_whose_times_rise(
    frames: Any, words: str, model: signnet.Model
) -> None:
    assert words in refusal_of(lambda: list(model.stream(frames)))


def test_a_frame_of_a_stream_may_be_a_list(model: signnet.Model) -> None:
    frames = [(0, STILL.tolist()), (1, STILL.tolist())]
    assert list(model.stream(frames)) == []  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("settings", [3, "fast"])
def test_a_stream_takes_its_own_settings(settings: Any, model: signnet.Model) -> None:
    line = refusal_of(lambda: list(model.stream([], settings)))
    assert "expected StreamSettings" in line


@pytest.mark.parametrize("fps", [0, -5, float("nan"), float("inf"), "25", [25], True])
def test_the_frame_rate_of_an_array_is_a_number(fps: Any, model: signnet.Model) -> None:
    assert "it should be a number above 0" in refusal_of(lambda: model(CLIP, fps=fps))


def test_masked_landmarks_are_unseen(model: signnet.Model, four_signs: Dataset) -> None:
    landmarks = four_signs[0].landmarks
    masked = np.ma.masked_invalid(landmarks)
    assert model(masked).top == model(landmarks).top


@pytest.mark.parametrize(
    "clips",
    [
        None,
        3,
        "a.mp4",
        ["a.mp4"],
        {"A": None},
        {"A": 3},
        {3: []},
        {"A": b"a"},
        {"A": {1}},
    ],
    ids=repr,
)
def test_lessons_are_clips(clips: Any, model: signnet.Model) -> None:
    assert "expected" in refusal_of(lambda: model.teach(clips))


@pytest.mark.parametrize("gloss", [None, 3, ["A"]])
def test_a_gloss_to_forget_is_a_text(gloss: Any, model: signnet.Model) -> None:
    assert "expected a text" in refusal_of(lambda: model.forget(gloss))


def test_a_search_goes_through_a_dataset(
    model: signnet.Model, four_signs: Dataset
) -> None:
    data: Any
    for data in (None, "folder", 3, [four_signs[0]]):
        line = refusal_of(lambda: model.search(four_signs[0], data))  # noqa: B023
        assert "expected a signnet.Dataset" in line
    most: Any
    for most in (0, None, "3", 1.5):
        line = refusal_of(lambda: model.search(four_signs[0], four_signs, most))  # noqa: B023
        assert "should be 1 or more" in line


@pytest.mark.parametrize("clips", [None, 3, "a.mp4", [3], [None], [CLIP], CLIP[0]])
def test_what_is_written_is_clips(clips: Any, tmp_path: Path) -> None:
    assert "expected" in refusal_of(lambda: signnet.write(clips, tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": None}, "name is None; expected a text"),
        ({"gloss": 3}, "gloss is 3; expected a text"),
        ({"fps": "25"}, "fps is '25'; expected a number above 0, or NaN"),
        ({"fps": None}, "fps is None; expected a number above 0, or NaN"),
        ({"landmarks": CLIP.tolist()}, "landmarks is a list; expected an array"),
        ({"landmarks": None}, "landmarks is None; expected an array"),
        ({"times": [0.0]}, "times is a list; expected an array"),
    ],
)
def test_a_clip_checks_the_types_of_its_fields(
    changes: dict[str, Any], words: str
) -> None:
    fields = {"name": "a", "landmarks": CLIP, "fps": 25.0} | changes
    assert words in refusal_of(lambda: signnet.Clip(**fields))


def test_a_name_that_is_not_unicode_is_one_line(tmp_path: Path) -> None:
    clip = signnet.Clip(name="a\udcff", landmarks=CLIP, fps=25.0)
    line = refusal_of(lambda: signnet.write([clip], tmp_path / "out"))
    assert line == "'a\\udcff' is not Unicode; rename the file or label"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"seed": -1}, "seed is -1; it should be 0 to 2147483647"),
        ({"seed": 2**70}, "it should be 0 to 2147483647"),
        ({"seed": None}, "seed is None; it should be a whole number"),
        ({"seed": 1.5}, "seed is 1.5; it should be a whole number"),
        ({"ensemble": "2"}, "ensemble is '2'; it should be a whole number"),
        ({"threads": 1.5}, "threads is 1.5; it should be a whole number"),
        ({"processes": None}, "processes is None; it should be a whole number"),
        ({"changes": None}, "changes are None; expected texts such as"),
        ({"changes": [None]}, "changes are [None]; expected texts such as"),
        ({"changes": "train.epochs=0"}, "train.epochs is 0; it should be 1 or more"),
        ({"changes": ["x"]}, "x changes no setting; write table.name=value"),
    ],
)
def test_a_training_takes_whole_numbers_and_texts(
    settings: dict[str, Any], words: str, four_signs: Dataset, tmp_path: Path
) -> None:
    one_gloss = four_signs.at([0])
    line = refusal_of(
        lambda: signnet.train(one_gloss, out=tmp_path / "run", **settings)
    )
    assert words in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        *(({"fps": fps}, "fps is") for fps in (0, -5, float("nan"), "25", True)),
        *(
            ({"size": one}, "size is")
            for one in (3, (640,), "640x480", (0, 5), (1.5, 2))
        ),
        ({"format": ["pose"]}, "unknown format"),
        ({"format": "nope"}, "unknown format nope; choose one of: bdsl-npz"),
    ],
)
def test_facts_about_files_are_possible_ones(
    settings: dict[str, Any], words: str, tmp_path: Path
) -> None:
    asked = {"format": "openpose"} | settings
    assert words in refusal_of(lambda: signnet.read(tmp_path, **asked))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"workers": "2"}, "workers is '2'; it should be at least 1"),
        ({"workers": 1.5}, "workers is 1.5; it should be at least 1"),
        ({"fps": "fast"}, "fps is 'fast'; it should be a number above 0"),
        ({"fps": 0}, "fps is 0; it should be a number above 0"),
        ({"streams": None}, "streams is None; expected a list of pose, hands, face"),
        ({"streams": "pose"}, "streams is 'pose'; expected a list of pose"),
    ],
)
def test_an_extraction_takes_whole_numbers_and_lists(
    settings: dict[str, Any], words: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert words in refusal_of(lambda: signnet.extract(tmp_path, out, **settings))
    assert not out.exists()
