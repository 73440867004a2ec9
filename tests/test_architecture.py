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
    {"errors", "skeleton", "config"},
    {"activity", "clip", "geometry"},
    {"augment", "labels", "matching", "splits", "store", "synthetic"},
    {"batches", "models", "extract", "importers"},
    {"evaluation", "recogniser", "stream", "checkpoint", "calibration", "confusion"}
    | {"significance", "comparison", "inspection", "findings", "survey", "tables"}
    | {"expression", "expression_score"},
    {
        "exemplars",
        "abstaining",
        "training",
        "processes",
        "tracking",
        "run",
        "export",
        "server",
        "site",
        "report",
        "charts",
        "sections",
        "info",
        "info_page",
        "comparison_page",
        "moving",
        "page",
        "pose_export",
    }
    | {"display", "enrol", "memory", "motions", "predict", "search"},
    {"cli"},
)
"""From the ground up; a module imports from its own layer or from those below."""

DOORS = {
    "mediapipe": {"extract"},
    "cv2": {"extract"},
    "pose_format": {"importers", "pose_export"},
    "ray": {"extract"},
    "onnxruntime": {"recogniser", "export"},
    "onnx": {"export", "memory"},
    "rich": {"cli", "display"},
    "cyclopts": {"cli"},
    "lightning_fabric": {"processes", "run", "training"},
    "wandb": {"tracking"},
    "tensorboard": {"tracking"},
    "fastapi": {"server"},
    "starlette": {"server"},
    "uvicorn": {"server"},
}
"""Which modules may import a heavy library."""

WITHOUT_TORCH = (
    *("errors", "skeleton", "clip", "geometry", "store", "splits", "synthetic"),
    *("importers", "extract", "evaluation", "recogniser", "report", "display", "cli"),
    *("memory", "enrol", "search", "expression"),
)
"""What must start quickly, or run where torch is not installed."""


def module_of(file: Path) -> str:
    """Name the module or subpackage right below signnet."""
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


FILES = sorted(SOURCE.rglob("*.py"))
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


@pytest.mark.parametrize("module", [name for name in WITHOUT_TORCH if name in MODULES])
def test_a_light_module_leaves_torch_alone_when_imported(module: str) -> None:
    at_once = imported(FILES, whole_file=False)
    reached, queue = set[str](), [module, "__init__"]
    while queue:
        reached.add(current := queue.pop())
        torch = {name for name in at_once[current] if name.split(".")[0] == "torch"}
        assert not torch, f"{module} reaches torch through {current}"
        queue += own(at_once[current]) - reached


def test_light_modules_load_nothing_heavy() -> None:
    behind_doors = {"extract", "recogniser", "memory", "enrol", "search"}
    names = [name for name in WITHOUT_TORCH if name in {*MODULES} - behind_doors]
    heavy = ["torch", "mediapipe", "cv2", "onnxruntime", "ray", "pandas"]
    code = (
        f"import sys, {', '.join(f'signnet.{name}' for name in names)};"
        f"sys.exit(' '.join(name for name in {heavy} if name in sys.modules) or 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, ""), run.stderr


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
