"""Build the packages of a release, try them where no source is, and describe them.

    python release/build.py OUT [PYTHON ...]

OUT gets the sdist, the wheel that is built from it (and not from the working tree), a
list of licences, and a software bill of materials (CycloneDX) of what `pip install
signnet` brings. The wheel is tried with each PYTHON, or with this one, in a new
environment and an empty folder.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

NEEDED = (
    "signnet/web/page/index.html",
    "signnet/web/vendor/noto-sans-bengali-400.woff2",
    "signnet/web/vendor/ort.wasm.bundle.min.mjs",
    "signnet/web/vendor/vision_wasm_internal.wasm",
    "signnet/reports/head.html",
    "signnet/reports/report.html",
    "signnet/weights/base/model.onnx",
    "signnet/weights/bdsl55/model.onnx",
    "signnet/weights/bdsl55/README.md",
)
"""Files without which a wheel is not whole."""


def environment(folder: Path, python: str, *packages: str) -> Path:
    """Make an environment with these packages; return its interpreter."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    own = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    order = [own, "-m", "pip", "install", "--quiet", *packages]
    subprocess.run(order, check=True)
    return own


def build(out: Path, work: Path) -> Path:
    """Build the sdist, and from it the wheel; return the wheel."""
    tools = environment(work / "tools", sys.executable, "build", "cyclonedx-bom")
    subprocess.run([tools, "-m", "build", "--outdir", out, ROOT], check=True)
    (wheel,) = out.glob("*.whl")
    listing = subprocess.run(
        [tools, "-m", "zipfile", "--list", wheel],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    missing = [file for file in NEEDED if file not in listing]
    if missing or "node_modules" in listing:
        sys.exit(f"{wheel.name} lacks {missing}, or holds node_modules")
    return wheel


def describe(out: Path, work: Path, installed: Path) -> None:
    """Write the bill of materials and the licences of an environment."""
    scripts = work / "tools" / ("Scripts" if sys.platform == "win32" else "bin")
    bill = [scripts / "cyclonedx-py", "environment", "--output-reproducible"]
    order = [*bill, "--output-file", out / "sbom.cdx.json", installed]
    subprocess.run(order, check=True)
    listing = subprocess.run(
        [installed, ROOT / "release" / "licences.py"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    (out / "licences.md").write_text(listing, encoding="utf-8")


def main() -> None:
    """Build, try, describe."""
    out = Path(sys.argv[1]).resolve()
    pythons = sys.argv[2:] or [sys.executable]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        wheel = build(out, work)
        for number, python in enumerate(pythons):
            installed = environment(work / f"env-{number}", python, str(wheel))
            without = (
                "import importlib.util as i, sys; sys.exit(bool(i.find_spec('torch')))"
            )
            subprocess.run([installed, "-c", without], check=True)
            empty = work / f"empty-{number}"
            empty.mkdir()
            smoke = ROOT / "release" / "smoke.py"
            subprocess.run([installed, "-P", smoke], cwd=empty, check=True)
            if number == 0:
                describe(out, work, installed)
    print(*(one.name for one in sorted(out.iterdir())), sep="\n")


if __name__ == "__main__":
    main()
