"""Paths that users give; whole files and folders; locks; arrays and cells of tables."""

from signnet.files.arrays import NOT_AN_ARRAY, read_array, read_arrays
from signnet.files.below import files_below
from signnet.files.cells import guarded
from signnet.files.errors import one_line_error
from signnet.files.locks import only_writer
from signnet.files.paths import as_path, storable
from signnet.files.unfinished import (
    check_finished,
    is_unfinished,
    mark_finished,
    mark_unfinished,
    unfinished,
)
from signnet.files.whole import (
    clear_drafts,
    draft_folder,
    whole_file,
    whole_folder,
    whole_set,
    write_text,
)

__all__ = [
    "NOT_AN_ARRAY",
    "as_path",
    "check_finished",
    "clear_drafts",
    "draft_folder",
    "files_below",
    "guarded",
    "is_unfinished",
    "mark_finished",
    "mark_unfinished",
    "one_line_error",
    "only_writer",
    "read_array",
    "read_arrays",
    "storable",
    "unfinished",
    "whole_file",
    "whole_folder",
    "whole_set",
    "write_text",
]
