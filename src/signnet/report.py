"""An evaluation as a page that a person looks at, with its figures beside it.

The page is one file without scripts or outside links. Bangla is shaped by the browser,
with Noto Sans Bengali inside the page where `npm ci --prefix src/signnet/web` has put
it, else with a font of the system.
"""

import base64
import csv
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from signnet.charts import Row
from signnet.errors import SettingsError
from signnet.evaluation import Evaluation
from signnet.sections import sections, words

__all__ = ["write_report"]

_WEB = files("signnet") / "web"


def write_report(
    evaluation: Evaluation,
    out: Path,
    *,
    title: str,
    facts: Mapping[str, str],
    curves: Sequence[Row] | None = None,
) -> Path:
    """Write report.html, evaluation.json and per_gloss.csv into a folder.

    Parameters
    ----------
    evaluation
        What to show.
    out
        The folder; it is made, and files of these names are replaced.
    title
        The heading, such as the model's name.
    facts
        What a reader wants to know of the run: data, split, seed, command, date.
    curves
        The rows of `metrics.jsonl`, with the keys epoch, train_loss, train_top1,
        validation_loss and validation_top1; None draws no curves.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    SettingsError
        If the folder cannot be written.
    """
    page = out / "report.html"
    figures = json.dumps(
        evaluation.to_json(), ensure_ascii=False, indent=2, allow_nan=False
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "evaluation.json").write_text(figures + "\n", encoding="utf-8")
        write_table(evaluation, out / "per_gloss.csv")
        page.write_text(render(evaluation, title, facts, curves), encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"cannot write a report to {out}: {reason}") from error
    return page


def write_table(evaluation: Evaluation, path: Path) -> None:
    """Write a row per gloss, in the UTF-8 with a mark that spreadsheets need."""
    rows = [{"gloss": g, **asdict(s)} for g, s in evaluation.per_gloss.items()]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def render(
    evaluation: Evaluation,
    title: str,
    facts: Mapping[str, str],
    curves: Sequence[Row] | None,
) -> str:
    """Give the whole page as HTML."""
    template = Template((_WEB / "report.html").read_text(encoding="utf-8"))
    return template.substitute(
        plain_title=escape(unicodedata.normalize("NFC", title)),
        title=words(title),
        font=font_face(),
        style=(_WEB / "report.css").read_text(encoding="utf-8"),
        body=sections(evaluation, facts, curves),
    )


def font_face() -> str:
    """Give the CSS that carries the Bangla font; empty where it is not installed."""
    font = _WEB / "vendor" / "noto-sans-bengali-400.woff2"
    if not font.is_file():
        return ""
    data = base64.b64encode(font.read_bytes()).decode("ascii")
    return (
        '@font-face{font-family:"Signnet Bengali";font-display:block;'
        "unicode-range:U+0951-0952,U+0964-0965,U+0980-09FE,U+200C-200D,U+25CC;"
        f'src:url("data:font/woff2;base64,{data}") format("woff2")}}'
    )
