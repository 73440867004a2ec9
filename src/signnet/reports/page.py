"""The frame of every page: one HTML file without outside links.

The browser shapes Bangla, with Noto Sans Bengali inside the page where `npm ci --prefix
src/signnet/web` has put it, else with a font of the system.
"""

import base64
import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from signnet.errors import SettingsError
from signnet.files import only_writer, whole_set, write_text
from signnet.reports.markup import bilingual, sentence_html
from signnet.reports.numerals import both_numerals
from signnet.reports.tables import Rows, write_table

__all__ = ["FOOTER", "head", "render", "script_of", "write"]

FOOTER = (
    "Made by signnet. This page loads nothing and sends nothing; the figures stand "
    "beside it as JSON, CSV and LaTeX."
)

_HERE = files("signnet") / "reports"
_FONT = files("signnet") / "web" / "vendor" / "noto-sans-bengali-400.woff2"


def render(*, title: str, kind: str, body: str, footer: str, heading: str = "") -> str:
    """Return the whole page as HTML.

    Parameters
    ----------
    title
        The heading, plain text.
    kind, body, footer
        HTML above the heading, of the page itself, and below it.
    heading
        HTML of the heading in both languages; the title by default.
    """
    script = script_of("report.js")
    template = Template((_HERE / "report.html").read_text(encoding="utf-8"))
    return template.substitute(
        head=head(title, script=script),
        heading=both_numerals(heading) if heading else sentence_html(title),
        kind=both_numerals(kind),
        body=both_numerals(body),
        footer=both_numerals(footer),
        filter=bilingual("Filter"),
        save=bilingual("Save as SVG"),
        script=script,
    )


def script_of(name: str) -> str:
    """Return the script of a page, after what it saves files with."""
    return "".join((_HERE / one).read_text("utf-8") for one in ("save.js", name))


def head(title: str, *, style: str = "", script: str = "") -> str:
    """Return what stands before a page's body: policy, title and style.

    Parameters
    ----------
    title
        Plain text.
    style
        CSS after that of all pages.
    script
        The only script that the page's policy allows; empty for none.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    template = Template((_HERE / "head.html").read_text(encoding="utf-8"))
    return template.substitute(
        script_policy=f"script-src 'sha256-{digest}'; " if script else "",
        plain_title=escape(unicodedata.normalize("NFC", title)),
        font=_font_face(),
        style=(_HERE / "report.css").read_text(encoding="utf-8") + style,
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
        The folder; it is created, and the files of an earlier report are replaced. The
        page comes last: without it, the others may not belong together.
    page, figures, tables
        The page's HTML, its figures, and its tables by name.
    names
        File names of the page and of the JSON.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    SettingsError
        If the folder cannot be written, or holds one of these files without a page of
        ours.
    """
    others = [f"{name}.{kind}" for name in tables for kind in ("csv", "tex")]
    _refuse_foreign(out, [*names, *others])
    text = json.dumps(figures, ensure_ascii=False, indent=1, allow_nan=False)
    with (
        only_writer(out, SettingsError),
        whole_set(out, SettingsError, last=names[0]) as draft,
    ):
        write_text(draft / names[1], text + "\n", SettingsError)
        for name, rows in tables.items():
            write_table(rows, draft / name)
        write_text(draft / names[0], page, SettingsError)
    return out / names[0]


def _refuse_foreign(out: Path, names: Sequence[str]) -> None:
    """Refuse to replace files that no report put there; the first is the page."""
    page = out / names[0]
    with suppress(OSError), page.open("rb") as file:
        if b"signnet" in file.read(2000).lower():
            return
    if there := [name for name in names if (out / name).exists()]:
        raise SettingsError(
            f"{out} holds {there[0]}, but no {names[0]} of signnet; give another folder"
        )


def _font_face() -> str:
    """Return the CSS that carries the Bangla font; empty where it is not installed."""
    if not _FONT.is_file():
        return ""
    data = base64.b64encode(_FONT.read_bytes()).decode("ascii")
    return (
        '@font-face{font-family:"Signnet Bengali";font-display:block;'
        "unicode-range:U+0951-0952,U+0964-0965,U+0980-09FE,U+200C-200D,U+25CC;"
        f'src:url("data:font/woff2;base64,{data}") format("woff2")}}'
    )
