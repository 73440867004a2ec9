"""Labels of files: one rule for extraction and for every import format."""

from signnet.labels.index import read_index
from signnet.labels.names import unique_names
from signnet.labels.rule import Labels, label_files, labels_of_name

__all__ = ["Labels", "label_files", "labels_of_name", "read_index", "unique_names"]
