"""Exemplars on a base: two ways to their graph, and one answer."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.models.base import BaseEncoder
from signnet.models.checkpoint import Checkpoint, Predictor
from signnet.recognise.recogniser import Recogniser
from signnet.training.base_file import open_base
from signnet.training.export import TOLERANCE, export
from signnet.training.graph import example_landmarks, write_graph

torch.set_num_threads(1)

OUTPUTS = ["probabilities", "embedding", "scores"]


@pytest.fixture(scope="module")
def predictor(on_base: Path) -> Predictor:
    return Checkpoint.load(on_base / "checkpoint.pt").predictor()


@pytest.fixture(scope="module")
def composed(on_base: Path) -> onnxruntime.InferenceSession:
    """Give the graph of the run, which was written from the base's own graph."""
    return onnxruntime.InferenceSession(on_base / "model.onnx")


def clips(corpus: list[Clip]) -> list[np.ndarray]:
    made = [example_landmarks(frames, frames) for frames in (1, 2, 13, 200)]
    nothing = np.full((5, 553, 3), np.nan, np.float32)
    return [*made, nothing, *(clip.landmarks for clip in corpus[::17])]


def answers(
    session: onnxruntime.InferenceSession, landmarks: np.ndarray
) -> list[np.ndarray]:
    found = session.run(OUTPUTS, {"landmarks": landmarks[None]})
    return [np.asarray(one) for one in found]


def test_the_graph_of_a_run_on_a_base_answers_as_pytorch_does(
    predictor: Predictor, composed: onnxruntime.InferenceSession, corpus: list[Clip]
) -> None:
    assert [one.name for one in composed.get_outputs()] == OUTPUTS
    for landmarks in clips(corpus):
        chosen = torch.from_numpy(landmarks)[None][:, :, predictor.joints]
        with torch.inference_mode():
            expected = predictor.outputs(chosen)
        for found, one in zip(answers(composed, landmarks), expected, strict=True):
            np.testing.assert_allclose(found, one.numpy(), atol=TOLERANCE, rtol=0)


def test_both_ways_to_the_graph_give_the_same_answers(
    predictor: Predictor,
    composed: onnxruntime.InferenceSession,
    corpus: list[Clip],
    tmp_path: Path,
) -> None:
    write_graph(predictor, tmp_path / "traced.onnx")
    traced = onnxruntime.InferenceSession(tmp_path / "traced.onnx")
    assert [one.name for one in traced.get_outputs()] == OUTPUTS
    for landmarks in clips(corpus):
        pairs = zip(
            answers(traced, landmarks), answers(composed, landmarks), strict=True
        )
        for one, other in pairs:
            np.testing.assert_allclose(one, other, atol=TOLERANCE, rtol=0)


def test_the_base_inside_a_model_is_the_very_base(
    on_base: Path, small_base: tuple[Path, BaseEncoder]
) -> None:
    inside, own = (
        {one.name: one for one in onnx.load(folder / "model.onnx").graph.initializer}
        for folder in (on_base, small_base[0])
    )
    weights = [name for name in own if name.startswith("base.")]
    assert len(weights) > 10
    for name in weights:
        assert inside[name] == own[name]
    kept = Checkpoint.load(on_base / "checkpoint.pt").exemplars or {}
    for name, one in open_base(small_base[0]).encoder.state_dict().items():
        assert torch.equal(kept[f"base.{name}"], one), name


def test_the_card_says_which_base_and_how_clips_are_compared(
    on_base: Path, predictor: Predictor, small_base: tuple[Path, BaseEncoder]
) -> None:
    card = json.loads((on_base / "model.json").read_text("utf-8"))
    assert card["base"] == open_base(small_base[0]).facts
    assert card["embedding"]["weights"] == [0.5, 0.5]
    own, learnt = card["embedding"]["axes"]
    assert (learnt, card["members"]) == (8, 0)
    assert predictor.exemplars is not None
    assert predictor.exemplars.axes == (own, learnt)


def test_the_kernel_of_the_card_gives_the_scores_of_the_graph(
    on_base: Path, predictor: Predictor, four_signs: Dataset
) -> None:
    model = Recogniser.open(on_base)
    exemplars = predictor.exemplars
    assert exemplars is not None
    stored, weights = exemplars.clips.float().numpy(), exemplars.weights.float().numpy()
    for clip in four_signs.at(range(0, 24, 7)):
        seen = model.see(clip.landmarks)
        similar = model.taught.kernel.similarity(seen.embedding[None], stored)
        np.testing.assert_allclose(similar[0] @ weights, seen.scores, atol=1e-4)
    np.testing.assert_array_equal(model.taught.anchors, stored[:16])


def test_exporting_again_gives_the_same_graph_and_anchors(
    on_base: Path, small_base: tuple[Path, BaseEncoder], tmp_path: Path
) -> None:
    checkpoint = Checkpoint.load(on_base / "checkpoint.pt")
    graph = small_base[0] / "model.onnx"
    assert export(checkpoint, tmp_path / "out", base_graph=graph) <= TOLERANCE
    for name in ("model.onnx", "anchors.npy"):
        assert (tmp_path / "out" / name).read_bytes() == (on_base / name).read_bytes()
