"""MediaPipe's legacy Solutions: pose, hands and face mesh, with models in the package.

They are in MediaPipe up to 0.10.21, which needs numpy 1: use a separate environment.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from signnet.clip.shapes import Float32
from signnet.extraction.decoder import Pixels
from signnet.extraction.tasks import quiet
from signnet.extraction.tracker import Sighting

__all__ = ["SolutionsTracker", "open_solutions"]


class SolutionsTracker:
    """Solutions of MediaPipe for the frames of one clip."""

    def __init__(self, solutions: Mapping[str, Any]) -> None:
        self._solutions = solutions
        self._is_first = True

    def see(self, pixels: Pixels, milliseconds: int) -> Sighting:
        """Find pose, hands and face in a frame."""
        if self._is_first:
            self._is_first = False
            with quiet():
                return self.see(pixels, milliseconds)
        found = {name: one.process(pixels) for name, one in self._solutions.items()}
        pose = found["pose"].pose_landmarks if "pose" in found else None
        faces = found["face"].multi_face_landmarks if "face" in found else None
        return Sighting(
            pose=_points(pose) if pose else None,
            hands=_hands(found["hands"]) if "hands" in found else [],
            face=_points(faces[0]) if faces else None,
        )


def _points(landmarks: Any) -> Float32[np.ndarray, "joint 3"]:
    points = [(point.x, point.y, point.z) for point in landmarks.landmark]
    return np.array(points, np.float32)


def _hands(result: Any) -> list[tuple[Float32[np.ndarray, "21 3"], float]]:
    """Return the hands; their labels are those of a mirrored picture, so swap them."""
    labels = [hand.classification[0] for hand in result.multi_handedness or ()]
    leftness = [
        label.score if label.label == "Right" else 1 - label.score for label in labels
    ]
    points = map(_points, result.multi_hand_landmarks or ())
    return list(zip(points, leftness, strict=True))


@contextmanager
def open_solutions(
    streams: Sequence[str], _models: Mapping[str, Path]
) -> Generator[SolutionsTracker, None, None]:
    """Open a tracker for one clip, with the models of the package."""
    import mediapipe  # `check_backend` has checked the version

    solutions: Any = mediapipe.solutions  # pyright: ignore[reportAttributeAccessIssue]
    made = {
        "pose": lambda: solutions.pose.Pose(model_complexity=1),
        "hands": lambda: solutions.hands.Hands(max_num_hands=2),
        "face": lambda: solutions.face_mesh.FaceMesh(refine_landmarks=True),
    }
    with ExitStack() as stack:
        with quiet():
            opened = {name: stack.enter_context(made[name]()) for name in streams}
        yield SolutionsTracker(opened)
