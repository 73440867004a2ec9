"""The readers that are fuzzed, and real files to damage for each."""

import json
import os
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from messages import forms, headers, read_form, read_header
from signnet.clip import Clip
from signnet.config import read_recipe, recipe_to_toml
from signnet.config.presets import preset
from signnet.dataset import Dataset, write_clips
from signnet.errors import SignnetError
from signnet.formats import FORMATS, ImportSettings, write_poses
from signnet.formats.destination import Destination
from signnet.formats.elan import NewTier, write_eaf
from signnet.formats.pose import film_of_pose
from signnet.labels import label_files
from signnet.models.checkpoint import Checkpoint
from signnet.recognise.exemplars import read_anchors
from signnet.recognise.expression import ExpressionReader
from signnet.recognise.model_card import ModelCard
from signnet.recognise.recogniser import Recogniser, open_session, shipped_models
from signnet.recognise.taught_file import read_taught
from signnet.splits import make_split, read_split, write_split
from signnet.synthetic import make_corpus

__all__ = ["READERS", "Reader", "make_seeds"]

SHIPPED = shipped_models()["bdsl55"]
_CORPUS = make_corpus(2, 1, 0)[:8]
_DATA = Dataset.of_clips(_CORPUS)
_MODEL = Recogniser.open(SHIPPED)


@dataclass(frozen=True)
class Reader:
    """A function that reads a file, and how its real files are made."""

    name: str
    kind: str
    """How its files are damaged besides in their bytes: json, npz, parquet or bytes."""

    file: str
    """Where the file stands, below the target."""

    read: Callable[[Path], object]
    seeds: Callable[[Path], Sequence[bytes]]

    def prepare(self, place: Path) -> None:
        """Make the folders that the file needs."""
        (place / self.file).parent.mkdir(parents=True)


def make_seeds(folder: Path, readers: Sequence[Reader]) -> dict[str, list[bytes]]:
    """Write real files for each reader, and check that they can be read."""
    found = dict[str, list[bytes]]()
    for reader in readers:
        place = folder / reader.name.replace(" ", "-")
        reader.prepare(place)
        found[reader.name] = list(reader.seeds(place))
        for content in found[reader.name]:
            (place / reader.file).write_bytes(content)
            reader.read(place / reader.file)
    return found


def _import(name: str) -> Callable[[Path], object]:
    def read(file: Path) -> object:
        sources = FORMATS[name](file, ImportSettings())
        return [source.read() for source in sources]

    return read


def _dataset(file: Path) -> object:
    for in_memory in (0, 2**28):
        data = Dataset(file, in_memory)
        for clip in data:
            clip.evenly_timed()
            _ = clip.seconds
    return None


def _clips(folder: Path) -> list[bytes]:
    write_clips(_CORPUS[:2], folder / "clips.parquet")
    timed = np.linspace(0, 1, len(_CORPUS[0]), dtype=np.float32)
    from dataclasses import replace

    write_clips([replace(_CORPUS[0], times=timed)], folder / "timed.parquet")
    return [(folder / f"{name}.parquet").read_bytes() for name in ("clips", "timed")]


def _pose(folder: Path) -> list[bytes]:
    write_poses(Dataset.of_clips(_CORPUS[:1]), folder / "poses")
    return [next((folder / "poses").glob("*.pose")).read_bytes()]


def _openpose(_folder: Path) -> list[bytes]:
    parts = {"pose": 25, "face": 70, "hand_left": 21, "hand_right": 21}
    person = {
        f"{name}_keypoints_2d": [float(n % 97) for n in range(3 * count)]
        for name, count in parts.items()
    }
    return [json.dumps({"version": 1.3, "people": [person]}).encode()]


def _coco(_folder: Path) -> list[bytes]:
    person = {"image_id": 0, "keypoints": [float(n % 97) for n in range(3 * 133)]}
    return [json.dumps([person | {"image_id": n} for n in range(3)]).encode()]


def _hands(folder: Path) -> list[bytes]:
    texts = {key: np.array(["a", "b"]) for key in ("gloss", "signer", "split")}
    hands = np.random.default_rng(0).random((6, 2, 21, 3), np.float32)
    np.savez(
        folder / "a.npz", hands=hands, offset=np.array([0, 3]), length=np.array([3, 3]),
        fps=np.array([25.0, 25.0]), video_id=np.array(["1", "2"]), **texts,
    )  # fmt: skip
    return [(folder / "a.npz").read_bytes()]


