"""What an exported model remembers: the part of it that can be taught.

`model.onnx` holds the remembered clips by name (`models/exemplars.py`). They are read
and replaced here without torch and without the clips that the model was trained on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Float32

from signnet.clip import Clip
from signnet.errors import DatasetError, ModelError, needs_extra
from signnet.recognise.recogniser import open_session

if TYPE_CHECKING:
    from onnx import ModelProto, TensorProto

__all__ = ["ANCHORS", "MOST_ANCHORS", "SHARPNESS", "Memory", "likeness"]

ANCHORS = "anchors.npy"
"""Beside a model: the clips at which teaching in the browser keeps the answers."""

MOST_ANCHORS = 1500
"""Remembered clips at most whose answers are held: the time grows with the cube."""

SHARPNESS = 12.0
"""Scores are multiplied by it before they become probabilities (docs/results.md)."""

_PROJECTION, _CLIPS, _WEIGHTS = (
    f"exemplars.{name}" for name in ("projection", "clips", "weights")
)


def likeness(
    points: Float[np.ndarray, "point axis"], others: Float[np.ndarray, "other axis"]
) -> Float[np.ndarray, "point other"]:
    """Give how alike clips are, from 0 to 1 for the same: exp(-distance²)."""
    squares = (points**2).sum(1)[:, None] + (others**2).sum(1)
    return np.exp(-np.maximum(squares - 2 * points @ others.T, 0))


@dataclass(frozen=True, eq=False)
class Memory:
    """Remembered clips, and the graph that compares a new one with them."""

    part: "ModelProto"
    """The part of the model's graph from raw landmarks to `embedding`."""

    clips: Float32[np.ndarray, "exemplar axis"]
    """The remembered clips in the axes in which clips are compared."""

    weights: Float32[np.ndarray, "exemplar gloss"]
    """What likeness to each says of the glosses."""

    @classmethod
    def open(cls, folder: Path) -> "Memory":
        """Read the remembered clips of a model's folder.

        Raises
        ------
        ModelError
            If the model remembers no clips, or was exported by another version.
        SettingsError
            If the package onnx is missing.
        """
        onnx = _onnx()
        file = folder / "model.onnx"
        try:
            model = onnx.load(file)
        except Exception as error:  # protobuf's errors share no public base
            raise ModelError(f"{file} cannot be read: {error}") from error
        stored = {one.name: one for one in model.graph.initializer}
        if not {_PROJECTION, _CLIPS} <= set(stored):
            raise ModelError(
                f"{file} remembers no clips, so it can neither be taught nor searched; "
                "train a model with the preset default"
            )
        try:
            part = _up_to_embedding(model)
            weights = stored[_weights_of(model)]
        except (KeyError, ValueError) as error:
            raise ModelError(
                f"{file} was exported by another version of signnet ({error}); export "
                "its run again"
            ) from error
        return cls(part, *map(_numbers, (stored[_CLIPS], weights)))

    def embed(self, clips: Sequence[Clip]) -> Float32[np.ndarray, "clip axis"]:
        """Express clips in the axes in which they are compared.

        Raises
        ------
        DatasetError
            If no frame of a clip shows a hand; all such clips are named.
        """
        bare = [clip.name for clip in clips if not shows_hand(clip)]
        if bare:
            raise DatasetError(
                f"no frame of {', '.join(bare)} shows a hand; leave out or record "
                "again with both hands in the picture"
            )
        session = open_session(self.graph)
        rows = [
            session.run(
                ["embedding"], {"landmarks": clip.evenly_timed().landmarks[None]}
            )
            for clip in clips
        ]
        return np.concatenate([np.asarray(row[0], np.float32) for row in rows])

    def scores(
        self, points: Float32[np.ndarray, "point axis"]
    ) -> Float32[np.ndarray, "point gloss"]:
        """Score each gloss, near 1 for the right one, for clips that were embedded."""
        return (likeness(points, self.clips) @ self.weights).astype(np.float32)

    def with_exemplars(
        self,
        clips: Float[np.ndarray, "exemplar axis"],
        weights: Float[np.ndarray, "exemplar gloss"],
    ) -> "Memory":
        """Remember other clips instead; both are rounded to half precision."""
        rounded = [np.asarray(one, np.float16) for one in (clips, weights)]
        return Memory(self.part, *(one.astype(np.float32) for one in rounded))

    @cached_property
    def graph(self) -> bytes:
        """From raw landmarks to `probabilities`, `embedding` and `scores`, as ONNX."""
        return _with_answer(self.part, self.clips, self.weights).SerializeToString()


