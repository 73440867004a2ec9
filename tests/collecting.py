"""Files of collected signs as the live page writes them, for tests."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip import Clip
from signnet.skeleton import PARTS

__all__ = ["collected_content", "packed", "write_collected"]

_JOINTS = slice(0, PARTS["right_hand"].stop)


def packed(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(values.astype(kind).tobytes()).decode()


def collected_content(clips: Sequence[Clip], **other: Any) -> dict[str, Any]:
    """Give a session of these clips as the page exports it."""
    consent = {"version": "1 (2026-11)", "text": "ঠিক আছে", "accepted": "2026-11-26"}
    return {
        "format": "signnet collected",
        "version": 1,
        "parts": ["pose", "left_hand", "right_hand"],
        "signer": "S07",
        "session": "2026-11-26",
        "handedness": "left",
        "consent": consent,
        "clips": [_to_json(clip) for clip in clips],
        **other,
    }


def _to_json(clip: Clip) -> dict[str, Any]:
    times = np.arange(len(clip)) / clip.fps
    return {
        "name": clip.name,
        "gloss": clip.gloss,
        "repetition": 2,
        "recorded": "2026-11-26T09:30:00.000Z",
        "aspect": 4 / 3,
        "frames": len(clip),
        "times": packed(times, "<f4"),
        "landmarks": packed(clip.landmarks[:, _JOINTS], "<f2"),
    }


def write_collected(clips: Sequence[Clip], folder: Path, **other: Any) -> Path:
    """Write a session's file into a new folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "session.json"
    file.write_text(json.dumps(collected_content(clips, **other)), "utf-8")
    return file
