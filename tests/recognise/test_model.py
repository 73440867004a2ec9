"""A model as Python users have it: what it can be given, taught and forget."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recorded_streams import motion_stream
from signnet.clip import Clip
from signnet.dataset import Dataset, write_clips
from signnet.errors import DatasetError, MediaError, ModelError, SettingsError
from signnet.recognise.inputs import list_files, read_clips
from signnet.recognise.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.open("bdsl55")


@pytest.fixture(scope="module")
def motions(model: Model) -> list[Clip]:
    """Give three average motions that the shipped model knows."""
    return list(Dataset.open(model.folder / "motions.parquet"))[:3]


def test_a_clip_an_array_and_a_file_have_the_same_answer(
    model: Model, motions: list[Clip], tmp_path: Path
) -> None:
    first = motions[0]
    write_clips([first], tmp_path / "one.parquet")
    answers = [
        model(first),
        model(first.landmarks, fps=first.fps),
        model(first.landmarks.astype(np.float64)),
        model(tmp_path / "one.parquet"),
        model(str(tmp_path / "one.parquet")),
    ]
    for answer in answers:
        assert (answer.gloss, answer.frames) == (first.gloss, len(first))
        assert answer.probability == pytest.approx(answers[0].probability, abs=1e-6)
        assert [one.gloss for one in answer.top] == [o.gloss for o in answers[0].top]
    assert len(answers[0].top) == 5


def test_a_list_and_a_dataset_have_one_answer_each(
    model: Model, motions: list[Clip]
) -> None:
    expected = [model(one).gloss for one in motions]
    assert [one.gloss for one in model(motions)] == expected
    assert [one.gloss for one in model(Dataset.of_clips(motions))] == expected
    assert model([]) == []


def test_a_suffix_in_capitals_is_one_of_landmarks(
    model: Model, motions: list[Clip], tmp_path: Path
) -> None:
    write_clips(motions[:1], tmp_path / "one.parquet")
    capital = (tmp_path / "one.parquet").rename(tmp_path / "ONE.PARQUET")
    assert model(capital).gloss == motions[0].gloss
    ((label, _),) = read_clips(tmp_path)
    assert label == str(tmp_path)


def test_a_pose_file_is_read(model: Model, motions: list[Clip], tmp_path: Path) -> None:
    pytest.importorskip("pose_format", reason="needs the extra: signnet[pose]")
    from signnet.formats import write_poses

    write_poses(Dataset.of_clips(motions[:1]), tmp_path, lambda _done, _total: None)
    (file,) = tmp_path.glob("*.pose")
    assert model(file).gloss == motions[0].gloss
    assert model(file.rename(tmp_path / "A.POSE")).gloss == motions[0].gloss


def test_a_bad_file_of_a_folder_is_named_after_the_others_are_read(
    motions: list[Clip], tmp_path: Path
) -> None:
    pytest.importorskip("pose_format", reason="needs the extra: signnet[pose]")
    from signnet.formats import write_poses

    write_poses(Dataset.of_clips(motions), tmp_path, lambda _done, _total: None)
    min(tmp_path.glob("*.pose")).write_bytes(b"torn")
    (tmp_path / "empty.pose").touch()
    read = list[str]()
    with pytest.raises(MediaError, match=r"empty\.pose: 0 bytes.*\n.*not a readable"):
        read.extend(label for label, _ in read_clips(tmp_path, "in"))
    assert len(read) == 2
    assert all(label.startswith("in#") for label in read)


def test_several_clips_in_a_file_are_refused_with_the_way_to_give_them(
    model: Model, motions: list[Clip], tmp_path: Path
) -> None:
    write_clips(motions, tmp_path / "all.parquet")
    with pytest.raises(
        DatasetError, match=r"holds 3 clips; give one, .*list\(signnet"
    ) as caught:
        model(tmp_path / "all.parquet")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros((4, 75, 3), np.float32), r"float32\[time, 553, 3\]"),
        (np.zeros((0, 553, 3), np.float32), "no frames"),
        (np.array([["a"]]), "expected numbers"),
    ],
)
def test_an_array_of_another_shape_is_one_line(
    model: Model, array: np.ndarray, said: str
) -> None:
    with pytest.raises(DatasetError, match=said):
        model(array)


def test_a_frame_rate_belongs_to_an_array(model: Model, motions: list[Clip]) -> None:
    with pytest.raises(SettingsError, match="fps is for arrays"):
        model(motions[0], fps=30.0)
    with pytest.raises(SettingsError, match="above 0"):
        model(motions[0].landmarks, fps=-1.0)


def test_the_videos_of_a_folder_are_listed_one_by_one(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.webm", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert list_files(tmp_path) == [tmp_path / "a.webm", tmp_path / "b.mp4"]
    (tmp_path / "clips.parquet").write_bytes(b"x")
    assert list_files(tmp_path) == [tmp_path]


def test_a_folder_without_anything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="holds no video"):
        list_files(tmp_path)


def test_signs_in_a_stream_have_glosses_and_times(model: Model) -> None:
    recorded = motion_stream("সাহায্য", "বই")
    frames = zip(recorded.times, recorded.landmarks, strict=True)
    signs = [event for event in model.stream(frames) if event.kind == "sign"]
    assert [event.gloss for event in signs] == ["সাহায্য", "বই"]
    for event in signs:
        assert event.start is not None
        assert event.end is not None
        assert event.start < event.end <= event.time
        assert event.top[0].gloss == event.gloss
        assert event.top[0].probability == event.probability


def test_a_long_clip_is_a_stream(model: Model) -> None:
    recorded = motion_stream("সাহায্য")
    clip = Clip(name="long", landmarks=recorded.landmarks, fps=30.0)
    assert [e.gloss for e in model.stream(clip) if e.kind == "sign"] == ["সাহায্য"]
    with pytest.raises(DatasetError, match="unknown frame rate"):
        next(model.stream(replace(clip, fps=float("nan"))))
    with pytest.raises(DatasetError, match=r"\(553, 3\)"):
        next(model.stream([(0.0, np.zeros((75, 3), np.float32))]))


@pytest.fixture(scope="module")
def taught(model: Model, motions: list[Clip]) -> Model:
    """Teach a known motion, bent, as a new word."""
    return model.teach({"NEW": [bent(motions[0])]}, despite_doubts=True)


def bent(clip: Clip) -> Clip:
    """Give another sign: the hands where the model never saw them."""
    landmarks = clip.landmarks.copy()
    landmarks[:, 33:75, 1] -= np.float32(0.3)
    return replace(clip, name="bent", landmarks=landmarks, gloss=None)


def test_a_word_is_taught_in_memory_and_nothing_else_changes(
    model: Model, taught: Model, motions: list[Clip]
) -> None:
    assert "NEW" not in model.vocabulary
    assert taught.vocabulary == (*model.vocabulary, "NEW")
    assert taught(bent(motions[0])).gloss == "NEW"
    assert [one.gloss for one in taught(motions)] == [one.gloss for one in motions]


def test_forgetting_all_that_was_taught_gives_the_first_model_back(
    model: Model, taught: Model, motions: list[Clip]
) -> None:
    forgot = taught.forget("NEW")
    assert forgot.card == model.card
    np.testing.assert_array_equal(
        forgot.recogniser.probabilities(motions[1]),
        model.recogniser.probabilities(motions[1]),
    )


def test_a_taught_model_is_saved_and_loaded(
    taught: Model, motions: list[Clip], tmp_path: Path
) -> None:
    again = Model.open(taught.save(tmp_path / "mine"))
    assert again.card == taught.card
    asked = bent(motions[0])
    np.testing.assert_allclose(
        again.recogniser.probabilities(asked),
        taught.recogniser.probabilities(asked),
        atol=1e-6,
    )
    with pytest.raises(ModelError, match="exists already"):
        taught.save(tmp_path / "mine")


def test_an_untaught_model_is_saved_as_it_is(model: Model, tmp_path: Path) -> None:
    folder = model.save(tmp_path / "copy")
    assert Model.open(folder).card == model.card
    graphs = [(one / "model.onnx").read_bytes() for one in (folder, model.folder)]
    assert graphs[0] == graphs[1]


def test_one_file_a_word_needs_no_list(
    model: Model, motions: list[Clip], tmp_path: Path
) -> None:
    write_clips([bent(motions[0])], tmp_path / "a.parquet")
    file = str(tmp_path / "a.parquet")
    taught = model.teach({"NEW": file}, despite_doubts=True)
    assert taught.card.enrolled
    assert [one["name"] for one in taught.card.enrolled.clips] == ["NEW/bent"]
    with pytest.raises(DatasetError, match="taught to this model before"):
        taught.teach({"NEW": file})


def test_arrays_are_taught_one_after_the_other(
    model: Model, motions: list[Clip]
) -> None:
    first, second = (bent(clip).landmarks for clip in motions[:2])
    taught = model.teach({"NEW": first}, despite_doubts=True)
    twice = taught.teach({"NEW": second}, despite_doubts=True)
    assert len(twice.recogniser.taught.clips) == 2
    with pytest.raises(DatasetError, match="taught to this model before"):
        twice.teach({"NEW": first})


def test_doubtful_clips_are_refused_and_named(
    model: Model, motions: list[Clip]
) -> None:
    with pytest.raises(DatasetError, match="looks like") as caught:
        model.teach({"SOMETHING-ELSE": [replace(motions[0], name="odd")]})
    assert "odd (SOMETHING-ELSE)" in str(caught.value)
