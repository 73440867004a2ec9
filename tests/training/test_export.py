"""The exported graph answers as PyTorch does, and a bad one replaces nothing."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from signnet.clip import Clip
from signnet.errors import ModelError
from signnet.models.checkpoint import Checkpoint
from signnet.recognise.exemplars import ANCHORS
from signnet.training import export as module
from signnet.training.export import TOLERANCE, card_of, export
from signnet.training.graph import example_landmarks, parity
from signnet.training.thresholds import USUAL_THRESHOLD

pytestmark = pytest.mark.slow

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def checkpoint(finished_run: Path) -> Checkpoint:
    return Checkpoint.load(finished_run / "checkpoint.pt")


@pytest.fixture(scope="module")
def session(finished_run: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(finished_run / "model.onnx")


@pytest.mark.parametrize("frames", [1, 2, 3, 17, 40, 200])
def test_onnx_equals_pytorch_for_any_length(
    checkpoint: Checkpoint, session: onnxruntime.InferenceSession, frames: int
) -> None:
    landmarks = example_landmarks(frames, seed=frames + 100)[None]
    with torch.inference_mode():
        expected = checkpoint.predictor()(torch.from_numpy(landmarks))
    found = np.asarray(session.run(None, {"landmarks": landmarks})[0])
    np.testing.assert_allclose(found, expected, atol=TOLERANCE, rtol=0)


def test_onnx_equals_pytorch_on_signs_with_gaps(
    checkpoint: Checkpoint, session: onnxruntime.InferenceSession, corpus: list[Clip]
) -> None:
    predictor = checkpoint.predictor()
    for clip in corpus[::9]:
        landmarks = clip.landmarks[None]
        with torch.inference_mode():
            expected = predictor(torch.from_numpy(landmarks))
        found = np.asarray(session.run(None, {"landmarks": landmarks})[0])
        np.testing.assert_allclose(found, expected, atol=TOLERANCE, rtol=0)


def test_the_card_says_what_the_recogniser_needs(
    checkpoint: Checkpoint, finished_run: Path
) -> None:
    card = json.loads((finished_run / "model.json").read_text(encoding="utf-8"))
    assert card["format"] == 1
    assert card["joints"] == 553
    assert card["vocabulary"] == list(checkpoint.vocabulary)
    assert card["abstain_below"] == checkpoint.metrics["abstain_below"]
    assert card["held_out"] == checkpoint.held_out
    assert card["recipe"]["model"]["streams"] == ["pose", "hands"]
    assert [tuple(clip) for clip in card["trained_on"]] == list(checkpoint.trained_on)
    assert date.fromisoformat(card["created"]) <= date.today()
    assert card["members"] == 1
    assert card["parameters"] > 1000


def test_the_card_counts_all_members(checkpoint: Checkpoint) -> None:
    alone = card_of(checkpoint, "x", checkpoint.predictor())
    two = Checkpoint(
        recipe=checkpoint.recipe,
        vocabulary=checkpoint.vocabulary,
        members=checkpoint.members * 2,
    )
    card = card_of(two, "x", two.predictor())
    assert (card.members, card.parameters) == (2, 2 * (alone.parameters or 0))


def test_a_model_that_nothing_was_held_out_from_may_be_unsure(
    checkpoint: Checkpoint,
) -> None:
    bare = replace(checkpoint, metrics={}, held_out="nothing")
    assert card_of(bare, "bare", bare.predictor()).abstain_below == USUAL_THRESHOLD


def test_parity_finds_another_model(checkpoint: Checkpoint, finished_run: Path) -> None:
    predictor = checkpoint.predictor()
    assert parity(predictor, finished_run / "model.onnx") <= TOLERANCE
    predictor.temperature = 0.2
    assert parity(predictor, finished_run / "model.onnx") > TOLERANCE


def test_an_export_that_differs_leaves_the_old_files(
    checkpoint: Checkpoint,
    finished_run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "model.onnx").write_text("old graph")
    card = (finished_run / "model.json").read_bytes()
    (tmp_path / "model.json").write_bytes(card)
    hot = checkpoint.predictor()
    hot.temperature = 0.2
    graph = (finished_run / "model.onnx").read_bytes()
    monkeypatch.setattr(Checkpoint, "predictor", lambda _self: hot)
    monkeypatch.setattr(
        module, "write_graph", lambda _predictor, path: path.write_bytes(graph)
    )
    with pytest.raises(ModelError, match=r"differs from PyTorch by .* nothing was"):
        export(checkpoint, tmp_path)
    assert (tmp_path / "model.onnx").read_text() == "old graph"
    assert (tmp_path / "model.json").read_bytes() == card
    assert len(list(tmp_path.iterdir())) == 2


def test_a_diverged_model_is_not_exported(
    checkpoint: Checkpoint,
    finished_run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = (finished_run / "model.onnx").read_bytes()
    monkeypatch.setattr(
        module, "write_graph", lambda _predictor, path: path.write_bytes(graph)
    )
    diverged = tuple(
        {name: weights * float("nan") for name, weights in member.items()}
        for member in checkpoint.members
    )
    with pytest.raises(ModelError, match=r"training diverged; nothing was written"):
        export(replace(checkpoint, members=diverged), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_anchors_of_an_earlier_model_do_not_stay_beside_one_that_has_none(
    checkpoint: Checkpoint,
    finished_run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / ANCHORS).write_bytes(b"old")
    shutil.copyfile(finished_run / "model.json", tmp_path / "model.json")
    graph = (finished_run / "model.onnx").read_bytes()
    monkeypatch.setattr(  # tracing takes half a minute
        module, "write_graph", lambda _predictor, path: path.write_bytes(graph)
    )
    export(checkpoint, tmp_path)
    written = sorted(file.name for file in tmp_path.iterdir())
    assert written == ["model.json", "model.onnx"]


@pytest.mark.parametrize("name", ["anchors.npy", "expression.npz", "model.onnx"])
@pytest.mark.parametrize("card", [None, "[]", '{"format": 1}', "["])
def test_files_of_somebody_else_are_not_replaced(
    checkpoint: Checkpoint, tmp_path: Path, name: str, card: str | None
) -> None:
    (tmp_path / name).write_text("mine")
    if card:
        (tmp_path / "model.json").write_text(card)
    with pytest.raises(ModelError, match=rf"holds {name} .*new folder") as error:
        export(checkpoint, tmp_path)
    assert "\n" not in str(error.value)
    assert (tmp_path / name).read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == (2 if card else 1)


def test_a_folder_that_cannot_be_made_is_named(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot write to"):
        export(checkpoint, tmp_path / "file" / "out")


def test_the_graph_names_no_file_of_the_machine_that_made_it(
    finished_run: Path,
) -> None:
    graph = (finished_run / "model.onnx").read_bytes()
    assert b"site-packages" not in graph
    assert b"signnet/models" not in graph
    assert str(Path.home()).encode() not in graph
