"""Landmarks of other tools: one module per format, and the import into a dataset.

A format's module has `sources(path, settings)`, which lists what can be read, file by
file or clip by clip, so that a bad one does not stop the rest. `.pose` is written as
well.
"""

from signnet.formats.importing import ImportReport, import_clips
from signnet.formats.pose import write_poses
from signnet.formats.reading import open_clips, read
from signnet.formats.registry import FORMATS, OPTIONS, FormatName
from signnet.formats.source import ImportSettings

__all__ = [
    "FORMATS",
    "OPTIONS",
    "FormatName",
    "ImportReport",
    "ImportSettings",
    "import_clips",
    "open_clips",
    "read",
    "write_poses",
]
