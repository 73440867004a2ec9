"""The rule by which an annotation's text becomes a gloss.

In this order: comments in brackets are left out (`HOUSE (two hands)`, `[MG]`); marks of
form and doubt at the ends are left out (`*`, `^`, `?`, `!`); then the number of a
lexical variant, with its letter (`TIME5A`, `YO_1`, `HOUSE-2`, `weather1`), unless
variants are to be kept. A name that begins with `$`, and what has no letter before its
number, keeps the number. What is empty then, or only a question mark with the number
of a group, has no gloss.
"""

import re

from signnet.clip import nfc

__all__ = ["clean_gloss"]

_COMMENTS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>")
_UNKNOWN = re.compile(r"\?+\s*\d*")
_MARKS = "*^?!:;,. \t\r\n"
_VARIANT = re.compile(r"(.*[^\W\d_](?:.*[^\s\d_-])?)[-_ ]?\d{1,3}[A-Za-z]?")


def clean_gloss(value: str, *, keep_variants: bool = False) -> str | None:
    """Return the gloss of an annotation's text; None if there is none.

    Parameters
    ----------
    value
        The text as it stands in the file.
    keep_variants
        Whether `TIME5A` and `TIME1` are two glosses.
    """
    text = value
    while text != (shorter := _COMMENTS.sub(" ", text)):
        text = shorter
    text = nfc(" ".join(text.split()))
    if _UNKNOWN.fullmatch(text):
        return None
    text = text.strip(_MARKS)
    if not keep_variants and not text.startswith("$"):
        found = _VARIANT.fullmatch(text)
        text = found[1].strip(_MARKS) if found else text
    return text or None
