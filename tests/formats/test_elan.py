"""ELAN files in and out: every oddity read, nothing of an existing file lost."""

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signnet.clip import Clip
from signnet.dataset import Dataset, write_clips
from signnet.errors import DatasetError, MediaError, SettingsError
from signnet.formats import ImportSettings, import_clips, read
from signnet.formats.elan import NewTier, write_eaf
from signnet.formats.elan.document import read_document
from signnet.formats.elan.glosses import clean_gloss
from signnet.formats.elan.media import Library, find_films
from signnet.formats.elan.selection import select_signs

HEAD = '<ANNOTATION_DOCUMENT AUTHOR="" DATE="2026-11-26T00:00:00+00:00" FORMAT="3.0">'
MEDIA = (
    '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/elsewhere/film.mp4" '
    'MIME_TYPE="video/mp4" RELATIVE_MEDIA_URL="./film.mp4"{}/>'
)


def slots(*times: int | str | None) -> str:
    named = enumerate(times, 1)
    lines = [
        f'<TIME_SLOT TIME_SLOT_ID="ts{number}"'
        + ("/>" if time is None else f' TIME_VALUE="{time}"/>')
        for number, time in named
    ]
    return f"<TIME_ORDER>{''.join(lines)}</TIME_ORDER>"


def aligned(number: int | str, first: int, last: int, value: str | None) -> str:
    inner = "" if value is None else f"<ANNOTATION_VALUE>{value}</ANNOTATION_VALUE>"
    return (
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{number}" '
        f'TIME_SLOT_REF1="ts{first}" TIME_SLOT_REF2="ts{last}">{inner}'
        "</ALIGNABLE_ANNOTATION></ANNOTATION>"
    )


def referring(number: int, to: int, value: str, before: int | None = None) -> str:
    previous = "" if before is None else f' PREVIOUS_ANNOTATION="a{before}"'
    return (
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a{number}" '
        f'ANNOTATION_REF="a{to}"{previous}><ANNOTATION_VALUE>{value}'
        "</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
    )


def tier(name: str, *annotations: str, **attributes: str) -> str:
    kind = attributes.pop("kind", "default-lt")
    more = "".join(f' {key.upper()}="{value}"' for key, value in attributes.items())
    return (
        f'<TIER LINGUISTIC_TYPE_REF="{kind}" TIER_ID="{name}"{more}>'
        f"{''.join(annotations)}</TIER>"
    )


TYPES = "".join(
    f'<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="{name}"{constraint}/>'
    for name, constraint in (
        ("default-lt", ' TIME_ALIGNABLE="true"'),
        ("parts", ' CONSTRAINTS="Symbolic_Subdivision"'),
        ("about", ' CONSTRAINTS="Symbolic_Association"'),
        ("steps", ' CONSTRAINTS="Time_Subdivision" TIME_ALIGNABLE="true"'),
    )
)


def write(path: Path, *parts: str, media: str = MEDIA.format("")) -> Path:
    header = f'<HEADER TIME_UNITS="milliseconds">{media}</HEADER>'
    path.parent.mkdir(parents=True, exist_ok=True)
    content = f"{HEAD}{header}{''.join(parts)}{TYPES}</ANNOTATION_DOCUMENT>"
    path.write_text(content, "utf-8")
    return path


def spans(path: Path, name: str) -> list[tuple[float | None, float | None, str]]:
    found = read_document(path).annotations[name]
    return [(one.start, one.end, one.value) for one in found]


def film(clip: Clip, path: Path, seconds: float = 4.0) -> Path:
    """Write landmarks of a film at 25 frames a second; frame n shows x = n."""
    frames = round(seconds * 25)
    landmarks = np.repeat(clip.landmarks[:1], frames, axis=0)
    landmarks[:, 0, 0] = np.arange(frames)
    write_clips([Clip(name="film", landmarks=landmarks, fps=25.0)], path)
    return path


@pytest.mark.parametrize(
    ("value", "gloss"),
    [
        ("YO_1", "YO"),
        ("TIME5A^*", "TIME"),
        ("weather1", "weather"),
        ("HOUSE (two hands)", "HOUSE"),
        ("[MG]", None),
        ("HOUSE?", "HOUSE"),
        ("?3", None),
        ("??", None),
        ("  ", None),
        ("$INDEX1", "$INDEX1"),
        ("10th", "10th"),
        ("5", "5"),
        ("পানি২", "পানি"),
        ("LONG-TIME4A", "LONG-TIME"),
        ("CL: 2", "CL"),
    ],
)
def test_a_text_becomes_a_gloss_by_the_stated_rule(
    value: str, gloss: str | None
) -> None:
    assert clean_gloss(value) == gloss


