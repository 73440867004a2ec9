"""What `import signnet` offers: at once nothing heavy, and every name it promises."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import signnet

ROOT = Path(__file__).parent.parent.parent


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = ("numpy", "torch", "pyarrow", "onnxruntime", "cv2", "importlib.metadata")
    assert run(f"import sys, signnet; print(*{{*{heavy}}} & {{*sys.modules}})") == ""


def test_every_promised_name_is_there() -> None:
    missing = [name for name in signnet.__all__ if not hasattr(signnet, name)]
    assert not missing
    assert set(signnet.__all__) <= set(dir(signnet))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = signnet.nothing  # pyright: ignore


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert signnet.__version__ == project["version"]


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "src" / "signnet" / "py.typed").is_file()


def test_no_folder_hides_a_function_of_its_name() -> None:
    folders = {one.name for one in (ROOT / "src" / "signnet").iterdir() if one.is_dir()}
    assert not folders & {*signnet.__all__}


PROGRAM = """
import numpy as np

import signnet

model = signnet.load("bdsl55")
reveal_type(model("film.mp4").gloss)
reveal_type([answer.probability for answer in model(["a.mp4", "b.mp4"])])
reveal_type(model(np.zeros((30, 553, 3), np.float32), fps=30).top[0].gloss)
reveal_type([(event.gloss, event.start) for event in model.stream([])])
reveal_type(model.teach({"WATER": ["a.mp4"]}).vocabulary)
reveal_type(signnet.Dataset.of_clips([]).names)
run = signnet.train(signnet.read("poses", format="pose"), split="s.json", out="run")
reveal_type(run.metrics)
reveal_type(signnet.evaluate(run, "folder").top1)
reveal_type(signnet.compare([run, "bdsl55"], "folder").report("page"))
reveal_type(signnet.__version__)
"""

REVEALED = [
    "str",
    "list[float]",
    "str",
    "list[tuple[str | None, float | None]]",
    "tuple[str, ...]",
    "list[str]",
    "dict[str, float]",
    "float",
    "Path",
    "str",
]


@pytest.mark.slow
def test_a_user_s_program_is_typed_without_any(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    settings = {"extraPaths": [str(ROOT / "src")], "include": ["program.py"]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--outputjson", "-p", str(tmp_path)]
    command += ["--pythonpath", sys.executable]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=400
        )
        found = json.loads(done.stdout)["generalDiagnostics"]
    except (ValueError, subprocess.TimeoutExpired):
        pytest.skip("pyright cannot run here (it needs the extra dev, and node)")
    errors = [one["message"] for one in found if one["severity"] == "error"]
    assert not errors
    shown = [one["message"].split(" is ")[1].strip('"') for one in found]
    assert shown == REVEALED