def _bdsl(folder: Path) -> list[bytes]:
    rng = np.random.default_rng(0)
    counts = {"pose_sequence": 33, "left_hand": 21, "right_hand": 21, "face": 468}
    parts = {key: rng.random((4, n, 3), np.float32) for key, n in counts.items()}
    np.savez_compressed(folder / "a.npz", raw_length=np.array(4), **parts)
    return [(folder / "a.npz").read_bytes()]


def _gislr(folder: Path) -> list[bytes]:
    rows = [(frame, joint) for frame in range(2) for joint in range(21)]
    table = pa.table(
        {
            "frame": pa.array([frame for frame, _ in rows], pa.int16()),
            "type": ["left_hand"] * len(rows),
            "landmark_index": pa.array([joint for _, joint in rows], pa.int16()),
            **{axis: [0.01 * joint for _, joint in rows] for axis in "xyz"},
        }
    )
    pq.write_table(table, folder / "a.parquet")
    return [(folder / "a.parquet").read_bytes()]


def _read_gislr(file: Path) -> object:
    header = "path,participant_id,sequence_id,sign\n"
    (file.parent / "train.csv").write_text(f"{header}{file.name},1,2,w\n")
    return _import("gislr")(file.parent / "train.csv")


def _read_table(file: Path) -> object:
    for source in FORMATS["gislr"](file, ImportSettings()):
        with suppress(SignnetError):  # the clips that it names are not there
            source.read()
    return None


def _gislr_table(_folder: Path) -> list[bytes]:
    return [b"path,participant_id,sequence_id,sign\r\na.parquet,P01,1000,CHIN\r\n"]


def _frame(folder: Path) -> list[bytes]:
    rng = np.random.default_rng(0)
    contents = list[bytes]()
    for length in (1662, 258):
        np.save(folder / "a.npy", rng.random(length))
        contents.append((folder / "a.npy").read_bytes())
    return contents


def _read_frame(file: Path) -> object:
    return _import("mp-data")(file.parent.parent.parent)


def _index(_folder: Path) -> list[bytes]:
    plain = 'file,gloss,signer\na.mp4,পানি,S1\nb/c.mp4,"two\nlines",S2\n'
    return [
        plain.encode(),
        plain.encode("utf-16"),
        ("sep=;\r\n" + plain.replace(",", ";")).encode("utf-8-sig"),
    ]


def _read_index(file: Path) -> object:
    files = [file.parent / name for name in ("a.mp4", "c.mp4")]
    return label_files(files, file.parent, file)


def _split(folder: Path) -> list[bytes]:
    write_split(make_split(_DATA, "clip", folds=2), folder / "split.json")
    return [(folder / "split.json").read_bytes()]


def _list(_folder: Path) -> list[bytes]:
    return ["\n".join(clip.name for clip in _CORPUS[:3]).encode()]


def _card(_folder: Path) -> list[bytes]:
    content = json.loads((SHIPPED / "model.json").read_text("utf-8"))
    content["trained_on"] = content["trained_on"][:3]
    return [json.dumps(content).encode()]


def _taught(folder: Path) -> list[bytes]:
    from signnet.recognise.model import Model

    model = Model.open("bdsl55")
    taught = model.teach({"ONE": _CORPUS[:1]}, despite_doubts=True)
    taught.save(folder / "model")
    return [(folder / "model" / "taught.json").read_bytes()]


def _read_taught(file: Path) -> object:
    return read_taught(file, _MODEL.taught, _MODEL.sha256)


def _anchors(_folder: Path) -> list[bytes]:
    whole = np.load(SHIPPED / "anchors.npy")
    from io import BytesIO

    stored = BytesIO()
    np.save(stored, whole[:4])
    return [stored.getvalue()]


def _read_anchors(file: Path) -> object:
    return read_anchors(file, np.load(SHIPPED / "anchors.npy").shape[1])


def _expression(_folder: Path) -> list[bytes]:
    return [(SHIPPED / "expression.npz").read_bytes()]


def _checkpoint(folder: Path) -> list[bytes]:
    recipe = preset("baseline")
    saved = Checkpoint(recipe=recipe, vocabulary=("a", "b"), members=())
    saved.save(folder / "checkpoint.pt")
    return [(folder / "checkpoint.pt").read_bytes()]


def _graph(_folder: Path) -> list[bytes]:
    import onnx
    from onnx import TensorProto, helper

    node = helper.make_node("Identity", ["landmarks"], ["probabilities"])
    shape = [1, "time", 553, 3]
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name in ("landmarks", "probabilities")
    ]
    graph = helper.make_graph([node], "g", values[:1], values[1:])
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=9)
    return [onnx.ModelProto.SerializeToString(model)]