@given(st.text(max_size=30))
def test_cleaning_twice_changes_nothing(value: str) -> None:
    once = clean_gloss(value, keep_variants=True)
    assert once is None or clean_gloss(once, keep_variants=True) in (once, None)


def test_variants_stay_if_they_are_wanted() -> None:
    assert clean_gloss("TIME5A*", keep_variants=True) == "TIME5A"


def test_what_pympi_stops_at_is_read(tmp_path: Path) -> None:
    """No version, a value missing, ids without digits, times like 1.0, twin tiers."""
    odd = aligned("x", 1, 2, "ONE").replace("ts1", "begin")
    path = write(
        tmp_path / "odd.eaf",
        slots("100.0", 200, 300).replace("ts1", "begin"),
        tier("A", odd, aligned(2, 2, 3, None)),
        tier("A", aligned(3, 2, 3, "THREE")),
    )
    assert spans(path, "A") == [(100, 200, "ONE"), (200, 300, ""), (200, 300, "THREE")]


def test_missing_times_lie_evenly_between_their_neighbours(tmp_path: Path) -> None:
    path = write(
        tmp_path / "gaps.eaf",
        slots(0, None, None, 900, None),
        tier("A", aligned(1, 1, 4, "ALL")),
        tier(
            "B",
            aligned(2, 1, 2, "a"),
            aligned(3, 2, 3, "b"),
            aligned(4, 3, 4, "c"),
            kind="steps",
            parent_ref="A",
        ),
        tier("C", aligned(5, 4, 5, "open")),
    )
    assert spans(path, "B") == [(0, 300, "a"), (300, 600, "b"), (600, 900, "c")]
    assert spans(path, "C") == [(900, None, "open")]


def test_parts_share_the_time_of_what_they_divide(tmp_path: Path) -> None:
    path = write(
        tmp_path / "parts.eaf",
        slots(100, 500),
        tier("A", aligned(1, 1, 2, "ALL")),
        tier(
            "B",
            referring(2, 1, "second", before=3),
            referring(3, 1, "first"),
            kind="parts",
            parent_ref="A",
        ),
        tier("C", referring(4, 2, "note"), kind="about", parent_ref="B"),
    )
    assert spans(path, "B") == [(100, 300, "first"), (300, 500, "second")]
    assert spans(path, "C") == [(300, 500, "note")]


@pytest.mark.parametrize("content", ["", "<a/>", "no xml", "<ANNOTATION_DOCUMENT>"])
def test_what_is_no_elan_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.eaf"
    path.write_text(content)
    with pytest.raises(MediaError, match=r"bad\.eaf"):
        read_document(path)


def test_the_hands_of_one_signer_are_merged(tmp_path: Path) -> None:
    path = write(
        tmp_path / "hands.eaf",
        slots(0, 400, 100, 500, 600, 900, 650, 880),
        tier(
            "right_A", aligned(1, 1, 2, "TREE"), aligned(2, 5, 6, "I"), participant="A"
        ),
        tier("left_A", aligned(3, 3, 4, "TREE"), aligned(4, 7, 8, "HOUSE")),
    )
    found = select_signs(
        read_document(path),
        "(?:right|left)_(.)",
        "hands.eaf",
        by="tier",
        keep_variants=False,
    )
    assert [(one.gloss, one.start, one.end, one.signer) for one in found.signs] == [
        ("TREE", 0, 500, "A"),
        ("I", 600, 900, "A"),
    ]
    assert len(found.left_out) == 1
    assert "HOUSE" in found.left_out[0]


def test_the_participant_is_inherited_from_the_parent(tmp_path: Path) -> None:
    path = write(
        tmp_path / "who.eaf",
        slots(0, 100),
        tier("A", aligned(1, 1, 2, "x"), participant="Rina"),
        tier("B", referring(2, 1, "y"), kind="about", parent_ref="A"),
    )
    assert read_document(path).participant("B") == "Rina"


@pytest.mark.parametrize(
    "name", ["film.mp4", "FILM.MP4", "film.pose", "own.mov", "below/film.mp4"]
)
def test_a_film_is_found_by_link_by_name_and_in_another_folder(
    tmp_path: Path, name: str
) -> None:
    path = write(tmp_path / "in" / "own.eaf", slots(0, 9))
    folder = tmp_path / ("films" if "/" in name else "in")
    there = folder / name
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_bytes(b"x")
    library = Library(tmp_path / "films" if "/" in name else None)
    (found,) = find_films(read_document(path), path, library)
    assert found.path == there


