"""The graph of a model: written as ONNX, and compared with PyTorch."""

import logging
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import onnx_ir as ir
import torch
from onnx import numpy_helper
from onnx_ir.passes.common import CommonSubexpressionEliminationPass
from onnxscript import optimizer
from torch import Tensor, nn

from signnet.errors import ModelError
from signnet.models.base import BaseEncoder
from signnet.models.checkpoint import Predictor
from signnet.recognise.recogniser import open_session
from signnet.skeleton import JOINT_COUNT

__all__ = [
    "base_parity",
    "example_landmarks",
    "parity",
    "read_base_weights",
    "write_base_graph",
    "write_graph",
]

_SMALLEST_HALVED = 4096
"""Numbers; smaller weights stay in single precision."""


class _Graph(Predictor):
    """The exported graph: also returns what teaching in the browser needs.

    A subclass, since tensors in the graph are named by their path in the module.
    """

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, landmarks: Tensor, valid: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """Return probabilities and, with exemplars, the embedding and their scores."""
        return self.outputs(landmarks[:, :, self.joints], valid)


class _BaseGraph(nn.Module):
    """The exported graph of a base, from landmarks of all joints on."""

    def __init__(self, base: BaseEncoder) -> None:
        super().__init__()
        self.base = base
        self.joints: Tensor
        joints = torch.tensor(base.front.joints)
        self.register_buffer("joints", joints, persistent=False)

    def forward(self, landmarks: Tensor) -> tuple[Tensor, Tensor]:
        """Return the embedding, and the features that it is made of."""
        streams, fresh = self.base.front(landmarks[:, :, self.joints])
        features = torch.cat([*streams, fresh], dim=-1)
        return self.base.embed(features), features


def write_graph(predictor: Predictor, path: Path) -> None:
    """Write a model as ONNX, from raw landmarks on."""
    graph = _Graph(
        list(predictor.members),
        predictor.temperature,
        predictor.exemplars,
        predictor.exemplar_weight,
    ).eval()
    outputs = ["probabilities", "embedding", "scores"]
    _write(graph, outputs[: 3 if graph.exemplars else 1], path)


def write_base_graph(base: BaseEncoder, path: Path) -> None:
    """Write a base as ONNX, from raw landmarks on; `read_base_weights` reads it."""
    _write(_BaseGraph(base).eval(), ["embedding", "features"], path)


def read_base_weights(path: Path) -> dict[str, Tensor]:
    """Read the weights of a base from its graph, by their names in `BaseEncoder`.

    Raises
    ------
    ModelError
        If the file is no graph, or holds no base.
    """
    try:
        stored = onnx.load(path).graph.initializer
        found = {
            one.name.removeprefix("base."): torch.from_numpy(
                numpy_helper.to_array(one).copy()
            )
            for one in stored
            if one.name.startswith("base.")
        }
    except Exception as error:  # onnx and protobuf raise many kinds
        reason = (str(error) or type(error).__name__).splitlines()[0][:100]
        raise ModelError(f"{path} cannot be read: {reason}") from error
    wanted = [name for name in found if not name.startswith(("front.", "lifted"))]
    if not wanted:
        raise ModelError(f"{path} holds no base; make one with `signnet pretrain`")
    return {name: found[name] for name in wanted}


def _write(graph: nn.Module, outputs: list[str], path: Path) -> None:
    """Export a graph; a base inside it is stored in half precision, under its names."""
    example = torch.from_numpy(example_landmarks(40))[None]
    with warnings.catch_warnings(), _errors_only("torch.onnx"):
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            graph,
            (example,),
            input_names=["landmarks"],
            output_names=outputs,
            dynamic_shapes=({1: torch.export.Dim("time", min=1)},),
            dynamo=True,
            optimize=False,
            verbose=False,
        )
        assert program is not None
        _tidy(program.model)
        program.save(str(path), external_data=False)
    _simplify(path)


def _tidy(model: ir.Model) -> None:
    """Remove what is computed for nothing, or twice.

    No weight is folded with others, so that those of a base keep their names. Rewriting
    by onnxscript's rules as well took a fifth of the export; ONNX Runtime has its own,
    and is as fast without.
    """
    optimizer.fold_constants(model, input_size_limit=1)
    optimizer.remove_unused_nodes(model)
    CommonSubexpressionEliminationPass()(model)


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


def _simplify(path: Path) -> None:
    """Halve the weights of a base, and remove source lines and paths of the machine."""
    model = onnx.load(path)
    graph = model.graph
    _halve(graph)
    for part in (model, graph, *graph.node, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)


def _halve(graph: onnx.GraphProto) -> None:
    """Store large weights of a base in half precision; opening the graph casts them."""
    casts: list[onnx.NodeProto] = []
    for weights in graph.initializer:
        values = numpy_helper.to_array(weights)
        if "base." not in weights.name or values.dtype != np.float32:
            continue
        if values.size < _SMALLEST_HALVED:
            continue
        wide = f"{weights.name}.single"
        for node in graph.node:
            for index, name in enumerate(node.input):
                if name == weights.name:
                    node.input[index] = wide
        single = onnx.TensorProto.FLOAT
        casts.append(onnx.helper.make_node("Cast", [weights.name], [wide], to=single))
        half = numpy_helper.from_array(values.astype(np.float16), weights.name)
        weights.CopyFrom(half)
    halved = {cast.input[0] for cast in casts}
    kept = [one for one in graph.value_info if one.name not in halved]
    del graph.value_info[:]
    graph.value_info.extend(kept)
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


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
    with torch.inference_mode():
        expected = [
            predictor(torch.from_numpy(clip)[None]).numpy() for clip in _test_clips()
        ]
    return _largest_difference(path, "probabilities", expected)


def base_parity(base: BaseEncoder, path: Path) -> float:
    """Return the largest difference between embeddings, as `parity` does."""
    graph = _BaseGraph(base).eval()
    with torch.inference_mode():
        expected = [
            graph(torch.from_numpy(clip)[None])[0].numpy() for clip in _test_clips()
        ]
    return _largest_difference(path, "embedding", expected)


def _test_clips() -> list[np.ndarray]:
    clips = [example_landmarks(frames, frames) for frames in (1, 2, 13, 60, 301)]
    return [*clips, np.full((8, JOINT_COUNT, 3), np.nan, np.float32)]


def _largest_difference(path: Path, output: str, expected: list[np.ndarray]) -> float:
    session = open_session(path)
    differences: list[float] = []
    for clip, wanted in zip(_test_clips(), expected, strict=True):
        found = np.asarray(session.run([output], {"landmarks": clip[None]})[0])
        differences.append(float(np.abs(found - wanted).max()))
    return float(np.max(differences))
