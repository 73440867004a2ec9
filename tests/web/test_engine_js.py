"""The engine: what its package holds, and what it computes as Python does."""

import base64
import json
import re
import subprocess
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from node import PAGE, needs_node, run_node
from recorded_streams import STREAMS
from signnet.geometry import mirror
from signnet.recognise.hands import signing_hand
from signnet.recognise.stream_settings import StreamSettings
from signnet.skeleton import BONES, PARTS
from signnet.web import build as site

WEB = Path(site.__file__).parent
ROOT = WEB.parent.parent.parent
DOOR = "engine/index.js"

pytestmark = needs_node

needs_vendor = pytest.mark.skipif(
    not (WEB / "vendor" / "vision_bundle.mjs").is_file(),
    reason="no browser files: npm ci --prefix src/signnet/web",
)

INSIDE = "browser capture recognise figure engine".split()
"""Folders of the engine, from the ground up."""

FOLDERS = [*INSIDE, *"text parts teach collect views".split()]
"""Those of the page proper stand above the engine."""

WITHOUT_FOLDER = "LICENSE README.md files.json package.json signnet.d.ts".split()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the package."""
    out = tmp_path_factory.mktemp("npm") / "package"
    subprocess.run(["node", WEB / "pack.mjs", out], check=True)
    return out


def files_of(package: Path) -> set[str]:
    files = (path for path in package.rglob("*") if path.is_file())
    return {path.relative_to(package).as_posix() for path in files}


@needs_vendor
def test_the_package_is_whole_and_holds_nothing_of_the_page(package: Path) -> None:
    files = files_of(package)
    assert {name for name in files if "/" not in name} == set(WITHOUT_FOLDER)
    folders = {name.split("/")[0] for name in files if "/" in name}
    assert folders == {*INSIDE, "vendor", "example"}
    for name in files:
        if not name.endswith(".js") or name.startswith("vendor/"):
            continue
        code = (package / name).read_text("utf-8")
        for address in re.findall(r'(?:from|import) "(\.[^"]+)"', code):
            assert (package / name).parent.joinpath(address).is_file(), (name, address)
    workers = {f"{one.parent.name}/{one.name}" for one in PAGE.glob("*/*.worker.js")}
    assert workers
    assert workers <= files
    programs = json.loads((package / "files.json").read_text("utf-8"))["large"]
    assert set(programs) == {"tracker", "runtime"}
    for one in programs.values():
        assert (package / one["path"]).stat().st_size == one["bytes"]
    assert "fontsource" not in (package / "vendor/THIRD-PARTY.txt").read_text("utf-8")
    assert (package / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@needs_vendor
def test_the_package_has_the_version_and_licence_of_the_python_one(
    package: Path,
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    about = json.loads((package / "package.json").read_text("utf-8"))
    keys = ("name", "version", "license")
    assert [about[key] for key in keys] == [project[key] for key in keys]
    door = about["exports"]["."]
    assert door["default"] == f"./{DOOR}"
    assert all((package / path).is_file() for path in door.values())


def imports() -> list[tuple[str, str]]:
    """List the modules of the page with what each imports, as paths in the page."""
    statement = re.compile(r'(?:from|import)\s*\(?\s*"(\.[^"]+)"')
    found = [
        (file.relative_to(PAGE).as_posix(), (file.parent / address).resolve())
        for file in PAGE.glob("*/*.js")
        for address in statement.findall(file.read_text("utf-8"))
    ]
    own = PAGE.resolve()
    return [(one, other.relative_to(own).as_posix()) for one, other in found]


def test_imports_point_down_and_the_page_knows_the_engine_s_door_only() -> None:
    listed = [one for one in imports() if not one[1].startswith("vendor/")]
    folder = {name: name.split("/")[0] for pair in listed for name in pair}
    assert set(folder.values()) == set(FOLDERS)
    upwards = [
        (one, other)
        for one, other in listed
        if FOLDERS.index(folder[one]) < FOLDERS.index(folder[other])
    ]
    assert not upwards
    from_outside = [pair for pair in listed if folder[pair[0]] not in INSIDE]
    used = [(one, other) for one, other in from_outside if folder[other] in INSIDE]
    assert {other for _, other in used} == {DOOR}, used


MEMBERS = """
    const door = await import("./engine/index.js");
    const { SignStream } = await import("./engine/signstream.js");
    const { TaughtWords } = await import("./engine/taught.js");
    const { Model, Player } = door;
    const classes = { Model, Player, SignStream, TaughtWords };
    const open = ([name, { prototype }]) =>
      [name, Object.getOwnPropertyNames(prototype)];
    say([Object.keys(door), Object.fromEntries(Object.entries(classes).map(open))]);
