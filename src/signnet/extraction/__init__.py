"""Extract landmarks from videos: a file becomes a clip, a folder a dataset.

MediaPipe is imported only when a tracker is opened.
"""

from signnet.extraction.backends import (
    BACKENDS,
    extract_job,
    extract_video,
    warm_up,
)
from signnet.extraction.film import track_film
from signnet.extraction.folder import ExtractReport, extract_folder
from signnet.extraction.jobs import find_videos
from signnet.extraction.landmarkers import cached_models, default_cache, ensure_models
from signnet.extraction.pace import Beat
from signnet.extraction.pool import available_cores
from signnet.extraction.tracker import STREAMS
from signnet.extraction.video import check_length

__all__ = [
    "BACKENDS",
    "STREAMS",
    "Beat",
    "ExtractReport",
    "available_cores",
    "cached_models",
    "check_length",
    "default_cache",
    "ensure_models",
    "extract_folder",
    "extract_job",
    "extract_video",
    "find_videos",
    "track_film",
    "warm_up",
]
