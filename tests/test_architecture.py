"""The layers of docs/design.md, read from the import statements."""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "signnet"

LAYERS = (
    {"errors", "skeleton"},
    {"config", "clip", "files"},
    {"geometry", "dataset"},
    {"labels", "splits", "synthetic"},
    {"extraction", "formats", "models"},
    {"recognise"},
    {"training", "evaluation", "doctor"},
    {"reports"},
    {"web", "server", "api"},
    {"cli"},
)
"""From the ground up; a module imports from its own layer or from those below."""

DOORS = {
    "jaxtyping": {"clip"},
    "mediapipe": {"extraction"},
    "cv2": {"extraction"},
    "av": {"extraction"},
    "pose_format": {"formats"},
    "pympi": {"formats"},
    "ray": {"extraction"},
    "onnxruntime": {"recognise"},
    "huggingface_hub": {"recognise"},
    "onnx": {"training"},
    "torch": {"models", "training"},
    "rich": {"cli"},
    "cyclopts": {"cli"},
    "lightning_fabric": {"training"},
    "wandb": {"training"},
    "tensorboard": {"training"},
    "fastapi": {"server"},
    "starlette": {"server"},
    "uvicorn": {"server"},
}
"""Which modules or folders may import a heavy library."""

WITH_TORCH = {"models", "training"}
"""The only folders that need torch; nothing else imports them when it is imported."""

MOST_ENTRIES = 26
"""Entries of the package's folder, so that its listing can be taken in at a glance."""


def module_of(file: Path) -> str:
    """Name the module or subpackage right below signnet."""
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


FILES = sorted(
    file for file in SOURCE.rglob("*.py") if "node_modules" not in file.parts
)
MODULES = sorted({module_of(file) for file in FILES} - {"__init__", "__main__"})


def imports(tree: ast.AST, *, whole_file: bool = True) -> Iterator[str]:
    """Give the dotted names of what a file imports, or only what it does on import."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the layers"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif whole_file or not is_lazy(node):
            yield from imports(node, whole_file=whole_file)


def is_lazy(node: ast.AST) -> bool:
    """Tell whether a statement's imports run later or only for type checkers."""
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def imported(files: list[Path], *, whole_file: bool = True) -> dict[str, set[str]]:
    """Collect what each module imports."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in files:
        names = imports(ast.parse(file.read_text("utf-8")), whole_file=whole_file)
        found[module_of(file)].update(names)
    return found


def own(names: set[str]) -> set[str]:
    """Keep signnet's modules: `signnet.clip.Clip` is `clip`."""
    return {
        name.split(".")[1]
        for name in names
        if name.startswith("signnet.") and name.split(".")[1] in MODULES
    }


IMPORTS = imported(FILES)


def layer(module: str) -> int:
    return next(level for level, names in enumerate(LAYERS) if module in names)


def test_every_module_has_a_layer() -> None:
    unknown = set(MODULES) - set().union(*LAYERS)
    assert not unknown, f"put {sorted(unknown)} into LAYERS, or where their users are"


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    upwards = {one for one in own(IMPORTS[module]) if layer(one) > layer(module)}
    assert not upwards, f"{module} imports {sorted(upwards)} from above"


def test_no_modules_import_each_other() -> None:
    graph = {module: own(IMPORTS[module]) - {module} for module in MODULES}
    assert list(TopologicalSorter(graph).static_order())  # CycleError otherwise


@pytest.mark.parametrize("library", DOORS)
def test_a_heavy_library_stays_behind_its_door(library: str) -> None:
    users = {
        module
        for module, names in IMPORTS.items()
        if any(name.split(".")[0] == library for name in names)
    }
    assert users <= DOORS[library]


@pytest.mark.parametrize("module", sorted({*MODULES} - WITH_TORCH))
def test_a_module_without_torch_reaches_it_only_when_asked(module: str) -> None:
    at_once = imported(FILES, whole_file=False)
    assert not own(at_once[module]) & WITH_TORCH


def test_importing_everything_without_torch_loads_nothing_heavy() -> None:
    behind_doors = {"extraction", "recognise", "evaluation", "reports", "web", "server"}
    names = sorted({*MODULES} - WITH_TORCH - behind_doors)
    heavy = ["torch", "mediapipe", "cv2", "av", "onnxruntime", "ray", "pandas"]
    code = (
        f"import sys, {', '.join(f'signnet.{name}' for name in names)};"
        f"sys.exit(' '.join(name for name in {heavy} if name in sys.modules) or 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, ""), run.stderr


def test_the_listing_of_the_package_can_be_taken_in_at_a_glance() -> None:
    entries = {one.name for one in SOURCE.iterdir()} - {"__pycache__"}
    assert len(entries) <= MOST_ENTRIES, sorted(entries)


def test_no_layer_is_too_wide_to_say_anything() -> None:
    assert max(map(len, LAYERS)) <= 8


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    drawers = {"utils", "util", "helpers", "common", "misc"}
    assert not {file.stem for file in FILES} & drawers


@pytest.mark.parametrize(
    "file", FILES, ids=[str(file.relative_to(SOURCE)) for file in FILES]
)
def test_public_names_exist_and_are_unique(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    bound = [name for node in tree.body for name in names_bound_by(node)]
    public = [name for node in tree.body for name in names_declared_by(node)]
    assert set(public) - set(bound) == set()
    assert len(public) == len(set(public))


def names_bound_by(node: ast.stmt) -> list[str]:
    """Give the names that a statement of a module makes."""
    match node:
        case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
            return [node.name]
        case ast.Import() | ast.ImportFrom():
            return [alias.asname or alias.name.split(".")[0] for alias in node.names]
        case ast.If():
            return [name for line in node.body for name in names_bound_by(line)]
        case ast.Assign() | ast.AnnAssign():
            return [name.id for name in ast.walk(node) if isinstance(name, ast.Name)]
        case _:
            return []


def names_declared_by(node: ast.stmt) -> list[str]:
    """Give the content of `__all__`, if the statement is its assignment."""
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
        return ast.literal_eval(node.value)
    return []
