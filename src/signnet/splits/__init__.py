"""Splits: which clips a model is trained and tested on, and what the two share."""

from signnet.splits.checking import check, describe_overlap
from signnet.splits.file import choose_fold, read_split, write_split
from signnet.splits.making import make_split
from signnet.splits.split import By, Fold, Split

__all__ = [
    "By",
    "Fold",
    "Split",
    "check",
    "choose_fold",
    "describe_overlap",
    "make_split",
    "read_split",
    "write_split",
]
