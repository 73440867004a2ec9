"""Repair what would stop pympi-ling, or what it forgets, when it reads an ELAN file.

pympi 1.71 stops at a missing version, at annotations without a value, at ids without
digits and at times like `1.0`; it forgets one of two tiers of the same name.
"""

import xml.etree.ElementTree as ET

__all__ = ["SCHEMA_INSTANCE", "mended", "milliseconds"]

SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_LOCATION = f"{{{SCHEMA_INSTANCE}}}noNamespaceSchemaLocation"
_ANNOTATIONS = ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION")
_REFERENCES = {
    "TIME_SLOT_REF1": "ts",
    "TIME_SLOT_REF2": "ts",
    "ANNOTATION_REF": "a",
    "PREVIOUS_ANNOTATION": "a",
}


def mended(root: ET.Element) -> ET.Element:
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
        if (value := milliseconds(slot.get("TIME_VALUE"))) is not None:
            attributes["TIME_VALUE"] = str(value)
        ET.SubElement(kept, "TIME_SLOT", attributes)
    return kept


def milliseconds(text: str | None) -> int | None:
    """Read whole milliseconds, also from `1.0`; None if the text is not a time."""
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
