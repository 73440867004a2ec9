"""The static site: whole, checkable, relative, and never half-written."""

import gzip
import hashlib
import json
import re
import shutil
import struct
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lessons import a_clip, a_file, a_word, floats
from node import PAGE, needs_node, run_node
from signnet.clip import Clip, nfc
from signnet.dataset import Dataset, write_clips
from signnet.errors import ModelError, SettingsError
from signnet.extraction import ensure_models
from signnet.files import whole
from signnet.recognise.model_card import ModelCard
from signnet.recognise.motions import average_motions
from signnet.recognise.recogniser import Recogniser, find_model
from signnet.recognise.stream import StreamSettings
from signnet.web import build as site
from signnet.web import parts
from signnet.web.build import write_site
from signnet.web.motions import MOTION_JOINTS, MOTION_SCALE, pack_motions

pytestmark = pytest.mark.slow

WEB = Path(site.__file__).parent

needs_vendor = pytest.mark.skipif(
    not (WEB / "vendor" / "vision_bundle.mjs").is_file(),
    reason="no browser files: npm ci --prefix src/signnet/web",
)


@pytest.fixture(scope="module")
def landmark_models() -> None:
    try:
        ensure_models()
    except ModelError as error:
        pytest.skip(f"no landmark models: {error}")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, landmark_models: None) -> Path:
    del landmark_models
    out = tmp_path_factory.mktemp("sites") / "site"
    write_site(out)
    return out


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


@needs_vendor
def test_every_large_file_is_what_the_index_says(written: Path) -> None:
    large = read_json(written / "files.json")["large"]
    named = "tracker runtime pose hands model motions anchors".split()
    assert sorted(large) == sorted(named)
    for entry in large.values():
        packed = (written / entry["path"]).read_bytes()
        digest = hashlib.sha256(gzip.decompress(packed)).hexdigest()
        assert (len(packed), digest) == (entry["bytes"], entry["sha256"])
        assert digest[:12] in entry["path"]


@needs_vendor
def test_a_first_visit_loads_at_most_32_megabytes(written: Path) -> None:
    index = read_json(written / "files.json")
    large = sum(entry["bytes"] for entry in index["large"].values())
    small = sum(len(gzip.compress((written / f).read_bytes())) for f in index["shell"])
    assert large + small < 32e6


@needs_vendor
def test_the_worker_keeps_every_file_that_the_page_needs(written: Path) -> None:
    index = read_json(written / "files.json")
    assert all((written / path).is_file() for path in index["shell"])
    named = {"index.html", "views/app.js", "model.json", "vendor/vision_bundle.mjs"}
    assert named <= set(index["shell"])
    worker = (written / "service-worker.js").read_text("utf-8")
    assert f'const VERSION = "{index["version"]}";' in worker


@needs_vendor
def test_the_model_s_settings_stand_beside_it(written: Path) -> None:
    card = read_json(find_model("bdsl55") / "model.json")
    shown = read_json(written / "model.json")
    assert shown["vocabulary"] == card["vocabulary"]
    assert "trained_on" not in shown
    assert (shown["clips"], shown["people"]) == (len(card["trained_on"]), 2)
    assert shown["metrics"] == card["metrics"]
    settings = StreamSettings(abstain_below=card["abstain_below"])
    assert read_json(written / "stream.json") == json.loads(
        json.dumps(asdict(settings))
    )


@needs_vendor
def test_the_anchors_are_those_of_the_model(written: Path) -> None:
    entry = read_json(written / "files.json")["large"]["anchors"]
    content = gzip.decompress((written / entry["path"]).read_bytes())
    anchors = np.load(find_model("bdsl55") / "anchors.npy", allow_pickle=False)
    embedding = read_json(written / "model.json")["embedding"]
    found = np.frombuffer(content, "<f4").reshape(-1, sum(embedding["axes"]))
    np.testing.assert_array_equal(found, anchors.astype(np.float32))


@needs_vendor
@pytest.mark.parametrize("content", [b"nothing", None], ids=["broken", "flat"])
def test_broken_anchors_are_named_and_no_site_is_begun(
    tmp_path: Path, landmark_models: None, content: bytes | None
) -> None:
    del landmark_models
    shutil.copytree(find_model("bdsl55"), tmp_path / "model")
    file = tmp_path / "model" / "anchors.npy"
    np.save(file, np.zeros(3, np.float16))
    if content:
        file.write_bytes(content)
    with pytest.raises(ModelError, match=r"anchors\.npy .*export the model again"):
        write_site(tmp_path / "site", str(tmp_path / "model"))
    assert not (tmp_path / "site").exists()