def test_annotations_become_clips_of_one_pass(clip: Clip, tmp_path: Path) -> None:
    film(clip, tmp_path / "film.parquet")
    write(
        tmp_path / "film.eaf",
        slots(400, 1200, 1200, 2000, 3860, 9000, 50, 50),
        tier(
            "GLOSS",
            aligned(1, 1, 2, "ONE"),
            aligned(2, 3, 4, "TWO_2"),
            aligned(3, 5, 6, "OVER"),
            aligned(4, 7, 8, "FLAT"),
            aligned(5, 1, 2, ""),
            participant="P",
        ),
        media=MEDIA.format(' TIME_ORIGIN="40"'),
    )
    settings = ImportSettings(tier="GLOSS")
    report = import_clips("elan", tmp_path, tmp_path / "out", settings=settings)
    clips = {one.gloss: one for one in Dataset.open(tmp_path / "out")}
    assert report.failures == [
        "film.eaf: 'FLAT' on tier GLOSS at 0.050 s has no length; give it an end "
        "after its start in ELAN",
    ]
    assert set(clips) == {"ONE", "TWO", "OVER"}
    one = clips["ONE"]
    assert (one.signer, one.session, one.fps) == ("P", "film", pytest.approx(25))
    shown = one.landmarks[:, 0, 0]  # 440 to 1240 ms of the film
    assert (shown[0], shown[-1]) == (11, 31)
    assert len(clips["OVER"]) == 2


def test_an_annotation_after_the_end_of_the_film_is_named(
    clip: Clip, tmp_path: Path
) -> None:
    film(clip, tmp_path / "film.parquet", seconds=1.0)
    content = tier("A", aligned(1, 1, 2, "LATE"))
    write(tmp_path / "film.eaf", slots(3000, 3500), content)
    settings = ImportSettings(tier="A")
    report = import_clips("elan", tmp_path, tmp_path / "out", settings=settings)
    assert (report.clips, len(report.failures)) == (0, 1)
    assert "LATE" in report.failures[0]
    assert "ends before" in report.failures[0]


def test_files_without_the_tier_or_a_film_are_named_and_the_rest_is_done(
    clip: Clip, tmp_path: Path
) -> None:
    film(clip, tmp_path / "good.parquet")
    content = tier("A", aligned(1, 1, 2, "ONE"))
    write(tmp_path / "good.eaf", slots(0, 800), content)
    write(tmp_path / "lost.EAF", slots(0, 800), content, media="")
    write(tmp_path / "other.eaf", slots(0, 800), tier("B", aligned(1, 1, 2, "ONE")))
    (tmp_path / "empty.eaf").touch()
    settings = ImportSettings(tier="A")
    report = import_clips("elan", tmp_path, tmp_path / "out", settings=settings)
    assert report.clips == 1
    said = "\n".join(report.failures)
    assert len(report.failures) == 3
    for words in ("other.eaf has no tier 'A'; it has: B", "lost.EAF: no film", "empty"):
        assert words in said


def test_a_film_that_cannot_be_read_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "film.parquet").write_bytes(b"nothing")
    content = tier("A", aligned(1, 1, 2, "ONE"), aligned(2, 2, 3, "TWO"))
    write(tmp_path / "film.eaf", slots(0, 400, 800), content)
    with pytest.raises(MediaError, match="2 signs are left out") as caught:
        read(tmp_path / "film.eaf", "elan", ImportSettings(tier="A"))
    assert "more cannot be read" not in str(caught.value)


def test_without_a_tier_those_that_exist_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.eaf", slots(), tier("GLOSA"), tier("NOTE"))
    with pytest.raises(SettingsError, match="GLOSA, NOTE"):
        read(path, "elan")
    with pytest.raises(SettingsError, match="regular"):
        read(path, "elan", ImportSettings(tier="("))
    with pytest.raises(SettingsError, match="--tier has no effect"):
        read(path, "pose", ImportSettings(tier="A"))
    with pytest.raises((MediaError, DatasetError), match=r"no \.eaf"):
        read(tmp_path / "nowhere", "elan", ImportSettings(tier="A"))


TIERS = (
    NewTier(name="gloss", annotations=[(1.5, 1.5, "B <&> \x00"), (0.25, 1.0, "বই")]),
    NewTier(name="note", about="gloss", annotations=[(0.0, 0.0, "b"), (0.0, 0.0, "a")]),
)


