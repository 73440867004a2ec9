"""The live page of a base, which knows no word of its own, in a real Chromium."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from browser import new_page, next_event, served, visit, wait_for_text
from lessons import (
    a_clip,
    a_file,
    a_word,
    added_weights,
    floats,
    new_word_scores,
    similarities,
    taught_answers,
    taught_base_answers,
)
from signnet.extraction import extract_video
from signnet.recognise.recogniser import find_model
from signnet.web.build import write_site

pytestmark = pytest.mark.slow

SHORT = "wlasl_videos/clips/like__33274.mp4"
OTHER = "wlasl_videos/clips/like__33269.mp4"


def embed(model: Path, landmarks: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model / "model.onnx")
    inputs = {"landmarks": landmarks[None]}
    return np.asarray(session.run(["embedding"], inputs)[0])[0]


def base_file(base: Path, **embeddings: np.ndarray) -> dict[str, Any]:
    """Make a taught.json of a base, one clip a word."""
    digest = hashlib.sha256((base / "model.onnx").read_bytes()).hexdigest()
    words = [
        a_word(
            gloss=gloss, clips=[a_clip(name=gloss, embedding=floats(*point), scores="")]
        )
        for gloss, point in embeddings.items()
    ]
    return a_file(model={"name": "base", "sha256": digest}, words=words)


@pytest.fixture(scope="module")
def bare(
    folder: Path, base: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Give the address of a base's site, without any word."""
    del folder  # which skips where there are no browser files
    out = tmp_path_factory.mktemp("bare") / "site"
    assert write_site(out, str(base)).words == 0
    with served(out) as running:
        yield running


