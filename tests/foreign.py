"""Clips written as other tools write them, for tests.

The layouts are those that OpenPose (doc/02_output.md), MMPose (split_instances and the
inferencer's and the demos' way to save), COCO's results, Kaggle's GISLR and the
MP_Data tutorials document; no files of those tools are at hand.
"""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from signnet.clip import Clip
from signnet.formats.joints import TRACKERS
from signnet.skeleton import PARTS

WIDTH, HEIGHT = 1280, 720


def points_of(clip: Clip, tracker: str, height: int = HEIGHT) -> np.ndarray:
    """Give a clip as another tracker's x, y in pixels and confidence; 0 unseen."""
    joints = np.array(TRACKERS[tracker])
    points = clip.landmarks[:, joints] * height
    points[..., 2] = 0.9
    points[:, joints < 0] = np.nan
    points[np.isnan(points[..., 0])] = 0
    return points.astype(float).round(3)


def write_openpose(clip: Clip, folder: Path, name: str = "clip") -> list[Path]:
    """Write one file a frame; the signer is the second of three people."""
    cuts = np.cumsum([25, 70, 21])
    names = ("pose", "face", "hand_left", "hand_right")
    files: list[Path] = []
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(points_of(clip, "openpose")):
        parts = np.split(frame, cuts)
        signer = {
            f"{part}_keypoints_2d": values.ravel().tolist()
            for part, values in zip(names, parts, strict=True)
        }
        other = {"person_id": [-1], "pose_keypoints_2d": [5.0, 5.0, 0.4] * 25}
        content = {
            "version": 1.3,
            "people": [other, {"person_id": [-1]} | signer, other],
        }
        files.append(folder / f"{name}_{number:012d}_keypoints.json")
        files[-1].write_text(json.dumps(content))
    return files


def write_as_openpose_did(pose_file: Path, folder: Path) -> None:
    """Turn a `.pose` file of OpenPose's numbers back into one JSON file a frame."""
    from pose_format import Pose

    pose: Any = Pose.read(pose_file.read_bytes())
    numbers = np.concatenate([pose.body.data.data, pose.body.confidence[..., None]], -1)
    names = [component.name for component in pose.header.components]
    cuts = np.cumsum([len(component.points) for component in pose.header.components])
    folder.mkdir()
    for number, people in enumerate(np.nan_to_num(numbers).astype(float)):
        told = [
            dict(zip(names, (p.ravel().tolist() for p in parts), strict=True))
            for parts in (np.split(person, cuts[:-1]) for person in people)
        ]
        file = folder / f"real_{number:012d}_keypoints.json"
        file.write_text(json.dumps({"version": 1.2, "people": told}))


def wholebody(clip: Clip, form: str) -> Any:
    """Give a clip as MMPose's inferencer, its demos, or COCO's results have it."""
    points = points_of(clip, "coco-wholebody")
    if form.startswith("coco"):
        return [_coco(number, frame, form) for number, frame in enumerate(points)]
    frames = [
        {
            "frame_id": number,
            "instances": [
                {
                    "keypoints": frame[:, :2].tolist(),
                    "keypoint_scores": frame[:, 2].tolist(),
                    "bbox": [[0.0, 0.0, 9.0, 9.0]],
                    "bbox_score": 0.9,
                }
            ],
        }
        for number, frame in enumerate(points)
    ]
    return {"meta_info": {}, "instance_info": frames} if form == "demo" else frames


def _coco(number: int, frame: np.ndarray, form: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"image_id": number, "category_id": 1, "score": 1.0}
    if form == "coco":
        return entry | {"keypoints": frame.ravel().tolist()}
    keys = ("keypoints", "foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")
    parts = np.split(frame, np.cumsum([17, 6, 68, 21]))
    values = {k: part.ravel().tolist() for k, part in zip(keys, parts, strict=True)}
    return entry | values | {"image_id": f"frame_{number:06d}.jpg"}


def shares_of(clip: Clip, aspect: float) -> np.ndarray:
    """Give a clip in picture widths and heights, as MediaPipe does."""
    return clip.landmarks / np.array([aspect, 1, aspect], np.float32)


def write_gislr(
    clips: list[Clip], folder: Path, aspect: float, first_frame: int = 17
) -> Path:
    """Write train.csv and a Parquet file a clip, of 543 landmarks a frame."""
    counts = {"face": 468, "left_hand": 21, "pose": 33, "right_hand": 21}
    order = np.concatenate([PARTS[p].start + np.arange(n) for p, n in counts.items()])
    rows = []
    for number, clip in enumerate(clips):
        places = shares_of(clip, aspect)[:, order].reshape(-1, 3)
        frames = len(clip)
        frame = np.repeat(np.arange(frames), 543) + first_frame
        kinds = np.tile(np.repeat(list(counts), list(counts.values())), frames)
        numbers = np.tile(
            np.concatenate([np.arange(n) for n in counts.values()]), frames
        )
        table = pd.DataFrame(
            {
                "frame": frame.astype(np.int16),
                "row_id": [f"{f}-{k}" for f, k in zip(frame, kinds, strict=True)],
                "type": kinds,
                "landmark_index": numbers.astype(np.int16),
                **{axis: places[:, i].astype(float) for i, axis in enumerate("xyz")},
            }
        )
        path = f"train_landmark_files/{clip.signer}/{1000 + number}.parquet"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(folder / path)
        rows.append([path, clip.signer, 1000 + number, clip.gloss])
    with (folder / "train.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [["path", "participant_id", "sequence_id", "sign"], *rows]
        )
    return folder / "train.csv"


MP_DATA = {
    1662: "pose4 face468 left_hand right_hand",
    1692: "pose4 face478 left_hand right_hand",
    258: "pose4 left_hand right_hand",
    225: "pose3 left_hand right_hand",
    126: "left_hand right_hand",
    1629: "pose3 left_hand right_hand face468",
    1659: "pose3 left_hand right_hand face478",
    1530: "face468 left_hand right_hand",
    1560: "face478 left_hand right_hand",
}
"""The parts of a frame of MP_Data by its length, in their usual order."""


def write_mp_data(
    clip: Clip, folder: Path, aspect: float, parts: str = MP_DATA[1662], place: str = ""
) -> list[Path]:
    """Write GLOSS/0/FRAME.npy of these parts; a part not seen is zeros."""
    target = folder / (place or f"{clip.gloss}/0")
    target.mkdir(parents=True)
    files = []
    for number, frame in enumerate(np.nan_to_num(shares_of(clip, aspect))):
        files.append(target / f"{number}.npy")
        np.save(files[-1], np.concatenate([_numbers(frame, p) for p in parts.split()]))
    return files


def _numbers(frame: np.ndarray, part: str) -> np.ndarray:
    name = part.rstrip("0123456789")
    points = frame[PARTS[name].joints]
    if part == "pose4":
        points = np.column_stack([points, np.full(33, 0.9)])
    return points[:468].ravel() if part == "face468" else points.ravel()
