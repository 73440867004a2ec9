"""Small pieces of HTML: escaped text, sentences in two languages, tables, figures.

The page holds each of our sentences in English and in Bangla; a switch at its top
selects the language. `bangla.json` holds the translations.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape, unescape
from importlib.resources import files

__all__ = [
    "INTERVAL",
    "bilingual",
    "clip_name_html",
    "facts_section",
    "held_out_html",
    "interval",
    "join",
    "labelled",
    "language",
    "names_html",
    "percent",
    "plain",
    "sentence_html",
    "subject_html",
    "table",
    "text_html",
    "tiles",
]

INTERVAL = "95\u00a0% interval"
"""The head of a column of intervals, a key of `bangla.json`."""

_BANGLA = files("signnet") / "reports" / "bangla.json"
_DASH = "\u2060–\u2060"  # no line breaks at the dash


def language(text: str) -> str:
    """Return the HTML attribute that names a text's language; empty for Latin."""
    bangla = any("\u0980" <= letter <= "\u09ff" for letter in text)
    return ' lang="bn"' if bangla else ""


def text_html(text: str) -> str:
    """Escape a text and mark its language where that is Bangla."""
    attribute = language(text)
    return f"<span{attribute}>{escape(text)}</span>" if attribute else escape(text)


def clip_name_html(name: str) -> str:
    """Escape a clip's name so that a narrow column breaks it between its parts."""
    return text_html(name).replace("__", "__<wbr>")


def names_html(names: Sequence[str], longest: int) -> str:
    """List clip names up to a length, then how many more there are."""
    listed = ", ".join(clip_name_html(name) for name in names[:longest])
    more = len(names) - longest
    return f'<p class="name">{listed}{f" + {more}" if more > 0 else ""}</p>'


def labelled(html: str) -> str:
    """Return attributes that name an element in both languages; the script switches."""
    attributes = f'aria-label="{plain(html)}"'
    if 'class="bn"' not in html:
        return attributes
    return f'{attributes} data-bn="{plain(html, "bn")}"'


def plain(html: str, language: str = "en") -> str:
    """Return the text of our own HTML in one language, for attributes."""
    other = "bn" if language == "en" else "en"
    one = re.sub(rf'<span class="{other}".*?</span>', "", html)
    return escape(unescape(re.sub(r"<[^>]*>", "", one)))


@cache
def _bangla() -> dict[str, str]:
    return json.loads(_BANGLA.read_text(encoding="utf-8"))


def bilingual(english: str, *numbers: object, **values: object) -> str:
    """Write one of our sentences in both languages, as HTML.

    Parameters
    ----------
    english
        The sentence, a key of `bangla.json`; without one it is English only.
    numbers, values
        Values of `{0}` and `{name}` in the sentence, as HTML.
    """
    bangla = _bangla().get(english)
    if bangla is None:
        given = numbers or values
        return english.format(*numbers, **values) if given else english
    return "".join(
        f'<span class="{code}" lang="{code}">{text.format(*numbers, **values)}</span>'
        for code, text in (("en", english), ("bn", bangla))
    )


def held_out_html(text: str) -> str:
    """Write what training did not see; the sentences of `splits` in both languages."""
    numbers = re.findall(r"\d+", text)
    fields = (f"{{{index}}}" for index in range(len(numbers)))
    sentence = re.sub(r"\d+", lambda _: next(fields), text)
    if sentence not in _bangla():
        return text_html(text)
    return bilingual(sentence, *numbers)


def sentence_html(text: str) -> str:
    """Write a text in both languages where its translation is known."""
    return bilingual(text) if text in _bangla() else text_html(text)


def subject_html(english: str, names: Mapping[str, str], number: int = 0) -> str:
    """Write a heading about models and data; digits of their names stay as they are."""
    marked = {
        key: f'<span class="name">{text_html(name)}</span>'
        for key, name in names.items()
    }
    return bilingual(english, number=number, **marked)


def percent(share: float) -> str:
    """Write a share for people: 0.9032 as 90.3 %."""
    return f"{100 * share:.1f}\u00a0%"


def interval(bounds: tuple[float, float]) -> str:
    """Write an interval of shares: 80.4-95.5 %."""
    return f"{100 * bounds[0]:.1f}{_DASH}{percent(bounds[1])}"


def join(parts: Iterable[str]) -> str:
    """Put the sections of a page one below the other, leaving out empty ones."""
    return "\n".join(part for part in parts if part)


def tiles(figures: Mapping[str, str]) -> str:
    """Show a few figures with their names; both are HTML."""
    inner = "".join(
        f"<div><dt>{name}</dt><dd>{figure}</dd></div>"
        for name, figure in figures.items()
    )
    return f'<dl class="tiles">{inner}</dl>'


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[str],
    *,
    order: str = "",
    kind: str = "",
) -> str:
    """Make a table that scrolls in its own box.

    Parameters
    ----------
    caption
        Text above the table, as HTML.
    heads
        The heads as HTML. One that starts with # stands above numbers, one with ~
        above numbers that are hidden on phones. An empty one, or ~ alone, is an empty
        cell.
    rows
        The rows as HTML, each a `<tr>`.
    order
        How the rows are sorted, as HTML after the caption; the page's script takes it
        away when the reader sorts them otherwise.
    kind
        Classes of the table: `sortable` for one whose rows the reader may sort and
        filter, `long` for one that scrolls in a box of limited height.
    """
    said = f'{caption}<span class="order">{order}</span>' if order else caption
    return (
        f'<div class="scroll {kind}" tabindex="0" role="region" '
        f"{labelled(caption)}>"
        f"<table><caption>{said}</caption><thead><tr>"
        f"{''.join(map(_head, heads))}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _head(head: str) -> str:
    kinds = {"#": ' class="number"', "~": ' class="number wide"'}
    attribute, text = kinds.get(head[:1], ""), head.lstrip("#~")
    return (
        f'<th scope="col"{attribute}>{text}</th>' if text else f"<td{attribute}></td>"
    )


def facts_section(facts: Mapping[str, str]) -> str:
    """List the model, the data and the command; empty without facts."""
    if not facts:
        return ""
    inner = "".join(
        f"<dt>{sentence_html(name)}</dt><dd>{text_html(text)}</dd>"
        for name, text in facts.items()
    )
    title = bilingual("About this run")
    return f'<section><h2>{title}</h2><dl class="facts">{inner}</dl></section>'