def shows_hand(clip: Clip) -> bool:
    """Tell whether a hand was seen in any frame."""
    return bool((clip.seen("left_hand") | clip.seen("right_hand")).any())


def _onnx() -> Any:
    with needs_extra("teach"):
        for part in ("numpy_helper", "utils"):
            import_module(f"onnx.{part}")
        return import_module("onnx")


def _numbers(tensor: "TensorProto") -> Float32[np.ndarray, "exemplar number"]:
    return _onnx().numpy_helper.to_array(tensor).astype(np.float32)


def _user(model: "ModelProto", kind: str, tensor: str) -> str:
    """Name what the only operation of a kind makes of a tensor."""
    made = [
        node.output[0]
        for node in model.graph.node
        if node.op_type == kind and tensor in node.input
    ]
    if len(made) != 1:
        raise ValueError(f"{len(made)} {kind} of {tensor}")
    return made[0]


def _up_to_embedding(model: "ModelProto") -> "ModelProto":
    """Keep the part of a graph that ends where clips are compared."""
    end = _PROJECTION
    for kind in ("Cast", "MatMul", "Sub"):
        end = _user(model, kind, end)
    part = _onnx().utils.Extractor(model).extract_model(["landmarks"], [end])
    for node in part.graph.node:
        node.output[:] = ["embedding" if one == end else one for one in node.output]
    part.graph.output[0].name = "embedding"
    del part.graph.value_info[:]
    return part


def _weights_of(model: "ModelProto") -> str:
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
    """Tell whether a tensor is an exponential, but for its shape."""
    node = nodes.get(name)
    if node is not None and node.op_type == "Unsqueeze":
        return _is_kernel(nodes, node.input[0])
    return node is not None and node.op_type == "Exp"


def _with_answer(
    part: "ModelProto",
    clips: Float32[np.ndarray, "exemplar axis"],
    weights: Float32[np.ndarray, "exemplar gloss"],
) -> "ModelProto":
    """Add the comparison with remembered clips, as `models/exemplars.py` does it."""
    onnx = _onnx()
    node, tensor = onnx.helper.make_node, onnx.numpy_helper.from_array
    model = type(part)()
    model.CopyFrom(part)
    model.graph.initializer.extend(
        [
            tensor(clips.astype(np.float16), _CLIPS),
            tensor(weights.astype(np.float16), _WEIGHTS),
            tensor(np.array([0], np.int64), "first"),
            tensor(np.array([1], np.int64), "second"),
            tensor(np.array(SHARPNESS, np.float32), "sharpness"),
        ]
    )
    model.graph.node.extend(
        [
            node("Cast", [_CLIPS], ["remembered"], to=onnx.TensorProto.FLOAT),
            node("Sub", ["embedding", "remembered"], ["apart"]),
            node("ReduceSumSquare", ["apart", "second"], ["squares"], keepdims=0),
            node("Neg", ["squares"], ["nearness"]),
            node("Exp", ["nearness"], ["likeness"]),
            node("Unsqueeze", ["likeness", "first"], ["likenesses"]),
            node("Cast", [_WEIGHTS], ["say"], to=onnx.TensorProto.FLOAT),
            node("MatMul", ["likenesses", "say"], ["scores"]),
            node("Mul", ["scores", "sharpness"], ["evidence"]),
            node("Softmax", ["evidence"], ["probabilities"], axis=-1),
        ]
    )
    made = [
        onnx.helper.make_tensor_value_info(name, 1, [1, weights.shape[1]])
        for name in ("probabilities", "scores")
    ]
    embedding = model.graph.output.pop()
    model.graph.output.extend([made[0], embedding, made[1]])
    return model
