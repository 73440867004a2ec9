"""Write tiers into ELAN files: into a new one, or into one that exists.

pympi-ling makes new files; its time slots are put in order afterwards, and the schema
is stated as ELAN's of today. An existing file is edited in place as XML, since pympi
loses links and vocabularies: every element that was there stays as it was.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from signnet.clip import nfc
from signnet.errors import MediaError
from signnet.files import whole_file
from signnet.formats.elan.document import free_name, parse_xml
from signnet.formats.elan.mending import SCHEMA_INSTANCE

__all__ = ["NewTier", "write_eaf"]

_VERSION = "3.0"
_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_TYPES = {False: "signnet", True: "signnet-about"}
"""Linguistic types of the tiers: with times of their own, and about such a tier."""

_ABOUT = "Symbolic_Association"

_MIME_TYPES = {
    **dict.fromkeys((".mp4", ".m4v"), "video/mp4"),
    **dict.fromkeys((".mpg", ".mpeg"), "video/mpeg"),
    **dict.fromkeys((".mov", ".qt"), "video/quicktime"),
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
    ".wmv": "video/x-ms-wmv",
    ".flv": "video/x-flv",
    ".3gp": "video/3gpp",
    ".ogv": "video/ogg",
    ".gif": "image/gif",
    **dict.fromkeys((".ts", ".mts"), "video/mp2t"),
}

_AFTER_TIERS = (
    "LINGUISTIC_TYPE",
    "LOCALE",
    "LANGUAGE",
    "CONSTRAINT",
    "CONTROLLED_VOCABULARY",
    "LEXICON_REF",
    "REF_LINK_SET",
    "EXTERNAL_REF",
)
"""Elements of a document that follow its tiers, in the order of the schema."""

_CONTROL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML file can hold."""

ET.register_namespace("xsi", SCHEMA_INSTANCE)


@dataclass(frozen=True, kw_only=True)
class NewTier:
    """A tier to write."""

    name: str
    annotations: Sequence[tuple[float, float, str]]
    """Start and end in seconds of the film, and the text; in their order."""

    about: str | None = None
    """The tier that it says something about: one text for each of its annotations, at
    the same times."""


def write_eaf(path: Path, tiers: Sequence[NewTier], film: Path | None = None) -> None:
    """Write tiers into an ELAN file, whole or not at all.

    Parameters
    ----------
    path
        A new file, or an existing one: the tiers are added to it, under a name with a
        number if it has theirs, and everything else stays as it was.
    tiers
        A tier comes after the one it is about.
    film
        The film, which a new file links, and an existing one if it does not yet.

    Raises
    ------
    MediaError
        If the existing file is no ELAN file, or it cannot be written.
    """
    root = parse_xml(path) if path.exists() else _new_document()
    origin = _link(root, film, path) if film else 0
    _add(root, tiers, origin)
    with whole_file(path, MediaError) as temporary:
        ET.ElementTree(root).write(temporary, encoding="UTF-8", xml_declaration=True)


