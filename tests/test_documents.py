"""What the documents say about the project is true of its files."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from signnet.cli import app

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "signnet"
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text("utf-8")
DESIGN = (ROOT / "docs" / "design.md").read_text("utf-8")
MOST_LINES = 165
"""Lines of the README: a newcomer reads it to its end."""
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted(ROOT.glob("docs/**/*.md")),
]
FOREIGN = {"node_modules", "vendor", "__pycache__"}

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|opt|Users)/\w")
REGISTRY = re.compile(r"\bpypi\.\w|python[h]osted|\bregistry\.\w+\.\w")


def texts() -> Iterator[Path]:
    """Give the files that people write, without what tools fetch."""
    yield from (file for file in ROOT.iterdir() if file.is_file())
    for folder in ("src", "tests", "benchmarks", "docs", "release", ".ci", ".github"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and not FOREIGN & set(file.parts):
                yield file


def file_map() -> list[str]:
    section = DESIGN.partition("## File map")[2].partition("\n## ")[0]
    return re.findall(r"^([\w/]+\.py)(?= )", section, re.MULTILINE)


def anchors(document: Path) -> set[str]:
    """Give the names that a page's headings get on GitHub."""
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def test_the_file_map_lists_every_module_once_and_no_other() -> None:
    modules = {file.relative_to(SOURCE).as_posix() for file in SOURCE.rglob("*.py")}
    listed = file_map()
    wrong = modules ^ set(listed)
    assert not wrong, f"not in the file map, or not there any more: {wrong}; make docs"
    assert len(listed) == len(set(listed))


def test_every_command_is_documented_with_its_help() -> None:
    commands = {name for name in app if not name.startswith("-")}
    documented = set(re.findall(r"^## signnet (\S+)$", COMMANDS, re.MULTILINE))
    assert commands == documented, "make docs"
    for name in commands:
        assert re.search(rf"```text\nUsage: signnet {name}\s", COMMANDS), "make docs"


def test_the_readme_can_be_read_to_its_end() -> None:
    assert len(README.splitlines()) <= MOST_LINES


def test_every_target_that_the_readme_names_is_in_the_makefile() -> None:
    rules = (ROOT / "Makefile").read_text("utf-8")
    code = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    named = set(re.findall(r"^make (\w+)", "\n".join(code), re.MULTILINE))
    assert {"demo", "test"} <= named
    assert named <= set(re.findall(r"^(\w+):", rules, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = document.parent / file if file else document
        assert target.exists(), f"{document.name} links to {link}"
        assert not anchor or anchor in anchors(target), f"{link}: no such heading"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_modules_and_tests_that_are_named_exist(document: Path) -> None:
    places = (ROOT, SOURCE, ROOT / "tests")
    named = re.findall(r"`([\w/]+\.py)`", document.read_text("utf-8"))
    lost = [file for file in named if not any((at / file).is_file() for at in places)]
    assert not lost, f"{document.name} names {lost}"


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)
    assert versions[0] in (project["version"], "Unreleased")
    assert project["version"] in versions


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY], ids=["path", "registry"])
def test_no_file_names_one_machine_or_one_registry(pattern: re.Pattern[str]) -> None:
    found = [
        f"{file.relative_to(ROOT)}: {match.group()}"
        for file in texts()
        for match in pattern.finditer(file.read_text("utf-8", errors="ignore"))
    ]
    assert not found


def test_the_patterns_know_what_they_look_for() -> None:
    assert MACHINE_PATH.search("see " + "/home" + "/ada/signnet")
    assert REGISTRY.search("https://" + "pypi" + ".org/simple")
    assert not MACHINE_PATH.search("src/work/x and https://a.org/home/x")


def test_the_citation_names_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert re.findall(r"^version: (.+)$", citation, re.MULTILINE) == [
        project["version"]
    ]
    assert re.findall(r"^license: (.+)$", citation, re.MULTILINE) == [
        project["license"]
    ]


def test_the_site_s_contents_list_every_page() -> None:
    contents = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2]
    listed = re.findall(r"[\w/]+\.md", contents.partition("\nplugins:")[0])
    docs = ROOT / "docs"
    pages = [one.relative_to(docs).as_posix() for one in docs.rglob("*.md")]
    assert sorted(listed) == sorted(pages)
