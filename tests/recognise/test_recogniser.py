"""Answers with ONNX Runtime alone, and models that are not there."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, ModelError
from signnet.evaluation.predictions import predict_dataset
from signnet.recognise.recogniser import Recogniser, find_model


@pytest.fixture(scope="module")
def recogniser(finished_run: Path) -> Recogniser:
    return Recogniser.open(finished_run)


def test_the_best_gloss_comes_first(recogniser: Recogniser, clip: Clip) -> None:
    found = recogniser.recognise(clip)
    probabilities = [one.probability for one in found.top]
    assert probabilities == sorted(probabilities, reverse=True)
    assert {one.gloss for one in found.top} == set(recogniser.vocabulary)
    assert (found.gloss, found.probability) == (found.top[0].gloss, probabilities[0])
    assert sum(probabilities) == pytest.approx(1, abs=1e-5)
    assert found.seconds > 0


def test_a_clip_without_hands_is_not_answered(
    recogniser: Recogniser, clip: Clip
) -> None:
    handless = clip.landmarks.copy()
    handless[:, 33:75] = np.nan
    assert recogniser.recognise(clip.with_landmarks(handless)).abstained


def test_it_abstains_below_the_model_s_threshold(
    finished_run: Path, clip: Clip, tmp_path: Path
) -> None:
    for threshold, abstained in ((0.0, False), (1.1, True)):
        folder = tmp_path / str(threshold)
        folder.mkdir()
        for name in ("model.onnx", "expression.npz"):
            shutil.copy(finished_run / name, folder)
        card = json.loads((finished_run / "model.json").read_text(encoding="utf-8"))
        card["abstain_below"] = threshold
        (folder / "model.json").write_text(json.dumps(card), encoding="utf-8")
        assert Recogniser.open(folder).recognise(clip).abstained is abstained


def test_frames_at_uneven_times_are_evened_first(
    recogniser: Recogniser, clip: Clip
) -> None:
    times = (np.arange(len(clip)) / 25).astype(np.float32)
    kept = np.ones(len(clip), bool)
    kept[len(clip) // 2 : len(clip) // 2 + 4] = False
    gappy = replace(clip, landmarks=clip.landmarks[kept], times=times[kept])
    assert len(gappy.evenly_timed()) == len(clip)
    np.testing.assert_array_equal(
        recogniser.probabilities(gappy), recogniser.probabilities(gappy.evenly_timed())
    )


def test_a_dataset_is_answered_clip_by_clip(
    recogniser: Recogniser, four_signs: Dataset
) -> None:
    steps = list[tuple[int, int]]()
    predictions = predict_dataset(
        recogniser, four_signs, lambda *step: steps.append(step)
    )
    assert predictions.names == tuple(four_signs.names)
    assert steps[-1] == (24, 24)
    first = next(iter(four_signs))
    np.testing.assert_array_equal(
        predictions.probabilities[0], recogniser.probabilities(first)
    )


def test_no_clips_are_refused(recogniser: Recogniser, four_signs: Dataset) -> None:
    with pytest.raises(DatasetError, match="no clips to evaluate"):
        predict_dataset(recogniser, four_signs.select([]))


def test_an_unknown_model_is_refused_with_what_was_expected() -> None:
    with pytest.raises(ModelError, match=r"no model at nowhere.*model.onnx"):
        find_model("nowhere")


def test_an_unfinished_run_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(ModelError, match="unfinished run"):
        find_model(str(tmp_path))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 9}', '{"format": 1}'])
def test_a_broken_card_is_refused_in_one_line(
    finished_run: Path, tmp_path: Path, content: str
) -> None:
    shutil.copy(finished_run / "model.onnx", tmp_path)
    (tmp_path / "model.json").write_text(content)
    with pytest.raises(ModelError, match=r"model.json") as caught:
        Recogniser.open(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_broken_graph_is_refused_in_one_line(
    finished_run: Path, tmp_path: Path
) -> None:
    shutil.copy(finished_run / "model.json", tmp_path)
    graph = (finished_run / "model.onnx").read_bytes()
    (tmp_path / "model.onnx").write_bytes(graph[: len(graph) // 2])
    with pytest.raises(ModelError, match=r"model.onnx cannot be read") as caught:
        Recogniser.open(tmp_path)
    assert "\n" not in str(caught.value)


def test_predicting_needs_no_torch(finished_run: Path, dataset_folder: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from signnet.cli import main\n"
        f"sys.argv = ['signnet', 'predict', {str(dataset_folder / 'all.parquet')!r},"
        f" '--model', {str(finished_run)!r}, '--json']\n"
        "main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert len(found) == 24
    assert set(found[0]) == {
        "file", "frames", "predictions", "abstained", "expression", "hand",
        "seconds",
    }  # fmt: skip