"""

FIELDS = {
    "Model": {"card", "words", "ownWords", "taught", "skeleton"},
    "Player": {"isPlaying", "speed", "isMirrored"},
    "SignStream": {"isPaused", "isEnded"},
    "TaughtWords": {"isStored"},
}
"""What is typed and stands in the instances."""

UNTYPED = "add forget drop exportText importFile load isNew motionOf"
"""What the engine itself calls of what was taught."""


def test_the_types_name_all_that_the_door_has() -> None:
    exported, members = run_node(MEMBERS)
    types = (WEB / "npm" / "signnet.d.ts").read_text("utf-8")
    kinds = r"^export (?:function|class|const) (\w+)"
    assert set(re.findall(kinds, types, re.MULTILINE)) == set(exported)
    usage = (ROOT / "tests/web/types/usage.ts").read_text("utf-8")
    assert all(re.search(rf"\b{name}[(.,]", usage) for name in exported)
    for name, own in members.items():
        start = re.search(rf"^export (?:class|interface) {name}\b", types, re.MULTILINE)
        assert start, name
        body = types[start.start() :].partition("\n}")[0]
        listed = re.findall(r"^  (?:readonly )?(\w+)[(:]", body, re.MULTILINE)
        expected = {*own, *FIELDS[name]} - {"constructor"}
        if name == "TaughtWords":
            expected -= set(UNTYPED.split())
        assert set(listed) - {"constructor"} == expected, name


def test_a_clip_is_named_with_what_was_taught_and_without() -> None:
    code = """
    import { Naming } from "./engine/naming.js";
    const [own, words] = ["AB", "BNEW"].map((all) =>
      all.match(/[AB]|NEW/g).map((gloss) => ({ gloss })));
    const clip = { probabilities: [0.3, 0.7], modelProbabilities: [0.9, 0.1] };
    const naming = new Naming({ clipOf: ({ kind }) => (kind === "sign" ? clip : null) },
      words, own);
    const sign = { kind: "sign", time: 2, index: 1, probability: 0.7, predictions: [] };
    const told = naming.tell(sign);
    const seen = naming.clipOf(told);
    const other = naming.clipOf(naming.tell({ kind: "rest", time: 3 }));
    say([told.gloss, seen.predictions[0].gloss, seen.ownPredictions[0].gloss,
      seen.glosses, naming.isKnown(seen), other]);
    """
    assert run_node(code) == ["NEW", "NEW", "A", ["B", "NEW"], True, None]


def test_workers_start_again_after_one_has_failed() -> None:
    code = """
    import { Engine } from "./recognise/engine.js";
    globalThis.document = { baseURI: "http://site/" };
    globalThis.OffscreenCanvas = class {};
    URL.createObjectURL = () => "";
    let started = 0, isBroken = true;
    globalThis.Worker = class {
      constructor() { started += 1; }
      terminate() {}
      postMessage({ task, id }) {
        const answer = task === "classify" && isBroken
          ? { error: "out of memory" } : { result: { probabilities: [1] } };
        queueMicrotask(() => this.onmessage({ data: { id, ...answer } }));
      }
    };
    const engine = new Engine({}, { rate: 15 }, {});
    const ask = async () => {
      await engine.open(() => {}, false);
      const one = engine.see(Float32Array.of(1), 1);
      return one.then(({ probabilities }) => probabilities, ({ code }) => code);
    };
    const failed = await ask();
    isBroken = false;
    say([failed, await ask(), started]);
    """
    assert run_node(code) == ["modelFailed", [1], 2]


def test_settings_and_parts_of_an_export_are_python_s() -> None:
    code = """
    import { BONES, PARTS, STREAM } from "./engine/settings.js";
    say([STREAM, PARTS, BONES]);
    """
    expected = [
        json.loads(json.dumps(asdict(StreamSettings()))),
        {part.name: [part.start, part.stop] for part in PARTS.values()},
        [[*bone] for bone in BONES if min(bone) >= PARTS["left_hand"].start],
    ]
    assert run_node(code) == expected


def test_the_hand_that_signs_is_the_one_that_python_finds() -> None:
    clips = [make().landmarks for make in STREAMS.values()]
    clips += [mirror(clip[len(clip) // 2 :]) for clip in clips]
    code = """
    import { signingHand } from "./recognise/hand.js";
    const numbers = (text) =>
      new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
    const { clips, settings } = given;
    say(clips.map((one) => signingHand(numbers(one), settings, 25)));
    """
    texts = [base64.b64encode(one.tobytes()).decode() for one in clips]
    found = run_node(code, {"clips": texts, "settings": asdict(StreamSettings())})
    expected = [signing_hand(one, 25.0) for one in clips]
    assert found == expected
    assert set(expected) == {"left", "right", "both", None}


@pytest.mark.parametrize("kind", ["<f2", "<f4"])
def test_anchors_are_read_as_numpy_wrote_them(tmp_path: Path, kind: str) -> None:
    wanted = np.array([[0.5, -1.25, 6e-8], [np.nan, 1000, 6.1e-5]], kind)
    np.save(tmp_path / "anchors.npy", wanted)
    raw = (tmp_path / "anchors.npy").read_bytes()
    code = """
    import { readNpy } from "./engine/npy.js";
    const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64")).buffer;
    const codeOf = (text) => {
      try { return readNpy(bytes(text)); } catch ({ code }) { return code; }
    };
    const { columns, values } = readNpy(bytes(given.whole));
    say([columns, Array.from(values), given.broken.map(codeOf)]);
    """
    whole, broken = (base64.b64encode(raw), [raw[:-1], b"", b"PK" + raw, raw[:9]])
    texts = [base64.b64encode(one).decode() for one in broken]
    columns, values, codes = run_node(code, {"whole": whole.decode(), "broken": texts})
    found = np.array([np.nan if one is None else one for one in values], np.float32)
    np.testing.assert_array_equal(found, wanted.astype(np.float32).ravel())
    assert (columns, codes) == (3, ["damaged"] * 4)


def test_landmarks_that_are_none_are_named() -> None:
    still, two = [0] * 1659, [0] * 3318
    cases: dict[str, Any] = {
        "found 2 numbers": {"landmarks": [1, 2]},
        "found 0 numbers": {"landmarks": []},
        "found string": {"landmarks": "film"},
        "found number": 7,
        "fps is 0": {"landmarks": still, "fps": 0},
        "times should be 2 rising seconds": {"landmarks": two, "times": [1, 1]},
        "times should be 2": {"landmarks": two, "times": [1]},
        "infinite": {"landmarks": [1e39, *still[1:]]},
    }
    code = """
    const { clipOfLandmarks } = await import("./engine/sources.js");
    const { PARTS } = await import("./engine/settings.js");
    const fault = (one) => {
      try { return clipOfLandmarks(one, PARTS); }
      catch ({ code, message }) { return `${code}: ${message}`; }
    };
    say(given.map(fault));
    """
    found = run_node(code, list(cases.values()))
    for message, words in zip(found, cases, strict=True):
        assert message.startswith("badLandmarks: ")
        assert words in message