@pytest.fixture(scope="module")
def taught(
    folder: Path, base: Path, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Give the address of a base's site with two words, one of them of a film."""
    del folder
    model = tmp_path_factory.mktemp("taught") / "base"
    shutil.copytree(base, model)
    clip = extract_video(data / SHORT).evenly_timed()
    other = embed(base, clip.landmarks[:, :, [1, 0, 2]])
    content = base_file(base, LIKE=embed(base, clip.landmarks), আম=other)
    (model / "taught.json").write_text(json.dumps(content), "utf-8")
    out = tmp_path_factory.mktemp("site") / "site"
    assert write_site(out, str(model)).words == 2
    with served(out) as running:
        yield running


def test_a_base_says_that_it_knows_no_word_and_leads_to_teaching(
    browser: Any, bare: str
) -> None:
    page = new_page(browser)
    visit(page, bare)
    assert page.inner_text("#welcome-title") == "No words are known yet"
    assert page.inner_text("#now").startswith("No words are known yet")
    assert page.is_hidden("#welcome [data-action=camera]")
    assert page.is_visible("#welcome-icon"), "it has no motion to show"
    page.click("#welcome-teach a")
    page.wait_for_selector("#side-teach:not([hidden])")
    assert page.is_visible("#welcome [data-action=camera]")
    page.click("[data-route=words]")
    assert page.inner_text("#words-lead").startswith("Teach a word first")
    assert page.is_hidden("#words-search")
    page.click("[data-route=about]")
    assert page.inner_text("#about-model").startswith("base: 0 words")
    assert page.faults == []
    page.context.close()


def test_a_film_before_a_base_without_words_is_no_fault(
    browser: Any, bare: str, data: Path
) -> None:
    page = new_page(browser)
    visit(page, bare)
    page.set_input_files("#file", data / SHORT)
    assert next_event(page, "unsure")["predictions"] == []
    wait_for_text(page, "now", "No words are known yet")
    assert page.faults == []
    page.context.close()


def test_words_of_the_site_are_shown_recognised_and_not_removable(
    browser: Any, taught: str, data: Path
) -> None:
    page = new_page(browser)
    visit(page, f"{taught}#/words")
    assert page.inner_text("#found") == "2 words"
    glosses = [one.inner_text() for one in page.query_selector_all("#words .gloss")]
    assert glosses == ["LIKE", "আম"]  # by code points
    page.click("#words li:first-child a")
    wait_for_text(page, "motion-note", "one of the clips that taught this word")
    page.click("[data-route=about]")
    assert page.inner_text("#about-model").startswith("base: 2 words")
    page.click("[data-route=teach]")
    assert page.inner_text("#taught") == ""
    assert page.is_disabled("#taught-export")
    page.click("[data-route=live]")
    page.set_input_files("#file", data / SHORT)
    event = next_event(page, "sign unsure")
    assert (event["kind"], event["gloss"]) == ("sign", "LIKE")
    assert page.faults == []
    page.context.close()


def test_the_pupil_s_words_come_on_top_of_the_site_s(
    browser: Any, base: Path, taught: str, data: Path
) -> None:
    clip = extract_video(data / SHORT).evenly_timed()
    own = base_file(base, BIRD=embed(base, clip.landmarks) + 0.001)
    own["words"].append(a_word(gloss="LIKE", clips=[]))
    own["words"][1]["clips"] = [
        a_clip(embedding=floats(*embed(base, clip.landmarks)), scores=""),
        a_clip(embedding=floats(*embed(base, clip.landmarks[:, ::-1])), scores=""),
    ]
    page = new_page(browser)
    visit(page, f"{taught}#/teach")
    text = json.dumps(own).encode()
    file = {"name": "a.json", "mimeType": "application/json", "buffer": text}
    page.set_input_files("#taught-file", [file])
    wait_for_text(page, "taught", "BIRD")
    assert page.inner_text("#taught li:nth-child(2)").startswith("LIKE")
    assert "1 clip" in page.inner_text("#taught li:nth-child(2)"), "the other is known"
    page.click("#taught li:nth-child(2) button")
    wait_for_text(page, "taught-says", "LIKE is forgotten")
    page.click("[data-route=words]")
    glosses = [one.inner_text() for one in page.query_selector_all("#words .gloss")]
    assert glosses == ["BIRD", "LIKE", "আম"], "the site's word stays"
    assert page.faults == []
    page.context.close()


def test_a_site_whose_words_are_damaged_says_so(browser: Any, taught: str) -> None:
    page = new_page(browser, service_workers="block")
    page.route("**/taught.json", lambda route: route.fulfill(json={"format": "x"}))
    page.goto(taught)
    wait_for_text(page, "broken-title", "A file is damaged")
    page.context.close()


ASK = """async ({ lesson, landmarks, frames }) => {
    const { loadAll, loadJson } = await import("./browser/loader.js");
    const { TaskWorker } = await import("./browser/worker.js");
    const { large } = await loadJson("files.json");
    const { embedding } = await loadJson("model.json");
    const { runtime, model, anchors } = large;
    const wanted = { runtime, model, ...(anchors ? { anchors } : {}) };
    const files = await loadAll(wanted, () => {});
    const worker = new TaskWorker("recognise/recogniser.worker.js", "module", "failed");
    const { runtime: wasm, ...given } = files;
    await worker.run("open", { wasm, ...given, embedding });
    await worker.run("teach", { lesson });
    const values = Float32Array.from(landmarks, (value) => value ?? NaN);
    const result = await worker.run("classify", { landmarks: values, frames });
    worker.close();
    const listed = Object.entries(result).map(([key, one]) => [key, Array.from(one)]);
    return Object.fromEntries(listed);
}"""


def ask(browser: Any, site: str, lesson: Any, landmarks: np.ndarray) -> dict[str, Any]:
    """Let the page's own worker answer landmarks after a lesson."""
    page = new_page(browser)
    visit(page, site)
    flat = landmarks.astype(object)
    flat[np.isnan(landmarks)] = None
    given = {"lesson": lesson, "landmarks": flat.ravel().tolist()}
    found = page.evaluate(ASK, given | {"frames": len(landmarks)})
    page.context.close()
    return found


def test_a_base_answers_in_the_browser_as_in_numpy(
    browser: Any, base: Path, bare: str, data: Path
) -> None:
    films = (extract_video(data / one).evenly_timed() for one in (SHORT, OTHER))
    points = np.stack([embed(base, film.landmarks) for film in films])
    asked = extract_video(data / SHORT).evenly_timed().landmarks[2:-2]
    parts = json.loads((base / "model.json").read_text("utf-8"))["embedding"]
    added = added_weights(points[:0], points, np.eye(2), parts)
    change = similarities(embed(base, asked)[None], points, parts) @ added
    expected = taught_base_answers(change, np.ones(2))[0]
    lesson = {
        "points": [
            {"embedding": point.tolist(), "scores": [], "index": index}
            for index, point in enumerate(points)
        ],
        "glossCount": 2,
        "forgotten": [],
    }
    found = ask(browser, bare, lesson, asked)
    np.testing.assert_allclose(found["probabilities"], expected, atol=1e-4)
    np.testing.assert_allclose(found["scores"], change[0], atol=1e-4)
    assert found["modelScores"] == []


def test_a_taught_model_answers_in_the_browser_as_in_numpy(
    browser: Any, address: str, data: Path
) -> None:
    folder = find_model("bdsl55")
    session = onnxruntime.InferenceSession(folder / "model.onnx")

    def run(landmarks: np.ndarray) -> list[np.ndarray]:
        names = ["embedding", "scores", "probabilities"]
        return [np.asarray(one) for one in session.run(names, {"landmarks": landmarks})]

    anchors = np.load(folder / "anchors.npy").astype(np.float32)
    parts = json.loads((folder / "model.json").read_text("utf-8"))["embedding"]
    film = extract_video(data / SHORT).evenly_timed().landmarks
    (point, own, _), (asked, scores, untaught) = run(film[None]), run(film[None, 2:-2])
    count = own.shape[1]
    missing = np.eye(count + 1)[count:] - np.pad(own, ((0, 0), (0, 1)))
    added = added_weights(anchors, point, missing, parts)
    every = np.concatenate([anchors, point])
    change = similarities(asked, every, parts) @ added
    alone = new_word_scores(point, np.zeros(1, int), asked, 1, parts["axes"][-1])
    change[:, count:] = np.maximum(change[:, count:], alone)
    expected = taught_answers(change, scores, untaught, forgotten=[3])[0]
    one = {"embedding": point[0].tolist(), "scores": own[0].tolist(), "index": count}
    lesson = {"points": [one], "glossCount": count + 1, "forgotten": [3]}
    found = ask(browser, address, lesson, film[2:-2])
    kept = np.delete(expected, 3)
    np.testing.assert_allclose(found["probabilities"], kept, atol=1e-4)
    found = ask(browser, address, None, film[2:-2])
    np.testing.assert_allclose(found["probabilities"], untaught[0], atol=1e-4)