def fitting(model: Path, name: str = "a", **labels: str) -> dict[str, Any]:
    """Make a word of one clip whose numbers fit a model."""
    opened = Recogniser(ModelCard.read(model / "model.json"), model / "model.onnx")
    axes, glosses = opened.taught.kernel.size, len(opened.vocabulary)
    numbers = {"embedding": np.full(axes, 0.1), "scores": np.full(glosses, 0.1)}
    packed = {key: floats(*values) for key, values in numbers.items()}
    return a_word(clips=[a_clip(name=name, **packed)], **labels)


def taught_model(out: Path, model: Path, content: Any = None, **other: Any) -> Path:
    """Copy a model, with a taught.json of one word beside it."""
    shutil.copytree(model, out)
    digest = hashlib.sha256((out / "model.onnx").read_bytes()).hexdigest()
    head = {"model": {"name": "model", "sha256": digest}, "words": [fitting(model)]}
    lesson = a_file(**{**head, **other})
    text = json.dumps(lesson) if content is None else content
    (out / "taught.json").write_text(text, "utf-8")
    return out


@needs_vendor
def test_what_was_taught_to_a_model_belongs_to_its_site(
    tmp_path: Path, landmark_models: None
) -> None:
    del landmark_models
    model = taught_model(tmp_path / "a", find_model("bdsl55"), forgotten=["বই", "নাম"])
    summary = write_site(tmp_path / "site", str(model))
    assert summary.words == 55 - 2 + 1
    index = read_json(tmp_path / "site" / "files.json")
    assert "taught.json" in index["shell"]
    assert "taught.json" in index["written"]
    expected = read_json(model / "taught.json")
    assert read_json(tmp_path / "site" / "taught.json") == expected
    assert index["large"]["model"]["sha256"] == expected["model"]["sha256"]


@needs_vendor
def test_a_base_becomes_a_site_of_the_words_that_it_was_taught(
    base: Path, tmp_path: Path, corpus: list[Clip], landmark_models: None
) -> None:
    del landmark_models
    words = [fitting(base, "a", gloss=str(corpus[0].gloss)), fitting(base, "b")]
    model = taught_model(tmp_path / "base", base, words=words)
    write_clips(corpus, tmp_path / "data" / "all.parquet")
    shown = write_site(tmp_path / "site", str(model), tmp_path / "data")
    assert (shown.words, shown.motions) == (2, 1)
    card = read_json(tmp_path / "site" / "model.json")
    assert card["vocabulary"] == []
    assert card["embedding"] == read_json(base / "model.json")["embedding"]
    assert "anchors" not in read_json(tmp_path / "site" / "files.json")["large"]


@needs_vendor
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"content": "[" * 100_000}, "cannot be read"),
        ({"content": "{"}, "cannot be read"),
        ({"content": "[]"}, "holds no taught words"),
        ({"version": 1}, "has version 1, expected 2"),
        ({"words": [1]}, "is damaged"),
        ({"words": [a_word()]}, "is damaged"),
        ({"words": None}, "is damaged"),
        ({"forgotten": [[]]}, "is damaged"),
        ({"content": json.dumps(a_file())}, "was taught to another model"),
    ],
    ids=str,
)
def test_a_taught_file_that_cannot_be_used_is_named_and_no_site_is_begun(
    tmp_path: Path, landmark_models: None, change: dict[str, Any], message: str
) -> None:
    del landmark_models
    model = taught_model(tmp_path / "model", find_model("bdsl55"), **change)
    with pytest.raises(ModelError, match=rf"taught\.json.* {message}") as error:
        write_site(tmp_path / "site", str(model))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "site").exists()