def _record(folder: Path) -> list[bytes]:
    from signnet.formats import import_clips

    (folder / "a.npz").write_bytes(_hands(folder)[0])
    import_clips("hands-npz", folder / "a.npz", folder / "out")
    return [(folder / "out" / ".imports.json").read_bytes()]


def _read_record(file: Path) -> object:
    return Destination(file.parent, "hands-npz", file.parent / "a.npz", append=True)


def _elan(folder: Path) -> list[bytes]:
    signs = NewTier(name="gloss", annotations=[(0.1, 0.6, "পানি"), (0.9, 1.5, "b")])
    doubts = NewTier(name="sure", annotations=[(0.1, 0.6, "0.9")], about="gloss")
    write_eaf(folder / "new.eaf", [signs, doubts])
    return [(folder / "new.eaf").read_bytes()]


def _read_elan(file: Path) -> object:
    write_eaf(file, [NewTier(name="gloss", annotations=[(0.0, 1.0, "c")])])
    found = FORMATS["elan"](file, ImportSettings(tier="gloss"))
    for source in found:
        with suppress(SignnetError):  # there is no film
            source.read()
    return found


def _recipe(_folder: Path) -> list[bytes]:
    return [recipe_to_toml(preset("network")).encode()]


def _collected(_folder: Path) -> list[bytes]:
    consent = {"version": "1", "text": "yes", "accepted": "2026-11-26"}
    content = {
        "format": "signnet collected",
        "version": 1,
        "parts": ["pose", "left_hand", "right_hand"],
        **{"signer": "S1", "session": "a", "handedness": "right", "consent": consent},
        "clips": [
            _collected_clip(number, clip) for number, clip in enumerate(_CORPUS[:2])
        ],
    }
    return [json.dumps(content).encode()]


def _collected_clip(number: int, clip: Clip) -> dict[str, object]:
    marks, times = clip.landmarks[:8, :75].astype("<f2"), np.arange(8, dtype="<f4")
    return {
        **{"name": f"c{number}", "gloss": "পানি", "repetition": 1, "aspect": 1.5},
        **{"recorded": "2026-11-26", "frames": 8},
        "times": b64encode(times.tobytes()).decode(),
        "landmarks": b64encode(marks.tobytes()).decode(),
    }


READERS = (
    Reader("dataset", "parquet", "a.parquet", _dataset, _clips),
    Reader("pose", "bytes", "a.pose", _import("pose"), _pose),
    Reader("pose film", "bytes", "a.pose", lambda file: deque(film_of_pose(file), 0),
           _pose),
    Reader("openpose", "json", "a/a_000000000000_keypoints.json",
           lambda file: _import("openpose")(file.parent.parent), _openpose),
    Reader("coco-wholebody", "json", "a.json", _import("coco-wholebody"), _coco),
    Reader("hands-npz", "npz", "a.npz", _import("hands-npz"), _hands),
    Reader("bdsl-npz", "npz", "A__S01__s__r__e.npz", _import("bdsl-npz"), _bdsl),
    Reader("gislr", "parquet", "a.parquet", _read_gislr, _gislr),
    Reader("gislr table", "bytes", "train.csv", _read_table, _gislr_table),
    Reader("mp-data", "bytes", "MP_Data/WORD/0/0.npy", _read_frame, _frame),
    Reader("index", "bytes", "index.csv", _read_index, _index),
    Reader("split", "json", "split.json", lambda f: read_split(f, _DATA), _split),
    Reader("list", "bytes", "split.txt", lambda f: read_split(f, _DATA), _list),
    Reader("card", "json", "model.json", ModelCard.read, _card),
    Reader("taught", "json", "taught.json", _read_taught, _taught),
    Reader("anchors", "bytes", "anchors.npy", _read_anchors, _anchors),
    Reader("expression", "npz", "expression.npz", ExpressionReader.open, _expression),
    Reader("checkpoint", "bytes", "checkpoint.pt", Checkpoint.load, _checkpoint),
    Reader("graph", "bytes", "model.onnx", open_session, _graph),
    Reader("record", "json", ".imports.json", _read_record, _record),
    Reader("elan", "bytes", "a.eaf", _read_elan, _elan),
    Reader("form", "bytes", "body", read_form, forms),
    Reader("header", "bytes", "header", read_header, headers),
    Reader("collected", "json", "a.json", _import("collected"), _collected),
    Reader("recipe", "bytes", "recipe.toml", read_recipe, _recipe),
)  # fmt: skip

os.environ.setdefault("OMP_NUM_THREADS", "1")
