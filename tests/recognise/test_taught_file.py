"""taught.json: what is written is read again, and nothing else is believed."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signnet.errors import ModelError
from signnet.recognise import taught_file
from signnet.recognise.exemplars import Kernel
from signnet.recognise.sketch import SKETCH_JOINTS, Sketch
from signnet.recognise.taught_file import TAUGHT, read_taught, write_taught
from signnet.recognise.teaching import Taught, TaughtClip

SHA = "5e" * 32


@pytest.fixture
def model() -> Taught:
    return Taught(
        glosses=("A", "জল", "C"),
        kernel=Kernel((2, 1), (0.5, 0.5)),
        anchors=np.ones((2, 3), np.float32),
    )


def clip_of(name: str, gloss: str, seed: int, **labels: Any) -> TaughtClip:
    rng = np.random.default_rng(seed)
    points = rng.integers(-32768, 32767, (seed, len(SKETCH_JOINTS), 2)).astype("<i2")
    return TaughtClip(
        name=name,
        gloss=gloss,
        embedding=rng.normal(0, 1, 3).astype(np.float32),
        scores=rng.normal(0, 1, 3).astype(np.float32),
        sketch=Sketch(points, 12.5),
        **labels,
    )


@pytest.fixture
def taught(model: Taught) -> Taught:
    labels = {"signer": "P01", "session": "S1", "added": "2026-01-31"}
    clips = [
        clip_of("a__b", "পানি", 3, **labels),
        clip_of("c", "A", 1),
        replace(clip_of("d", "পানি", 2), sketch=None),
    ]
    known = replace(model, readings={"পানি": ("pani", "water")})
    return known.with_clips(clips).without("জল")


@pytest.fixture
def file(taught: Taught, tmp_path: Path) -> Path:
    write_taught(taught, tmp_path / TAUGHT, "mine", SHA)
    return tmp_path / TAUGHT


def test_the_file_is_as_the_page_reads_it(file: Path, taught: Taught) -> None:
    content = json.loads(file.read_text("utf-8"))
    assert content["format"] == "signnet taught"
    assert content["version"] == 2
    assert content["model"] == {"name": "mine", "sha256": SHA}
    assert content["forgotten"] == ["জল"]
    assert content["skeleton"] == {
        "joints": [*range(25), *range(33, 75)],
        "scale": 4096,
    }
    first, second = content["words"]
    assert (first["gloss"], second["gloss"]) == ("পানি", "A")
    assert (first["transliteration"], first["english"]) == ("pani", "water")
    assert (second["transliteration"], second["english"]) == ("", "")
    clip = first["clips"][0]
    assert {key: clip[key] for key in ("name", "signer", "session", "added")} == {
        "name": "a__b", "signer": "P01", "session": "S1", "added": "2026-01-31",
    }  # fmt: skip
    embedding = np.frombuffer(base64.b64decode(clip["embedding"]), "<f4")
    np.testing.assert_array_equal(embedding, taught.clips[0].embedding)
    assert (clip["skeleton"]["fps"], clip["skeleton"]["frames"]) == (12.5, 3)
    assert first["clips"][1]["skeleton"] is None
    assert "পানি" in file.read_text("utf-8"), "Bangla stays legible"


def test_what_is_written_is_read_again(
    file: Path, taught: Taught, model: Taught
) -> None:
    found = read_taught(file, model, SHA)
    assert found.vocabulary == taught.vocabulary == ("A", "C", "পানি")
    assert found.forgotten == ("জল",)
    assert found.readings["পানি"] == ("pani", "water")
    ordered = sorted(taught.clips, key=lambda clip: clip.gloss, reverse=True)
    for one, other in zip(found.clips, ordered, strict=True):
        assert one.labels == other.labels
        np.testing.assert_array_equal(one.embedding, other.embedding)
        np.testing.assert_array_equal(one.scores, other.scores)
        if one.sketch is None or other.sketch is None:
            assert one.sketch is other.sketch
            continue
        np.testing.assert_array_equal(one.sketch.points, other.sketch.points)
        assert one.sketch.fps == other.sketch.fps
    asked = np.random.default_rng(0).normal(0, 1, (4, 3))
    np.testing.assert_allclose(
        found.scores(asked, asked), taught.scores(asked, asked), atol=1e-9
    )


def test_writing_again_gives_the_same_file(
    file: Path, model: Taught, tmp_path: Path
) -> None:
    write_taught(read_taught(file, model, SHA), tmp_path / "again.json", "mine", SHA)
    assert (tmp_path / "again.json").read_bytes() == file.read_bytes()


def test_a_base_s_file_has_no_scores(tmp_path: Path, model: Taught) -> None:
    base = replace(model, glosses=())
    clip = replace(clip_of("a", "A", 2), scores=np.zeros(0, np.float32))
    write_taught(base.with_clips([clip]), tmp_path / TAUGHT, "base", SHA)
    content = json.loads((tmp_path / TAUGHT).read_text("utf-8"))
    assert content["words"][0]["clips"][0]["scores"] == ""
    assert read_taught(tmp_path / TAUGHT, base, SHA).vocabulary == ("A",)


def packed(values: Any, kind: str = "<f4") -> str:
    return base64.b64encode(np.array(values, kind).tobytes()).decode()


def change(path: str, value: Any) -> Callable[[Any], None]:
    """Give a function that sets the value at a path such as words/0/gloss."""

    def apply(content: Any) -> None:
        *way, last = [int(key) if key.isdigit() else key for key in path.split("/")]
        for key in way:
            content = content[key]
        content[last] = value

    return apply


def without(key: str) -> Callable[[Any], None]:
    return lambda content: content.pop(key)


CLIP = "words/0/clips/0"

HOSTILE: list[tuple[Callable[[Any], None], str]] = [
    (change("format", "diary"), "holds no taught words"),
    (without("format"), "holds no taught words"),
    (change("version", 1), "has version 1, expected 2; teach the words again"),
    (change("version", "1\n2"), "has version 1 2, expected 2"),
    (change("version", [2] * 999), "expected 2"),
    (change("model/sha256", "00" * 32), r"was taught to another model \(mine\)"),
    (
        lambda content: content.update(model={"sha256": "0", "name": "x\ny" * 999}),
        "another model",
    ),
    (without("model"), "is damaged"),
    (change("model", None), "is damaged"),
    (change("model", "mine"), "is damaged"),
    (without("forgotten"), "is damaged"),
    (change("forgotten", {"A": 1}), "dict where a list belongs"),
    (change("forgotten", ["A", 3]), "is damaged"),
    (change("forgotten", ["Nothing\nknown"]), "the model never knew Nothing known"),
    (change("forgotten", ["পানি"]), "the model never knew"),
    (without("skeleton"), "is damaged"),
    (change("skeleton", []), "is damaged"),
    (change("skeleton/joints", 3), "is damaged"),
    (change("words", {}), "dict where a list belongs"),
    (change("words", [None]), "is damaged"),
    (change("words", ["abc"]), "is damaged"),
    (change("words/0/gloss", ""), "where a text belongs"),
    (change("words/0/gloss", 3), "is damaged"),
    (change("words/0/gloss", "x" * 61), "where a text belongs"),
    (change("words/0/gloss", "\ud800"), "is damaged"),
    (change("words/0/english", "x" * 61), "where a text belongs"),
    (change("words/0/transliteration", ["x"]), "where a text belongs"),
    (change("words/0/clips", None), "where a list belongs"),
    (change("words/0/clips", [[]]), "is damaged"),
    (change(CLIP + "/name", None), "where a text belongs"),
    (change(CLIP + "/name", "x" * 201), "where a text belongs"),
    (change(CLIP + "/name", "c"), "two of one name"),
    (change(CLIP + "/signer", 3), "where a text belongs"),
    (change(CLIP + "/signer", "x" * 201), "where a text belongs"),
    (change(CLIP + "/added", {}), "where a text belongs"),
    (change(CLIP + "/embedding", packed([1, 2])), "2 numbers where 3 belong"),
    (change(CLIP + "/embedding", packed([1, 2, 3, 4])), "4 numbers where 3 belong"),
    (change(CLIP + "/embedding", packed([1, np.nan, 3])), "or huge ones"),
    (change(CLIP + "/embedding", packed([1, -np.inf, 3])), "or huge ones"),
    (change(CLIP + "/embedding", packed([1, 100, 3])), "or huge ones"),
    (change(CLIP + "/embedding", "AAA"), "is damaged"),
    (change(CLIP + "/embedding", "AAAA AAAA"), "is damaged"),
    (change(CLIP + "/embedding", "পানি"), "is damaged"),
    (change(CLIP + "/embedding", [1, 2, 3]), "is damaged"),
    (change(CLIP + "/embedding", None), "is damaged"),
    (change(CLIP + "/scores", packed([1, 2])), "2 numbers where 3 belong"),
    (change(CLIP + "/scores", ""), "0 numbers where 3 belong"),
    (change(CLIP + "/scores", packed([np.nan, 2, 3])), "or huge ones"),
    (change(CLIP + "/skeleton/frames", -3), "a skeleton without frames"),
    (change(CLIP + "/skeleton/frames", 0), "a skeleton without frames"),
    (change(CLIP + "/skeleton/frames", 10**9), "a skeleton without frames"),
    (change(CLIP + "/skeleton/frames", 2), "is damaged"),
    (change(CLIP + "/skeleton/frames", 3.0), "a skeleton without frames"),
    (change(CLIP + "/skeleton/fps", 0), "a skeleton without frames"),
    (change(CLIP + "/skeleton/fps", float("nan")), "a skeleton without frames"),
    (change(CLIP + "/skeleton/fps", 1e400), "a skeleton without frames"),
    (change(CLIP + "/skeleton/fps", 10**400), "is damaged"),
    (change(CLIP + "/skeleton/fps", None), "is damaged"),
    (change(CLIP + "/skeleton/points", "AAA"), "is damaged"),
    (change(CLIP + "/skeleton/points", packed([1.0] * 9)), "is damaged"),
    (change(CLIP + "/skeleton", [1]), "is damaged"),
]


@pytest.mark.parametrize(
    ("spoil", "said"), HOSTILE, ids=[str(row) for row in range(len(HOSTILE))]
)
def test_a_file_that_is_not_right_is_refused_in_one_line(
    file: Path, model: Taught, spoil: Callable[[Any], None], said: str
) -> None:
    content = json.loads(file.read_text("utf-8"))
    spoil(content)
    file.write_text(json.dumps(content), "utf-8")
    with pytest.raises(ModelError, match=said) as caught:
        read_taught(file, model, SHA)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < len(str(file)) + 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read"),
        (b"hello", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"[" * 200_000, "cannot be read"),
        (b'{"a":' * 200_000, "cannot be read"),
        (b"9" * 9_000, "cannot be read"),
        (b"[]", "holds no taught words"),
        (b"null", "holds no taught words"),
        (b'"signnet taught"', "holds no taught words"),
    ],
)
def test_what_is_no_json_object_is_one_line(
    content: bytes, said: str, file: Path, model: Taught
) -> None:
    file.write_bytes(content)
    with pytest.raises(ModelError, match=said) as caught:
        read_taught(file, model, SHA)
    assert "\n" not in str(caught.value)


def test_half_a_file_is_one_line(file: Path, model: Taught) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="cannot be read"):
        read_taught(file, model, SHA)


def test_a_huge_file_is_not_even_read(file: Path, model: Taught) -> None:
    with file.open("r+b") as stretched:
        stretched.truncate(100_000_001)  # sparse: it takes no room
    with pytest.raises(ModelError, match="has 100000001 bytes; at most 100000000"):
        read_taught(file, model, SHA)


def test_too_many_clips_are_refused(
    file: Path, model: Taught, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taught_file, "MOST_CLIPS", 2)
    with pytest.raises(ModelError, match="too many clips"):
        read_taught(file, model, SHA)


def test_a_skeleton_of_other_joints_is_left_out(file: Path, model: Taught) -> None:
    content = json.loads(file.read_text("utf-8"))
    content["skeleton"]["joints"] = [0, 1]
    file.write_text(json.dumps(content), "utf-8")
    found = read_taught(file, model, SHA)
    assert len(found.clips) == 3
    assert all(clip.sketch is None for clip in found.clips)


def test_a_forgotten_gloss_that_has_clips_is_answered_as_in_the_page(
    file: Path, model: Taught
) -> None:
    content = json.loads(file.read_text("utf-8"))
    content["forgotten"] = ["A", "জল", "জল"]
    file.write_text(json.dumps(content), "utf-8")
    found = read_taught(file, model, SHA)
    assert found.forgotten == ("জল",)
    assert "A" in found.vocabulary


def test_a_gloss_in_another_spelling_of_unicode_is_the_same(
    file: Path, model: Taught
) -> None:
    content = json.loads(file.read_text("utf-8"))
    content["words"][0]["gloss"] = "cafe\u0301"
    file.write_text(json.dumps(content), "utf-8")
    assert read_taught(file, model, SHA).new == ("caf\u00e9",)


def test_a_file_that_cannot_be_written_is_one_line(
    taught: Taught, tmp_path: Path
) -> None:
    (tmp_path / "in the way").write_text("")
    with pytest.raises(ModelError, match="cannot write") as caught:
        write_taught(taught, tmp_path / "in the way" / TAUGHT, "mine", SHA)
    assert "\n" not in str(caught.value)
