"""Numbers of a page in the digits of the language that the reader selects."""

import re

__all__ = ["both_numerals"]

_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)([^>]*)>|<!--.*?-->", re.DOTALL)
_CLASSES = re.compile(r'\bclass="([^"]*)"')
_NUMBERS_ONLY = re.compile(r"[\s\d.,:;/()%+\-–−±×…\u00a0\u2060]*\d[^\w<>&]*")
_LONE_NUMBER = re.compile(r"(?<![A-Za-z0-9_./-])\d+(?:[.,]\d+)*(?![A-Za-z0-9_])")
_ENTITY = re.compile(r"&#?\w+;")
_BANGLA = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")
_VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}
_VERBATIM = {"code", "kbd", "pre", "style", "title", "th"}
_VERBATIM_CLASSES = {"en", "facts", "name"}


def both_numerals(html: str) -> str:
    """Write the numbers of our own HTML in Bangla digits where Bangla is shown.

    Numbers inside Bangla sentences (`class="bn"`) are rewritten; a text of numbers
    alone is written twice, for either language. Names, glosses, facts and numbers that
    belong to a name (S01, F1) stay as they are.
    """
    out: list[str] = []
    kinds: list[tuple[str, str]] = []
    place = 0
    for found in _TAG.finditer(html):
        out.append(_text(html[place : found.start()], kinds))
        place = found.end()
        tag = found.group()
        out.append(tag)
        ends, name, rest = found.group(1), found.group(2), found.group(3)
        if name is None or name in _VOID or rest.endswith("/"):
            continue
        if not ends:
            kinds.append((name, _kind(name, rest, kinds[-1][1] if kinds else "")))
        elif kinds and kinds[-1][0] == name:
            kinds.pop()
    out.append(_text(html[place:], kinds))
    return "".join(out)


def _kind(name: str, attributes: str, outer: str) -> str:
    """Return how texts in an element are treated: verbatim, Bangla, or either."""
    found = _CLASSES.search(attributes)
    classes = set(found.group(1).split()) if found else set[str]()
    is_gloss = name == "td" and "number" not in classes
    if outer == "verbatim" or name in _VERBATIM or classes & _VERBATIM_CLASSES:
        return "verbatim" if "bn" not in classes else "bangla"
    if "bn" in classes or outer == "bangla":
        return "bangla"
    return "gloss" if is_gloss or (outer == "gloss" and name != "td") else ""


def _text(text: str, kinds: list[tuple[str, str]]) -> str:
    name, kind = kinds[-1] if kinds else ("", "")
    if kind == "bangla":
        return _in_bangla(text)
    if kind or not _NUMBERS_ONLY.fullmatch(text):
        return text
    tag = "tspan" if name in ("text", "tspan") else "span"
    bangla = f'<{tag} class="bn" lang="bn">{_in_bangla(text)}</{tag}>'
    return f'<{tag} class="en">{text}</{tag}>{bangla}'


def _in_bangla(text: str) -> str:
    parts = re.split(f"({_ENTITY.pattern})", text)
    rewrite = _LONE_NUMBER.sub
    return "".join(
        part if index % 2 else rewrite(lambda one: one[0].translate(_BANGLA), part)
        for index, part in enumerate(parts)
    )
