"""The frame of every page: one HTML file without scripts or outside links.

Bangla is shaped by the browser, with Noto Sans Bengali inside the page where `npm ci
--prefix src/signnet/web` has put it, else with a font of the system. Our own sentences
stand in the page in English and in Bangla; a switch at its top shows one of them.
"""

import base64
import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from html import escape, unescape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from signnet.errors import SettingsError
from signnet.reports.charts import language
from signnet.reports.tables import Rows, write_table

__all__ = ["FOOTER", "font_face", "plain", "render", "say", "words", "write"]

FOOTER = (
    "Made by signnet. This page loads nothing and sends nothing; the figures stand "
    "beside it as JSON, CSV and LaTeX."
)

_HERE = files("signnet") / "reports"
_FONT = files("signnet") / "web" / "vendor" / "noto-sans-bengali-400.woff2"


def words(text: str) -> str:
    """Escape a text and name its language where that is Bangla."""
    attribute = language(text)
    return f"<span{attribute}>{escape(text)}</span>" if attribute else escape(text)


def plain(html: str) -> str:
    """Give the English text of our own HTML, for attributes."""
    english = re.sub(r'<span class="bn".*?</span>', "", html)
    return escape(unescape(re.sub(r"<[^>]*>", "", english)))


@cache
def _bangla() -> dict[str, str]:
    return json.loads((_HERE / "bangla.json").read_text(encoding="utf-8"))


def say(english: str, **values: object) -> str:
    """Write one of our sentences in both languages, as HTML.

    Parameters
    ----------
    english
        The sentence, a key of `bangla.json`; without one it is English only.
    values
        What `{name}` in it stands for, as HTML.
    """
    texts = {"en": english, "bn": _bangla().get(english)}
    if texts["bn"] is None:
        return english.format(**values) if values else english
    return "".join(
        f'<span class="{key}" lang="{key}">{str(text).format(**values)}</span>'
        for key, text in texts.items()
    )


def render(*, title: str, kind: str, body: str, footer: str) -> str:
    """Give the whole page as HTML.

    Parameters
    ----------
    title
        The heading, plain text.
    kind, body, footer
        What stands above the heading, in the page and below it, as HTML.
    """
    template = Template((_HERE / "report.html").read_text(encoding="utf-8"))
    return template.substitute(
        plain_title=escape(unicodedata.normalize("NFC", title)),
        title=words(title),
        kind=kind,
        font=font_face(),
        style=(_HERE / "report.css").read_text(encoding="utf-8"),
        body=body,
        footer=footer,
    )


def write(
    out: Path,
    page: str,
    figures: Mapping[str, Any],
    tables: Mapping[str, Rows],
    *,
    names: tuple[str, str],
) -> Path:
    """Write a page, its figures as JSON and its tables into a folder.

    Parameters
    ----------
    out
        The folder; it is made, and files of these names are replaced.
    page, figures, tables
        What to write; the tables by name.
    names
        The page's and the JSON file's.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    SettingsError
        If the folder cannot be written.
    """
    text = json.dumps(figures, ensure_ascii=False, indent=1, allow_nan=False)
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / names[1]).write_text(text + "\n", encoding="utf-8")
        for name, rows in tables.items():
            write_table(rows, out / name)
        (out / names[0]).write_text(page, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"cannot write a report to {out}: {reason}") from error
    return out / names[0]


def font_face() -> str:
    """Give the CSS that carries the Bangla font; empty where it is not installed."""
    if not _FONT.is_file():
        return ""
    data = base64.b64encode(_FONT.read_bytes()).decode("ascii")
    return (
        '@font-face{font-family:"Signnet Bengali";font-display:block;'
        "unicode-range:U+0951-0952,U+0964-0965,U+0980-09FE,U+200C-200D,U+25CC;"
        f'src:url("data:font/woff2;base64,{data}") format("woff2")}}'
    )
