"""The exemplars inside `model.onnx`: cut out and put back, with onnx alone."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from signnet.errors import ModelError, needs_extra

if TYPE_CHECKING:
    from onnx import ModelProto, TensorProto

__all__ = ["read_graph", "with_comparison"]

_PROJECTION, _CLIPS, _WEIGHTS = (
    f"exemplars.{name}" for name in ("projection", "clips", "weights")
)
"""Names of the stored tensors; see `training/graph.py`."""


def read_graph(file: Path) -> "tuple[ModelProto, np.ndarray, np.ndarray]":
    """Split a model's graph into its embedder and its exemplars.

    Returns
    -------
    embedder, clips, weights
        The graph up to `embedding`, float32[exemplar, axis], float32[exemplar, gloss].

    Raises
    ------
    ModelError
        If the file cannot be read, has no exemplars, or was exported by another
        version.
    SettingsError
        If the package onnx is missing.
    """
    onnx = _onnx()
    try:
        model = onnx.load(file)
    except Exception as error:  # protobuf's errors share no public base
        raise ModelError(f"{file} cannot be read: {error}") from error
    stored = {one.name: one for one in model.graph.initializer}
    if not {_PROJECTION, _CLIPS} <= set(stored):
        raise ModelError(
            f"{file} has no exemplars, so it can be neither taught nor searched; train "
            "a model with the preset default"
        )
    try:
        embedder = _up_to_embedding(model)
        weights = stored[_name_of_weights(model)]
    except (KeyError, ValueError) as error:
        raise ModelError(
            f"{file} was exported by another version of signnet ({error}); export its "
            "run again"
        ) from error
    return embedder, _to_array(stored[_CLIPS]), _to_array(weights)


def with_comparison(
    embedder: "ModelProto",
    clips: Float32[np.ndarray, "exemplar axis"],
    weights: Float32[np.ndarray, "exemplar gloss"],
    sharpness: float,
) -> "ModelProto":
    """Append the comparison with exemplars, as `models/exemplars.py` computes it.

    Parameters
    ----------
    embedder
        The graph from raw landmarks to `embedding`.
    clips, weights
        The exemplars; stored in half precision.
    sharpness
        Factor of the scores before the softmax.
    """
    onnx = _onnx()
    tensor = onnx.numpy_helper.from_array
    model = type(embedder)()
    model.CopyFrom(embedder)
    model.graph.initializer.extend(
        [
            tensor(clips.astype(np.float16), _CLIPS),
            tensor(weights.astype(np.float16), _WEIGHTS),
            tensor(np.array([0], np.int64), "first"),
            tensor(np.array([1], np.int64), "second"),
            tensor(np.array(sharpness, np.float32), "sharpness"),
        ]
    )
    model.graph.node.extend(_comparison(onnx))
    info = onnx.helper.make_tensor_value_info
    probabilities, scores = (
        info(name, onnx.TensorProto.FLOAT, [1, weights.shape[1]])
        for name in ("probabilities", "scores")
    )
    embedding = model.graph.output.pop()
    model.graph.output.extend([probabilities, embedding, scores])
    return model


def _comparison(onnx: Any) -> list[Any]:
    """List the nodes from `embedding` to `scores` and `probabilities`."""
    node, to_float = onnx.helper.make_node, {"to": onnx.TensorProto.FLOAT}
    return [
        node("Cast", [_CLIPS], ["exemplar_points"], **to_float),
        node("Sub", ["embedding", "exemplar_points"], ["apart"]),
        node("ReduceSumSquare", ["apart", "second"], ["squares"], keepdims=0),
        node("Neg", ["squares"], ["nearness"]),
        node("Exp", ["nearness"], ["similarity"]),
        node("Unsqueeze", ["similarity", "first"], ["similarities"]),
        node("Cast", [_WEIGHTS], ["gloss_weights"], **to_float),
        node("MatMul", ["similarities", "gloss_weights"], ["scores"]),
        node("Mul", ["scores", "sharpness"], ["evidence"]),
        node("Softmax", ["evidence"], ["probabilities"], axis=-1),
    ]


def _onnx() -> Any:
    with needs_extra("teach"):
        for part in ("numpy_helper", "utils"):
            import_module(f"onnx.{part}")
        return import_module("onnx")


def _to_array(tensor: "TensorProto") -> Float32[np.ndarray, "exemplar number"]:
    return _onnx().numpy_helper.to_array(tensor).astype(np.float32)


def _output_of(model: "ModelProto", operation: str, tensor: str) -> str:
    """Name the output of the only operation of a kind that uses a tensor."""
    outputs = [
        node.output[0]
        for node in model.graph.node
        if node.op_type == operation and tensor in node.input
    ]
    if len(outputs) != 1:
        raise ValueError(f"{len(outputs)} {operation} of {tensor}")
    return outputs[0]


def _up_to_embedding(model: "ModelProto") -> "ModelProto":
    """Keep the part of a graph that ends where clips are compared."""
    end = _PROJECTION
    for operation in ("Cast", "MatMul", "Sub"):
        end = _output_of(model, operation, end)
    part = _onnx().utils.Extractor(model).extract_model(["landmarks"], [end])
    for node in part.graph.node:
        node.output[:] = ["embedding" if one == end else one for one in node.output]
    part.graph.output[0].name = "embedding"
    del part.graph.value_info[:]
    return part


def _name_of_weights(model: "ModelProto") -> str:
    """Name the stored weights; the exporter renames and casts those of few clips."""
    nodes = {name: node for node in model.graph.node for name in node.output}
    used = [
        node.input[1]
        for node in model.graph.node
        if node.op_type == "MatMul" and _is_kernel(nodes, node.input[0])
    ]
    if len(used) != 1:
        raise ValueError(f"{len(used)} kernels")
    cast = nodes.get(used[0])
    return cast.input[0] if cast else used[0]


def _is_kernel(nodes: dict[str, Any], name: str) -> bool:
    """Return whether a tensor is an exponential, apart from its shape."""
    node = nodes.get(name)
    if node is not None and node.op_type == "Unsqueeze":
        return _is_kernel(nodes, node.input[0])
    return node is not None and node.op_type == "Exp"
