"""The tutorial's notebook runs from top to bottom, and says what the page says."""

import json
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGE = (DOCS / "first_model.md").read_text("utf-8")
NOTEBOOK = json.loads((DOCS / "first_model.ipynb").read_text("utf-8"))


def cells(kind: str) -> list[str]:
    found = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == kind]
    return ["".join(cell["source"]) for cell in found]


@pytest.mark.slow
@pytest.mark.usefixtures("without_shape_checks")
def test_the_notebook_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names = dict[str, object]()
    for number, code in enumerate(cells("code"), 1):
        exec(compile(code, f"cell {number}", "exec"), names)
    said = capsys.readouterr().out
    taught = re.search(r"(\d+) of (\d+)\n", said)
    assert taught
    assert int(taught[1]) >= 0.9 * int(taught[2])
    assert (tmp_path / "report" / "report.html").is_file()
    assert (tmp_path / "taught" / "taught.json").is_file()


def test_the_notebook_says_what_the_page_says() -> None:
    blocks = re.findall(r"```python\n(.*?)\n```\n", PAGE, re.DOTALL)
    assert cells("code") == blocks
    assert "\n\n".join(cells("markdown")).split() == (
        re.sub(r"```python\n.*?```\n", "", PAGE, flags=re.DOTALL).split()
    )


def test_the_notebook_holds_nothing_of_a_run() -> None:
    for cell in NOTEBOOK["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
