"""One recorded sign: landmarks over time and what is known about them."""

from signnet.clip.clip import (
    Clip,
    Landmarks,
    frame_rate,
    is_masked,
    nearest_frames,
    nfc,
)

__all__ = ["Clip", "Landmarks", "frame_rate", "is_masked", "nearest_frames", "nfc"]
