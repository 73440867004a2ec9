"""Read ELAN files: pympi-ling parses them, and what it gets wrong is mended here.

pympi 1.71 stops at a missing version, at annotations without a value, at ids without
digits and at times like `1.0`; it forgets one of two tiers of the same name. So it is
given a mended copy. Times are computed here as well: pympi knows nothing of times that
are missing, of subdivisions below the first level, and of time origins.
"""

import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from signnet.errors import MediaError
from signnet.formats.source import read_limited

__all__ = ["Annotation", "Document", "Medium", "parse_xml", "read_document"]

_LARGEST = 128 * 2**20
"""Bytes of a file; ten hours of annotations on 50 tiers have a tenth of it."""

SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_LOCATION = f"{{{SCHEMA_INSTANCE}}}noNamespaceSchemaLocation"
_ANNOTATIONS = ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION")
_READ = ("HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "CONSTRAINT")
_REFERENCES = {
    "TIME_SLOT_REF1": "ts",
    "TIME_SLOT_REF2": "ts",
    "ANNOTATION_REF": "a",
    "PREVIOUS_ANNOTATION": "a",
}


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
    eaf = _parsed(_mended(parse_xml(file)))
    times = _times(eaf)
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


def _mended(root: ET.Element) -> ET.Element:
    """Return a copy that pympi can parse, with what clips need and nothing else."""
    copy = ET.Element(root.tag, {"VERSION": "3.0", _LOCATION: "", **root.attrib})
    numbers: dict[tuple[str, str], str] = {}
    tiers: dict[str, ET.Element] = {}
    for child in root:
        if child.tag == "HEADER":
            copy.append(_header(child))
        elif child.tag == "TIME_ORDER":
            copy.append(_time_order(child, numbers))
        elif child.tag == "TIER" and child.get("TIER_ID"):
            name = child.attrib["TIER_ID"]
            if name not in tiers:
                tiers[name] = ET.SubElement(copy, "TIER", child.attrib)
            tiers[name].extend(_annotations(child))
        elif child.tag == "LINGUISTIC_TYPE" and child.get("LINGUISTIC_TYPE_ID"):
            copy.append(child)
    _renumber(tiers, numbers)
    return copy


def _header(header: ET.Element) -> ET.Element:
    kept = ET.Element("HEADER", header.attrib)
    kept.extend(header.findall("MEDIA_DESCRIPTOR"))
    return kept


def _time_order(order: ET.Element, numbers: dict[tuple[str, str], str]) -> ET.Element:
    kept = ET.Element("TIME_ORDER")
    for slot in order.iter("TIME_SLOT"):
        key = ("ts", slot.get("TIME_SLOT_ID", ""))
        if key in numbers:
            continue
        numbers[key] = f"ts{len(kept) + 1}"
        attributes = {"TIME_SLOT_ID": numbers[key]}
        if (value := _milliseconds(slot.get("TIME_VALUE"))) is not None:
            attributes["TIME_VALUE"] = str(value)
        ET.SubElement(kept, "TIME_SLOT", attributes)
    return kept


def _milliseconds(text: str | None) -> int | None:
    try:
        value = round(float(text or ""))
    except (ValueError, OverflowError):
        return None
    return value if value >= 0 else None


def _annotations(tier: ET.Element) -> list[ET.Element]:
    """Copy the annotations of a tier; each has a value, if only an empty one."""
    found = list[ET.Element]()
    for one in tier.iter():
        if one.tag in _ANNOTATIONS:
            outer = ET.Element("ANNOTATION")
            inner = ET.SubElement(outer, one.tag, one.attrib)
            value = one.findtext("ANNOTATION_VALUE")
            ET.SubElement(inner, "ANNOTATION_VALUE").text = value
            found.append(outer)
    return found


def _renumber(
    tiers: dict[str, ET.Element], numbers: dict[tuple[str, str], str]
) -> None:
    """Give all annotations ids with digits; what refers to nothing is left out."""
    every = [(tier, outer, outer[0]) for tier in tiers.values() for outer in tier]
    for count, (_, _, one) in enumerate(every, 1):
        numbers.setdefault(("a", one.get("ANNOTATION_ID", "")), f"a{count}")
        one.set("ANNOTATION_ID", f"a{count}")
    for tier, outer, one in every:
        required = (
            ("TIME_SLOT_REF1", "TIME_SLOT_REF2")
            if one.tag == "ALIGNABLE_ANNOTATION"
            else ("ANNOTATION_REF",)
        )
        for name, kind in _REFERENCES.items():
            known = numbers.get((kind, one.get(name, "")))
            if known:
                one.set(name, known)
            elif name in required:
                tier.remove(outer)
                break
            else:
                one.attrib.pop(name, None)


_Times = dict[str, tuple[float | None, float | None]]


def _times(eaf: Any) -> _Times:
    """Compute start and end of every annotation by its id."""
    slots = _filled(eaf)
    times: _Times = {
        one: (slots.get(first), slots.get(last))
        for tier in eaf.tiers.values()
        for one, (first, last, _, _) in tier[0].items()
    }
    children: dict[str, dict[str, str | None]] = {}
    divided = set[str]()
    for tier in eaf.tiers.values():
        kind = eaf.linguistic_types.get(tier[2].get("LINGUISTIC_TYPE_REF"), {})
        for one, (parent, _, previous, _) in tier[1].items():
            children.setdefault(parent, {})[one] = previous
            if kind.get("CONSTRAINTS") == "Symbolic_Subdivision":
                divided.add(one)
    waiting = list(times)
    while waiting:
        parent = waiting.pop()
        below = children.get(parent, {})
        parts = _in_order({one: p for one, p in below.items() if one in divided})
        start, end = times[parent]
        for place, one in enumerate(parts):
            known = start is not None and end is not None
            step = (end - start) / len(parts) if known else 0.0  # pyright: ignore
            times[one] = (
                (start + place * step, start + (place + 1) * step)  # pyright: ignore
                if known
                else (None, None)
            )
        for one in below:
            times.setdefault(one, (start, end))
        waiting += list(below)
    return times


def _in_order(previous: dict[str, str | None]) -> list[str]:
    """Put the parts of an annotation in order; each names the one before it."""
    after = {before: one for one, before in previous.items() if before in previous}
    firsts = [one for one, before in previous.items() if before not in previous]
    order = list[str]()
    for one in [*firsts, *previous]:
        while one is not None and one not in order:
            order.append(one)
            one = after.get(one)
    return order


def _filled(eaf: Any) -> dict[str, float]:
    """Return the time of each slot; missing ones evenly between their neighbours."""
    slots = {name: float(t) for name, t in eaf.timeslots.items() if t is not None}
    for tier in eaf.tiers.values():
        chain = list[str]()
        for first, last, _, _ in tier[0].values():
            if not chain or chain[-1] != first:
                _fill(chain, slots)
                chain = [first]
            chain.append(last)
        _fill(chain, slots)
    return slots


def _fill(chain: list[str], slots: dict[str, float]) -> None:
    known = [place for place, slot in enumerate(chain) if slot in slots]
    for left, right in pairwise(known):
        start, end = slots[chain[left]], slots[chain[right]]
        for place in range(left + 1, right):
            share = (place - left) / (right - left)
            slots[chain[place]] = start + share * (end - start)


def _listed(name: str, eaf: Any, times: _Times) -> list[Annotation]:
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
    return Medium(urls, float(_milliseconds(descriptor.get("TIME_ORIGIN")) or 0))
