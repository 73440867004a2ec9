"""Videos to landmarks: one file to a clip, a folder to a dataset.

MediaPipe is imported only when a tracker is opened.
"""

from signnet.extract.backends import BACKENDS, extract_job, extract_video
from signnet.extract.folder import ExtractReport, extract_folder
from signnet.extract.jobs import find_videos
from signnet.extract.landmarkers import cached_models, default_cache, ensure_models
from signnet.extract.live import LiveTracker, open_live
from signnet.extract.pool import available_cores
from signnet.extract.tracker import STREAMS
from signnet.extract.video import check_length

__all__ = [
    "BACKENDS",
    "STREAMS",
    "ExtractReport",
    "LiveTracker",
    "available_cores",
    "cached_models",
    "check_length",
    "default_cache",
    "ensure_models",
    "extract_folder",
    "extract_job",
    "extract_video",
    "find_videos",
    "open_live",
]