def test_a_new_file_is_as_elans_schema_wants_it(tmp_path: Path) -> None:
    path = tmp_path / "out" / "film.eaf"
    write_eaf(path, TIERS, tmp_path / "my films" / "film.webm")
    root = ET.parse(path).getroot()
    order = [child.tag for child in root]
    assert order == sorted(
        order,
        key=["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "CONSTRAINT"].index,
    )
    times = [int(slot.attrib["TIME_VALUE"]) for slot in root.iter("TIME_SLOT")]
    assert times == sorted(times) == [250, 1000, 1500, 1501]
    (medium,) = root.iter("MEDIA_DESCRIPTOR")
    assert medium.attrib["MIME_TYPE"] == "video/webm"
    assert medium.attrib["RELATIVE_MEDIA_URL"] == "../my films/film.webm"
    assert medium.attrib["MEDIA_URL"].startswith("file:///")
    types = {one.attrib["LINGUISTIC_TYPE_ID"] for one in root.iter("LINGUISTIC_TYPE")}
    assert {one.attrib["LINGUISTIC_TYPE_REF"] for one in root.iter("TIER")} <= types
    ids = [one.get("ANNOTATION_ID") for one in root.iter() if one.get("ANNOTATION_ID")]
    assert len(ids) == len(set(ids)) == 4
    assert spans(path, "gloss") == [(250, 1000, "বই"), (1500, 1501, "B <&> ")]
    assert spans(path, "note") == [(250, 1000, "a"), (1500, 1501, "b")]


def without_tails(element: ET.Element) -> tuple[object, ...]:
    return (
        element.tag,
        sorted(element.attrib.items()),
        (element.text or "").strip(),
        [without_tails(child) for child in element],
    )


def is_kept(before: ET.Element, after: ET.Element) -> bool:
    """Return whether all elements stand in the same order, with others between them."""
    rest = [without_tails(child) for child in after]
    for child in before:
        if child.tag in ("TIME_ORDER", "HEADER"):
            other = after.find(child.tag)
            own = [one for one in child if one.tag != "PROPERTY"]
            there = [without_tails(one) for one in other if one.tag != "PROPERTY"]
            if [one for one in there if one in list(map(without_tails, own))] != list(
                map(without_tails, own)
            ):
                return False
        elif without_tails(child) not in rest:
            return False
    return True


def test_tiers_are_added_and_everything_else_stays(tmp_path: Path) -> None:
    path = write(
        tmp_path / "mine.eaf",
        slots(0, 1200, None, 1300),
        tier("gloss", aligned(7, 1, 2, "MINE"), LANG_REF="bn"),
        "<!-- a note -->",
        '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="signnet" CONSTRAINTS="Included_In"/>',
        media=MEDIA.format(' TIME_ORIGIN="250"'),
    )
    before = ET.parse(path).getroot()
    write_eaf(path, TIERS, Path("elsewhere/film.mp4"))
    write_eaf(path, TIERS)
    after = ET.parse(path).getroot()
    assert is_kept(before, after)
    assert "<!-- a note -->" in path.read_text("utf-8")
    assert list(read_document(path).tiers) == [
        *("gloss", "gloss 2", "note", "gloss 3", "note 2")
    ]
    assert spans(path, "gloss 2")[0][:2] == (0, 750)  # the film begins at -250 ms
    assert spans(path, "note 2") == [(250, 1000, "a"), (1500, 1501, "b")]
    assert len(list(after.iter("MEDIA_DESCRIPTOR"))) == 1


@pytest.mark.parametrize("name", ["pdc_sample", "ncslgr_sample", "sample_2.7"])
def test_a_real_file_keeps_every_element(data: Path, tmp_path: Path, name: str) -> None:
    source = data / "elan" / "others" / f"{name}.eaf"
    if not source.is_file():
        pytest.skip(f"{source} is absent")
    path = tmp_path / "copy.eaf"
    path.write_bytes(source.read_bytes())
    write_eaf(path, TIERS)
    before, after = ET.parse(source).getroot(), ET.parse(path).getroot()
    kept = [one for one in after if one.get("TIER_ID") not in ("gloss", "note")]
    kept = [one for one in kept if "signnet" not in str(one.attrib)]
    for one, other in zip(before, kept, strict=True):
        if one.tag not in ("HEADER", "TIME_ORDER"):
            assert without_tails(one) == without_tails(other)
    known = {slot.get("TIME_SLOT_ID") for slot in before.iter("TIME_SLOT")}
    slots_before = [dict(slot.attrib) for slot in before.iter("TIME_SLOT")]
    slots_after = [
        dict(slot.attrib)
        for slot in after.iter("TIME_SLOT")
        if slot.get("TIME_SLOT_ID") in known
    ]
    assert slots_before == slots_after
