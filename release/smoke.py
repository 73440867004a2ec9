"""Try an installed signnet where no source is: run by any Python, in an empty folder.

    PYTHON release/smoke.py

Every step is what a newcomer would type. It needs no torch, no network and no display.
"""

import subprocess
import sys
import sysconfig
from pathlib import Path

import signnet

STEPS = """
--version
--help
demo demo
info demo/dataset --out page
predict MOTIONS
enrol base demo/dataset --out taught --yes
evaluate taught demo/dataset --out report
predict demo/dataset --model taught --json
transcribe MOTIONS --vtt --out films
presets default
"""


def run(words: list[str]) -> str:
    """Run the installed command; its output, or the end of everything."""
    command = Path(sysconfig.get_path("scripts")) / "signnet"
    done = subprocess.run(
        [command, *words], capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        sys.exit(f"signnet {' '.join(words)}: {done.returncode}\n{done.stderr}")
    return done.stdout


def main() -> None:
    """Take all steps, then use the package from Python."""
    package = Path(signnet.__file__).parent
    here = Path.cwd()
    if here in package.parents and "site-packages" not in package.parts:
        sys.exit(f"signnet comes from {package}, which is no installed package")
    motions = package / "weights" / "bdsl55" / "motions.parquet"
    for line in STEPS.strip().splitlines():
        words = [str(motions) if word == "MOTIONS" else word for word in line.split()]
        said = run(words)
        print(f"signnet {line}: {len(said.splitlines())} lines", flush=True)
    clip = signnet.Dataset(motions)[0]
    answer = signnet.load("bdsl55")(clip)
    if answer.gloss != clip.gloss:
        sys.exit(f"bdsl55 names {clip.gloss} {answer.gloss}")
    for file in ("web/page/index.html", "web/vendor/vision_wasm_internal.wasm"):
        if not (package / file).is_file():
            sys.exit(f"{file} is not in the package")
    python = ".".join(map(str, sys.version_info[:3]))
    print(f"signnet {signnet.__version__} works on Python {python}, {sys.platform}")


if __name__ == "__main__":
    main()
