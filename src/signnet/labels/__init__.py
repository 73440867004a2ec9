"""Labels of files: one rule for extraction and for every import format."""

from signnet.labels.index import is_dropped, read_dropped, read_index, read_rows
from signnet.labels.names import unique_names
from signnet.labels.rule import Labels, label_files, labels_of_name

__all__ = [
    "Labels",
    "is_dropped",
    "label_files",
    "labels_of_name",
    "read_dropped",
    "read_index",
    "read_rows",
    "unique_names",
]
