"""One recorded sign: landmarks over time and what is known about them."""

from signnet.clip.clip import Clip, Landmarks, is_masked, nfc
from signnet.clip.times import Times, frame_rate, nearest_frames, timing

__all__ = [
    "Clip",
    "Landmarks",
    "Times",
    "frame_rate",
    "is_masked",
    "nearest_frames",
    "nfc",
    "timing",
]
