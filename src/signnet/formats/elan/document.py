"""Read ELAN files: a mended copy is parsed by pympi-ling, times are computed here."""

import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signnet.errors import MediaError
from signnet.formats.elan.mending import mended, milliseconds
from signnet.formats.elan.times import Times, annotation_times
from signnet.formats.source import read_limited

__all__ = [
    "Annotation",
    "Document",
    "Medium",
    "free_name",
    "parse_xml",
    "read_document",
]

_LARGEST = 128 * 2**20
"""Bytes of a file; ten hours of annotations on 50 tiers have a tenth of it."""


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """One annotation; times in milliseconds of the annotation file."""

    tier: str
    start: float | None
    """None where neither the annotation nor one that it belongs to has a time."""

    end: float | None
    value: str


@dataclass(frozen=True)
class Medium:
    """A film or sound that an ELAN file links."""

    urls: tuple[str, ...]
    """Where it may be, the relative path first; never empty texts."""

    origin: float
    """Milliseconds of the film at which the annotations' time begins."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """What an ELAN file holds, as far as clips need it."""

    tiers: dict[str, dict[str, str]]
    """Attributes of each tier by its name, in the order of the file."""

    annotations: dict[str, list[Annotation]]
    """Annotations of each tier."""

    media: tuple[Medium, ...]

    def participant(self, tier: str) -> str | None:
        """Return who signs on a tier: its own participant, or that of its parents."""
        seen = set[str]()
        while tier in self.tiers and tier not in seen:
            seen.add(tier)
            if name := (self.tiers[tier].get("PARTICIPANT") or "").strip():
                return name
            tier = self.tiers[tier].get("PARENT_REF") or ""
        return None


def free_name(name: str, taken: set[str], before_number: str) -> str:
    """Return a name that is not taken, with a number from 2 on if need be; take it."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}{before_number}{number}", number + 1
    taken.add(free)
    return free


def parse_xml(file: Path) -> ET.Element:
    """Parse a file as XML with its comments; MediaError if it is no ELAN file."""
    if file.is_file() and not file.stat().st_size:
        raise MediaError(f"{file.name} is empty; save it again in ELAN")
    content = read_limited(file, _LARGEST)
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True, insert_pis=True))
    try:
        root = ET.fromstring(content, parser)
    except (ET.ParseError, ValueError, LookupError) as error:
        raise MediaError(f"{file.name} is not readable XML: {error}") from error
    if root.tag != "ANNOTATION_DOCUMENT":
        raise MediaError(
            f"{file.name} is a file of {root.tag!r:.40}; expected an ELAN file (.eaf)"
        )
    return root


def read_document(file: Path) -> Document:
    """Read an ELAN file of any version.

    Raises
    ------
    MediaError
        If it is empty, huge, or no ELAN file.
    """
    eaf = _parsed(mended(parse_xml(file)))
    times = annotation_times(eaf)
    return Document(
        tiers={name: dict(tier[2]) for name, tier in eaf.tiers.items()},
        annotations={name: _listed(name, eaf, times) for name in eaf.tiers},
        media=tuple(map(_medium, eaf.media_descriptors)),
    )


def _parsed(root: ET.Element) -> Any:
    from pympi import Eaf

    with tempfile.TemporaryDirectory(prefix="signnet-") as folder:
        copy = Path(folder) / "mended.eaf"
        ET.ElementTree(root).write(copy, encoding="UTF-8", xml_declaration=True)
        return Eaf(str(copy), suppress_version_warning=True)


def _listed(name: str, eaf: Any, times: Times) -> list[Annotation]:
    aligned, referring = eaf.tiers[name][:2]
    values = {one: content[2] for one, content in aligned.items()}
    values |= {one: content[1] for one, content in referring.items()}
    found = [
        Annotation(tier=name, start=start, end=end, value=value or "")
        for one, value in values.items()
        for start, end in [times.get(one, (None, None))]
    ]
    return sorted(found, key=lambda one: -1 if one.start is None else one.start)


def _medium(descriptor: dict[str, str]) -> Medium:
    names = ("RELATIVE_MEDIA_URL", "MEDIA_URL")
    urls = tuple(url for name in names if (url := descriptor.get(name, "").strip()))
    return Medium(urls, float(milliseconds(descriptor.get("TIME_ORIGIN")) or 0))
