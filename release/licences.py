"""List the licences of all that signnet installs, and refuse one that is not known.

    python release/licences.py            a table in Markdown
    python release/licences.py --check    nothing, unless a licence is not on the list

The environment is asked, so only what is installed is listed. What an extra needs is
listed with the extra.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "HPND",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Unlicense",
    "Zlib",
}
"""Licences under which a package may be used and passed on beside MIT code."""

NAMES = {
    "apache": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "isc": "ISC",
    "mit": "MIT",
    "mozilla public license 2.0": "MPL-2.0",
    "mpl-2.0": "MPL-2.0",
    "python software foundation": "PSF-2.0",
    "psf": "PSF-2.0",
    "unlicense": "Unlicense",
}
"""What licences are called in metadata that name no SPDX expression."""

STATED_ELSEWHERE = {
    "pose-format": "MIT",  # the licence of its repository; its wheel carries none
    "pympi-ling": "MIT",  # the text of its LICENSE file
}
"""Packages whose metadata name no licence."""

INSIDE = """
Binary packages carry more than their own code. PyAV's wheels hold FFmpeg (LGPL 3 or
later, as it says of itself) with x264 and x265 (GPL 2 or later), OpenCV's hold FFmpeg
(LGPL 2.1) and, on Linux, Qt 5 (LGPL 3). signnet is MIT and links to none of them; who
passes on an application with these wheels inside passes on their terms as well.
"""


def requirements(package: Distribution, extras: set[str]) -> Iterator[str]:
    """Give the names of what a package needs, with what these extras add."""
    for line in package.requires or ():
        name = re.split(r"[\s<>=!~;\[(]", line, maxsplit=1)[0]
        asked = re.search(r"extra == ['\"]([\w-]+)['\"]", line)
        if asked is None or asked[1] in extras:
            yield name


def installed(extras: set[str]) -> dict[str, Distribution]:
    """Collect what is installed of signnet's dependencies, and of theirs."""
    found = dict[str, Distribution]()
    waiting = [*requirements(distribution("signnet"), extras)]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found or name == "signnet":
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # an extra, or another system's
        waiting.extend(requirements(found[name], set()))
    return dict(sorted(found.items()))


def licences(name: str, package: Distribution) -> set[str]:
    """Return the licences that metadata name; what is not understood as it stands."""
    about = package.metadata
    if name in STATED_ELSEWHERE:
        return {STATED_ELSEWHERE[name]}
    if expression := about.get("License-Expression"):
        return set(re.split(r"\s+(?:AND|OR)\s+", re.sub("[()]", "", expression)))
    classes = [
        one.rpartition(" :: ")[2]
        for one in about.get_all("Classifier") or ()
        if one.startswith("License :: ") and not one.endswith("OSI Approved")
    ]
    stated = (about.get("License") or "").strip().splitlines()
    return {_known(one) for one in classes or stated[:1]}


def _known(stated: str) -> str:
    if stated in ALLOWED:
        return stated
    lower = stated.lower()
    known = (spdx for name, spdx in NAMES.items() if re.search(rf"\b{name}\b", lower))
    return next(known, stated)


def main() -> int:
    """Print the table, or the packages whose licence is not on the list."""
    extras = {"hub", "pose", "ray", "serve", "train", "wandb"}
    found = {
        name: (package, licences(name, package))
        for name, package in installed(extras).items()
    }
    wrong = {
        name: named
        for name, (_, named) in found.items()
        if not named or named - ALLOWED
    }
    if "--check" not in sys.argv:
        print("| package | version | licence |\n|---|---|---|")
        for name, (package, named) in found.items():
            print(f"| {name} | {package.version} | {', '.join(sorted(named)) or '?'} |")
        print(INSIDE)
    for name, named in wrong.items():
        print(
            f"{name}: licence {', '.join(sorted(named)) or 'not stated'} is not on the "
            "list of release/licences.py",
            file=sys.stderr,
        )
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