@needs_vendor
def test_more_clips_than_a_page_fits_are_refused(
    tmp_path: Path, landmark_models: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del landmark_models
    monkeypatch.setattr(parts, "MOST_ON_PAGE", 1)
    words = [fitting(find_model("bdsl55"), one, gloss=one) for one in "ab"]
    model = taught_model(tmp_path / "model", find_model("bdsl55"), words=words)
    with pytest.raises(ModelError, match="holds 2 clips; a page takes at most 1, so"):
        write_site(tmp_path / "site", str(model))


@needs_vendor
def test_a_model_without_an_embedding_was_taught_nothing(
    finished_run: Path, tmp_path: Path, landmark_models: None
) -> None:
    del landmark_models
    model = taught_model(tmp_path / "model", finished_run)
    with pytest.raises(ModelError, match="cannot be taught; remove it"):
        write_site(tmp_path / "site", str(model))


@needs_vendor
def test_anchors_of_other_axes_than_the_card_s_are_refused(
    base: Path, tmp_path: Path, landmark_models: None
) -> None:
    del landmark_models
    shutil.copytree(base, tmp_path / "base")
    np.save(tmp_path / "base" / "anchors.npy", np.zeros((2, 3), np.float16))
    with pytest.raises(
        ModelError, match=r"anchors\.npy holds no anchors of this model"
    ):
        write_site(tmp_path / "site", str(tmp_path / "base"))


def state(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@needs_vendor
def test_an_earlier_site_is_replaced_by_the_same_as_a_new_one(
    written: Path, tmp_path: Path, corpus: list[Clip], finished_run: Path
) -> None:
    write_clips(corpus, tmp_path / "data" / "all.parquet")
    write_site(tmp_path / "place" / "site", str(finished_run), tmp_path / "data")
    (tmp_path / "place" / "link").symlink_to("site")
    write_site(tmp_path / "place" / "link")
    names = sorted(path.name for path in (tmp_path / "place").iterdir())
    assert names == ["link", "site"]
    assert state(tmp_path / "place" / "site") == state(written)


@needs_vendor
def test_a_site_that_fails_half_way_leaves_what_was_there(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(written, tmp_path / "site")

    def full(*_: Any, **__: Any) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(site.gzip, "compress", full)
    with pytest.raises(SettingsError, match="No space left on device"):
        write_site(tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert state(tmp_path / "site") == state(written)


@needs_vendor
def test_a_site_that_cannot_be_put_in_place_leaves_what_was_there(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(written, tmp_path / "site")

    def fail(_one: Path, _other: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(whole, "exchange", fail)
    with pytest.raises(SettingsError, match="Input/output error"):
        write_site(tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert state(tmp_path / "site") == state(written)


def with_index(folder: Path, content: str | bytes) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / "files.json").write_bytes(raw)


def listing(folder: Path, name: str) -> None:
    index = read_json(folder / "files.json")
    index["written"][name] = hashlib.sha256(b"mine").hexdigest()
    with_index(folder, json.dumps(index))


FOREIGN: dict[str, tuple[Callable[[Path], object], str]] = {
    "file": (lambda site: (site / "diary.txt").write_text("mine"), "diary.txt"),
    "below": (lambda site: (site / "large" / "a.gz").write_text("a"), "large/a.gz"),
    "folder": (lambda site: (site / "mine").mkdir(), "mine"),
    "link": (lambda site: (site / "mine").symlink_to("/"), "mine"),
    "changed": (
        lambda site: (site / "views" / "app.js").write_text("mine"),
        "views/app.js",
    ),
    "missing": (lambda site: (site / "views" / "app.js").unlink(), "views/app.js"),
    "outside": (lambda site: listing(site, "../diary.txt"), "diary.txt"),
    "empty": (lambda site: with_index(site, "{}"), "files.json"),
    "list": (lambda site: with_index(site, '["a"]'), "files.json"),
    "deep": (lambda site: with_index(site, "[" * 100_000), "files.json"),
    "binary": (lambda site: with_index(site, b"\xff\0"), "files.json"),
    "no index": (
        lambda site: (site / "files.json").unlink(),
        "which does not belong to a site",
    ),
}
"""What makes a folder more, less or other than a site, and what is named then."""


@needs_vendor
@pytest.mark.parametrize("kind", FOREIGN)
def test_a_folder_that_is_not_just_a_site_is_left_alone(
    written: Path, tmp_path: Path, kind: str
) -> None:
    change, named = FOREIGN[kind]
    out = tmp_path / "site"
    shutil.copytree(written, out)
    (tmp_path / "diary.txt").write_text("mine")
    change(out)
    before = state(tmp_path)
    with pytest.raises(SettingsError, match=re.escape(named)) as error:
        write_site(out)
    assert "\n" not in str(error.value)
    assert "give a new folder" in str(error.value)
    assert state(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["diary.txt", "site"]


@needs_vendor
def test_a_folder_with_an_index_of_other_files_is_left_alone(
    tmp_path: Path, landmark_models: None
) -> None:
    del landmark_models
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").write_text("mine")
    with_index(tmp_path, '{"files": ["photos/holiday.jpg"]}')
    before = state(tmp_path)
    with pytest.raises(
        SettingsError, match=r"files\.json, which does not belong to a site"
    ):
        write_site(tmp_path)
    assert state(tmp_path) == before


@needs_vendor
def test_further_clips_leave_the_model_s_own_figures(
    corpus: list[Clip], tmp_path: Path, landmark_models: None
) -> None:
    del landmark_models
    write_clips(corpus[:6], tmp_path / "data" / "all.parquet")
    plain = write_site(tmp_path / "plain")
    shown = write_site(tmp_path / "site", "bdsl55", tmp_path / "data")
    assert (shown.words, shown.motions) == (55, 55) == (plain.words, plain.motions)


@needs_vendor
def test_own_clips_give_the_figures_of_another_model(
    finished_run: Path, corpus: list[Clip], tmp_path: Path, landmark_models: None
) -> None:
    del landmark_models
    write_clips(corpus, tmp_path / "data" / "all.parquet")
    shown = write_site(tmp_path / "site", str(finished_run), tmp_path / "data")
    assert (shown.words, shown.motions) == (4, 4)
    # This model remembers no clips, so the page cannot teach it.
    assert "anchors" not in read_json(tmp_path / "site" / "files.json")["large"]
    assert "embedding" not in read_json(tmp_path / "site" / "model.json")


@needs_vendor
def test_missing_landmark_models_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    with pytest.raises(ModelError, match=r"run `signnet models`"):
        write_site(tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_missing_browser_files_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "WEB", tmp_path)
    with pytest.raises(ModelError, match=r"vision_bundle\.mjs is missing .*npm ci"):
        write_site(tmp_path / "site")


@needs_vendor
def test_other_peoples_files_are_left_alone(
    tmp_path: Path, landmark_models: None
) -> None:
    del landmark_models
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(
        SettingsError, match=r"holds diary\.txt, which does not belong to a site"
    ):
        write_site(tmp_path)
    with pytest.raises(SettingsError, match="is a file"):
        write_site(tmp_path / "diary.txt")
    assert (tmp_path / "diary.txt").read_text() == "mine"


def unpack(packed: bytes) -> dict[str, np.ndarray]:
    head_text, _, data = packed.partition(b"\n")
    head = json.loads(head_text)
    assert (len(head_text) + 1) % 2 == 0
    shape, found, place = (len(MOTION_JOINTS), 2), {}, 0
    for motion in head["motions"]:
        count = motion["frames"] * np.prod(shape)
        steps = struct.unpack_from(f"<{count}h", data, place)
        place += 2 * count
        array = np.array(steps, np.float32).reshape(-1, *shape)
        found[motion["gloss"]] = np.where(
            array == -32768, np.nan, array / head["scale"]
        )
    assert place == len(data)
    return found


def test_packed_motions_keep_places_and_gaps(corpus: list[Clip]) -> None:
    motions = average_motions(Dataset.of_clips(corpus), frames=8)
    gone = motions[0].landmarks.copy()
    gone[3:, 33:54] = np.nan
    motions[0] = motions[0].with_landmarks(gone)
    found = unpack(pack_motions(motions[:3]))
    assert list(found) == [motion.gloss for motion in motions[:3]]
    for motion in motions[:3]:
        kept = motion.landmarks[:, MOTION_JOINTS, :2]
        np.testing.assert_allclose(
            found[str(motion.gloss)], kept, atol=0.51 / MOTION_SCALE
        )


def test_each_shipped_word_has_its_reading_and_meaning() -> None:
    folder = find_model("bdsl55")
    words = read_json(folder / "words.json")
    assert list(words) == read_json(folder / "model.json")["vocabulary"]
    assert all(gloss == nfc(gloss) for gloss in words)
    for word in words.values():
        assert set(word) == {"transliteration", "english"}
        assert re.fullmatch(r"[a-z]+", word["transliteration"])


OWN = sorted(
    path for path in PAGE.rglob("*") if path.suffix in (".js", ".html", ".css")
)


@pytest.mark.parametrize("file", OWN, ids=[path.name for path in OWN])
def test_the_page_names_no_outside_address(file: Path) -> None:
    text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:https?:)?//\w[\w.]+\.\w+", text) == []
    assert re.findall(r"""(?:src|href|url\()=?["']/""", text) == []


def text_of(texts: Any, key: str) -> Any:
    """Give what stands for a text's key, such as "hint.dark"."""
    for name in key.split("."):
        texts = texts.get(name, {})
    return texts


@needs_node
def test_both_languages_say_the_same_things() -> None:
    code = """
    import bn from "./text/bn.js"; import en from "./text/en.js";
    const kind = (value) => Array.isArray(value) ? value.length
      : typeof value === "function" ? `of ${value.length}`
      : typeof value === "object" ? shape(value) : typeof value;
    const shape = (texts) =>
      Object.fromEntries(Object.entries(texts).map(([key, one]) => [key, kind(one)]));
    console.log(JSON.stringify([shape(bn), shape(en)]));
    """
    bangla, english = run_node(code)
    assert bangla == english
    page = (PAGE / "index.html").read_text("utf-8")
    keys = re.findall(r'data-t(?:-label)?="([\w.]+)"', page)
    assert [key for key in keys if not isinstance(text_of(english, key), str)] == []


def test_each_word_is_announced_once_and_lists_stay_lists() -> None:
    page = (PAGE / "index.html").read_text("utf-8")
    assert re.findall(r"<[ou]l\b[^>]*\srole=", page) == []
    beside = page.partition('id="side-live"')[2].partition('id="side-practise"')[0]
    spoken = r'id="([\w-]+)"[^>]*(?:aria-live="(?!off)|role="(?:log|status|alert)")'
    # The word, and whether it was remembered: the transcript says no word again.
    assert re.findall(spoken, beside) == ["now", "remember-says"]


@needs_node
def test_a_film_is_put_at_a_constant_rate_as_python_does() -> None:
    rng = np.random.default_rng(3)
    for count in (1, 2, 3, 12, 57):
        times = np.cumsum(rng.uniform(0.02, 0.15, count)).astype(np.float32)
        times -= times[0]
        frames = np.zeros((count, 553, 3), np.float32)
        frames[:, 0, 0] = np.arange(count)
        clip = Clip(name="uneven", landmarks=frames, fps=float("nan"), times=times)
        code = f"""
        import {{ evenlyTimed }} from "./recognise/clip.js";
        console.log(JSON.stringify(evenlyTimed({times.tolist()})));
        """
        expected = clip.evenly_timed().landmarks[:, 0, 0].astype(int).tolist()
        assert run_node(code) == expected


@needs_node
@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({}, None),
        ({"brightness": 0.05}, "dark"),
        ({"people": 2}, "several"),
        ({"pose": False, "hand": False}, "nobody"),
        ({"hand": False}, "noHands"),
        ({"step": 0.4}, "slow"),
        ({"step": 0.4, "isCamera": False}, None),
    ],
    ids=str,
)
def test_what_lasts_too_long_is_told(
    frame: dict[str, Any], expected: str | None
) -> None:
    given = {
        **{"brightness": 0.6, "people": 1, "pose": True, "hand": True},
        **{"step": 0.1, "isCamera": True},
        **frame,
    }
    code = """
    import { ObstacleWatch } from "./capture/obstacles.js";
    const parts = { left_hand: [33, 54], right_hand: [54, 75] };
    const joints = new Float32Array(553 * 3).fill(NaN);
    if (given.pose) joints.fill(0.5, 0, 99);
    if (given.hand) joints.fill(0.5, 99, 162);
    const watch = new ObstacleWatch(), told = [];
    for (let seconds = 0; seconds < 8; seconds += given.step)
      told.push(watch.update({ ...given, seconds, joints }, parts));
    console.log(JSON.stringify([told[0], told.at(-1)]));
    """
    assert run_node(code, given) == [None, expected]
