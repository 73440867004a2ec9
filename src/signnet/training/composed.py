"""The graph of exemplars on a base: the base's own graph, and a few nodes after it.

Tracing a whole model takes half a minute; this takes a moment, and the base inside a
model stays the very base that was shipped.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from signnet.errors import ModelError
from signnet.models import Exemplars
from signnet.models.checkpoint import Predictor

__all__ = ["write_composed"]


class _Nodes:
    """Nodes and constants that are added to a graph."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        output = output or f"compared_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name: str, values: np.ndarray) -> str:
        """Add a constant and return its name; one in half precision is cast."""
        self.constants.append(numpy_helper.from_array(values, name))
        if values.dtype != np.float16:
            return name
        return self.add("Cast", name, to=TensorProto.FLOAT)


def write_composed(base_graph: Path, predictor: Predictor, path: Path) -> None:
    """Write the graph of exemplars on a base.

    Parameters
    ----------
    base_graph
        The graph of the base, with `embedding` and `features`.
    predictor
        Exemplars on that base, and no network.
    path
        The file to write.

    Raises
    ------
    ModelError
        If the base's graph lacks an output; it was made by another version.
    """
    exemplars = predictor.exemplars
    assert exemplars is not None
    model = onnx.load(base_graph)
    names = [output.name for output in model.graph.output]
    if names != ["embedding", "features"]:
        raise ModelError(
            f"{base_graph} gives {', '.join(names)}, expected embedding, features; "
            "make the base again with `signnet pretrain`"
        )
    made = _Nodes()
    embedding = _embedding(made, exemplars)
    scores = _scores(made, exemplars, embedding)
    sharpness = predictor.exemplar_weight / predictor.temperature
    factor = made.constant("sharpness", np.array(sharpness, np.float32))
    logits = made.add("Mul", scores, factor)
    made.add("Softmax", logits, output="probabilities", axis=-1)
    _renamed(model.graph, "embedding", "learnt")
    model.graph.node.extend(made.nodes)
    model.graph.initializer.extend(made.constants)
    del model.graph.output[:]
    glosses, axes = exemplars.weights.shape[1], exemplars.clips.shape[1]
    sizes = {"probabilities": glosses, "embedding": axes, "scores": glosses}
    model.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, size])
        for name, size in sizes.items()
    )
    onnx.save(model, path)


def _renamed(graph: onnx.GraphProto, old: str, new: str) -> None:
    """Rename a value of the base's graph, since the whole model has one of its name."""
    for node in graph.node:
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                if name == old:
                    names[index] = new


def _embedding(made: _Nodes, exemplars: Exemplars) -> str:
    """Join the clip in the exemplars' own axes and the base's scaled embedding."""
    values = sum(exemplars.base.sizes) if exemplars.base else 0
    start, end, axis = (
        made.constant(name, np.array([number]))
        for name, number in (("first", 0), ("values", values), ("feature_axis", 2))
    )
    shown = made.add("Slice", "features", start, end, axis)
    flat = made.add("Reshape", shown, made.constant("row", np.array([1, -1])))
    projection = made.constant("projection", exemplars.projection.numpy())
    offset = made.constant("offset", exemplars.offset.numpy())
    own = made.add("Sub", made.add("MatMul", flat, projection), offset)
    reach = made.constant("reach", exemplars.reach.numpy())
    learnt = made.add("Mul", "learnt", reach)
    return made.add("Concat", own, learnt, output="embedding", axis=1)


def _scores(made: _Nodes, exemplars: Exemplars, embedding: str) -> str:
    """Compare with the exemplars, part by part; see `Exemplars.score`."""
    sizes = made.constant("axes", np.array(exemplars.axes))
    clips = exemplars.clips.numpy()
    parts = np.split(clips, np.cumsum(exemplars.axes)[:-1], axis=1)
    names = [f"clip_{index}" for index in range(len(parts))]
    made.nodes.append(helper.make_node("Split", [embedding, sizes], names, axis=1))
    similar = [
        _similarity(made, name, part, weight)
        for name, part, weight in zip(names, parts, exemplars.parts, strict=True)
    ]
    weights = made.constant("weights", exemplars.weights.numpy())
    return made.add("MatMul", made.add("Sum", *similar), weights, output="scores")


def _similarity(made: _Nodes, clip: str, stored: np.ndarray, weight: float) -> str:
    """Compute weight · exp(-distance²) of a clip to stored ones."""
    others = made.constant(f"exemplars_{clip}", np.ascontiguousarray(stored.T))
    axis = made.constant(f"axis_{clip}", np.array([1]))
    squares = made.constant(
        f"squares_{clip}", np.square(stored.astype(np.float32)).sum(1)[None]
    )
    own = made.add("ReduceSumSquare", clip, axis, keepdims=1)
    double = made.constant(f"double_{clip}", np.array(2.0, np.float32))
    both = made.add("Mul", made.add("MatMul", clip, others), double)
    distance = made.add("Relu", made.add("Sub", made.add("Add", own, squares), both))
    factor = made.constant(f"weight_{clip}", np.array(weight, np.float32))
    return made.add("Mul", made.add("Exp", made.add("Neg", distance)), factor)
