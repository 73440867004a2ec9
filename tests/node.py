"""Run the page's modules in node."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from signnet.web import build as site

__all__ = ["PAGE", "needs_node", "run_node"]

PAGE = Path(site.__file__).parent / "page"

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")


def run_node(code: str, given: Any = None) -> Any:
    """Run code that finds `given` and puts its answer out with `say`."""
    setup = """
    import { readFileSync } from "node:fs";
    const given = JSON.parse(readFileSync(0, "utf8"));
    const say = (content) => console.log(JSON.stringify(content));
    """
    run = subprocess.run(
        ["node", "--no-warnings", "--input-type=module", "--eval", setup + code],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        cwd=PAGE,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)
