"""The demonstration shows what it says, on signers that it invents."""

import re
from pathlib import Path

import pytest

from commands import Command, assert_one_line

pytestmark = pytest.mark.slow

MOST_LINES = 12


def figures(text: str) -> list[float]:
    return [float(one) for one in re.findall(r"top-1 (\d\.\d+)", text)]


def test_the_demo_learns_judges_refuses_and_teaches(
    signnet: Command, tmp_path: Path
) -> None:
    ended = signnet("demo", tmp_path / "demo")
    assert ended.status == 0, ended.err
    assert len(ended.out.splitlines()) <= MOST_LINES
    strangers, before, after = figures(ended.out)
    assert strangers >= 0.9
    assert before <= 0.7
    assert after >= before + 0.25
    found = re.search(r"no answer, in (\d+) of (\d+) clips", ended.out)
    assert found
    assert int(found[1]) >= 0.7 * int(found[2])
    assert (tmp_path / "demo" / "report" / "report.html").is_file()
    assert (tmp_path / "demo" / "taught" / "model.json").is_file()
    again = signnet("demo", tmp_path / "demo")
    assert_one_line(again, "exists already")