def _new_document() -> ET.Element:
    from pympi.Elan import Eaf, to_adocument

    eaf = Eaf(author="signnet")
    eaf.tiers.clear()
    eaf.linguistic_types.clear()
    eaf.properties.clear()
    eaf.header |= {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"}
    root = ET.fromstring(ET.tostring(to_adocument(eaf, pretty=False)))
    root.attrib |= {
        "VERSION": _VERSION,
        "FORMAT": _VERSION,
        f"{{{SCHEMA_INSTANCE}}}noNamespaceSchemaLocation": _SCHEMA,
    }
    return root


def _link(root: ET.Element, film: Path, path: Path) -> int:
    """Link the film, if it is not yet, and return the origin of its time."""
    header = root.find("HEADER")
    if header is None:
        header = ET.Element("HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
        licences = len(root.findall("LICENSE"))
        root.insert(licences, header)
    media = header.findall("MEDIA_DESCRIPTOR")
    for one in media:
        urls = (one.get("RELATIVE_MEDIA_URL", ""), one.get("MEDIA_URL", ""))
        if any(nfc(PurePath(url).name) == nfc(film.name) for url in urls if url):
            return _whole(one.get("TIME_ORIGIN"))
    descriptor = ET.Element(
        "MEDIA_DESCRIPTOR",
        {
            "MEDIA_URL": _url(film),
            "MIME_TYPE": _MIME_TYPES.get(film.suffix.lower(), "video/*"),
            "RELATIVE_MEDIA_URL": _relative(film, path),
        },
    )
    header.insert(len(media), descriptor)
    return 0


def _url(film: Path) -> str:
    """Return the film's place as ELAN writes it: without escapes."""
    place = _CONTROL.sub("?", film.resolve().as_posix())
    return f"file:///{place.lstrip('/')}"


def _relative(film: Path, path: Path) -> str:
    from os.path import relpath

    try:
        place = Path(relpath(film.resolve(), path.resolve().parent)).as_posix()
    except ValueError:  # another drive
        return _url(film)
    return _CONTROL.sub("?", place if place.startswith("..") else f"./{place}")


def _whole(text: str | None) -> int:
    try:
        return round(float(text or ""))
    except (ValueError, OverflowError):
        return 0


class _Ids:
    """Ids that a document does not have yet."""

    def __init__(self, root: ET.Element, tag: str, attribute: str, prefix: str) -> None:
        names = (
            [one.get(attribute, "") for one in root.iter(tag)]
            if tag
            else [one.get(attribute, "") for one in root.iter()]
        )
        numbers = [
            int(found[1])
            for name in names
            if (found := re.fullmatch(rf"{prefix}(\d{{1,12}})", name))
        ]
        self.last, self._prefix = max(numbers, default=0), prefix

    def new(self) -> str:
        self.last += 1
        return f"{self._prefix}{self.last}"


def _add(root: ET.Element, tiers: Sequence[NewTier], origin: int) -> None:
    slots = _Ids(root, "TIME_SLOT", "TIME_SLOT_ID", "ts")
    notes = _Ids(root, "", "ANNOTATION_ID", "a")
    names = {one.get("TIER_ID", "") for one in root.iter("TIER")}
    renamed: dict[str, str] = {}
    made: dict[str, list[str]] = {}
    times: dict[str, int] = {}
    types = _add_types(root, {bool(tier.about) for tier in tiers})
    for tier in tiers:
        renamed[tier.name] = free_name(tier.name, names, " ")
        element = ET.Element(
            "TIER",
            {"LINGUISTIC_TYPE_REF": types[bool(tier.about)]}
            | ({"PARENT_REF": renamed[tier.about]} if tier.about else {})
            | {"TIER_ID": renamed[tier.name]},
        )
        made[tier.name] = list[str]()
        for place, (start, end, text) in enumerate(tier.annotations):
            one = notes.new()
            made[tier.name].append(one)
            if tier.about:
                attributes = {"ANNOTATION_REF": made[tier.about][place]}
            else:
                first, last = slots.new(), slots.new()
                times[first], times[last] = _span(start, end, origin)
                attributes = {"TIME_SLOT_REF1": first, "TIME_SLOT_REF2": last}
            _annotate(element, {"ANNOTATION_ID": one, **attributes}, text)
        _insert(root, element)
    _add_slots(root, times)
    _remember(root, notes.last)


def _span(start: float, end: float, origin: int) -> tuple[int, int]:
    """Return whole milliseconds of the file's time; at least one of them."""
    first = max(0, round(float(start) * 1000) - origin)
    return first, max(first + 1, round(float(end) * 1000) - origin)


def _annotate(tier: ET.Element, attributes: dict[str, str], text: str) -> None:
    outer = ET.SubElement(tier, "ANNOTATION")
    is_about = "ANNOTATION_REF" in attributes
    tag = "REF_ANNOTATION" if is_about else "ALIGNABLE_ANNOTATION"
    inner = ET.SubElement(outer, tag, attributes)
    ET.SubElement(inner, "ANNOTATION_VALUE").text = _CONTROL.sub("", text)


def _add_types(root: ET.Element, kinds: Iterable[bool]) -> dict[bool, str]:
    """Add the linguistic types that are missing; another's of the same name stays."""
    there = {
        one.get("LINGUISTIC_TYPE_ID", ""): one for one in root.iter(_AFTER_TIERS[0])
    }
    names = dict[bool, str]()
    for is_about in sorted(kinds):
        wanted = _type(is_about)
        name, number = _TYPES[is_about], 2
        while name in there and _differs(there[name], wanted):
            name, number = f"{_TYPES[is_about]}-{number}", number + 1
        names[is_about] = name
        if name not in there:
            _insert(
                root, ET.Element(_AFTER_TIERS[0], wanted | {"LINGUISTIC_TYPE_ID": name})
            )
    constraints = {one.get("STEREOTYPE") for one in root.iter("CONSTRAINT")}
    if True in names and _ABOUT not in constraints:
        about = {
            "STEREOTYPE": _ABOUT,
            "DESCRIPTION": "1-1 association with a parent annotation",
        }
        _insert(root, ET.Element("CONSTRAINT", about))
    return names


def _type(is_about: bool) -> dict[str, str]:
    fixed = {"GRAPHIC_REFERENCES": "false", "TIME_ALIGNABLE": str(not is_about).lower()}
    return fixed | ({"CONSTRAINTS": _ABOUT} if is_about else {})


def _differs(element: ET.Element, wanted: dict[str, str]) -> bool:
    own = ("CONSTRAINTS", "TIME_ALIGNABLE")
    return any(element.get(key) != wanted.get(key) for key in own)


def _insert(root: ET.Element, element: ET.Element) -> None:
    """Put an element where the schema has its kind."""
    order = ("LICENSE", "HEADER", "TIME_ORDER", "TIER", *_AFTER_TIERS)
    rank: dict[Any, int] = {tag: place for place, tag in enumerate(order)}
    own, place = rank[element.tag], 0
    for number, child in enumerate(root):
        if rank.get(child.tag, -1) <= own and child.tag in rank:
            place = number + 1
    element.tail = "\n"
    root.insert(place, element)


def _add_slots(root: ET.Element, times: dict[str, int]) -> None:
    """Add time slots so that those with a time stay in order; others keep theirs."""
    order = root.find("TIME_ORDER")
    if order is None:
        order = ET.Element("TIME_ORDER")
        _insert(root, order)
    waiting = sorted(times.items(), key=lambda slot: slot[1])[::-1]
    merged = list[ET.Element]()
    for slot in list(order):
        value = slot.get("TIME_VALUE") if slot.tag == "TIME_SLOT" else None
        while waiting and value is not None and waiting[-1][1] < _whole(value):
            merged.append(_slot(*waiting.pop()))
        merged.append(slot)
    merged += [_slot(*one) for one in waiting[::-1]]
    order[:] = merged


def _slot(name: str, value: int) -> ET.Element:
    return ET.Element("TIME_SLOT", {"TIME_SLOT_ID": name, "TIME_VALUE": str(value)})


def _remember(root: ET.Element, last: int) -> None:
    """Note the last id, from which ELAN goes on."""
    header = root.find("HEADER")
    if header is None:
        return
    for one in header.findall("PROPERTY"):
        if one.get("NAME") == "lastUsedAnnotationId":
            one.text = str(max(last, _whole(one.text)))
            return
    made = ET.SubElement(header, "PROPERTY", {"NAME": "lastUsedAnnotationId"})
    made.text = str(last)
