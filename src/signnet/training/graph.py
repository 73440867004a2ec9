"""The graph of a model: written as ONNX, and compared with PyTorch."""

import logging
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor

from signnet.models.checkpoint import Predictor
from signnet.recognise.recogniser import open_session
from signnet.skeleton import JOINT_COUNT

__all__ = ["example_landmarks", "parity", "write_graph"]


class _Graph(Predictor):
    """The exported graph: also returns what teaching in the browser needs.

    A subclass, since tensors in the graph are named by their path in the module.
    """

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, landmarks: Tensor, valid: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """Return probabilities and, with exemplars, the embedding and their scores."""
        return self.outputs(landmarks[:, :, self.joints], valid)


def write_graph(predictor: Predictor, path: Path) -> None:
    """Write a model as ONNX, from raw landmarks on."""
    graph = _Graph(
        list(predictor.members),
        predictor.temperature,
        predictor.exemplars,
        predictor.exemplar_weight,
    ).eval()
    outputs = ["probabilities", "embedding", "scores"]
    example = torch.from_numpy(example_landmarks(40))[None]
    with warnings.catch_warnings(), _errors_only("torch.onnx"):
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph,
            (example,),
            str(path),
            input_names=["landmarks"],
            output_names=outputs[: 3 if graph.exemplars else 1],
            dynamic_shapes=({1: torch.export.Dim("time", min=1)},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    _remove_origin(path)


@contextmanager
def _errors_only(logger: str) -> Generator[None]:
    """Silence a library's warnings, and restore its level afterwards."""
    log = logging.getLogger(logger)
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _remove_origin(path: Path) -> None:
    """Remove the exporter's notes: source lines and paths of the machine."""
    model = onnx.load(path)
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)


def example_landmarks(frames: int, seed: int = 0) -> np.ndarray:
    """Return landmarks with gaps, float32[time, 553, 3], for tracing and parity."""
    rng = np.random.default_rng(seed)
    landmarks = rng.normal(0.5, 0.2, (frames, JOINT_COUNT, 3)).astype(np.float32)
    landmarks[: frames // 3, 33:54] = np.nan
    landmarks[frames // 2 :, 54:75] = np.nan
    landmarks[:: max(frames // 5, 2), 75:] = np.nan
    return landmarks


def parity(predictor: Predictor, path: Path) -> float:
    """Return the largest difference over clips of several lengths, and an empty one.

    NaN where the model's own probabilities are NaN.
    """
    session = open_session(path)
    clips = [example_landmarks(frames, frames) for frames in (1, 2, 13, 60, 301)]
    clips.append(np.full((8, JOINT_COUNT, 3), np.nan, np.float32))
    differences: list[float] = []
    for clip in clips:
        with torch.inference_mode():
            expected = predictor(torch.from_numpy(clip)[None]).numpy()
        found = np.asarray(session.run(None, {"landmarks": clip[None]})[0])
        differences.append(float(np.abs(found - expected).max()))
    return float(np.max(differences))
