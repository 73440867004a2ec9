"""Words beyond the vocabulary, as Python writes and the page reads them."""

import json
from dataclasses import replace

import numpy as np

from node import needs_node, run_node
from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.recognise.recogniser import Recogniser, find_model
from signnet.recognise.sketch import SKETCH_JOINTS, SKETCH_SCALE
from signnet.web.gallery import pack_gallery

READ = """
    const { nearestOf, readGallery } = await import("./engine/gallery.js");
    const words = readGallery(new TextEncoder().encode(given.text).buffer);
    const nearest = (embedding) => nearestOf(words, embedding, 2)[0].gloss;
    const shown = ({ gloss, point, motion: { frames } }) =>
      [gloss, [...point], frames.length];
    say(words.map(shown).concat([given.embeddings.map(nearest)]));
"""


@needs_node
def test_the_page_finds_the_word_that_a_clip_of_the_gallery_shows(
    corpus: list[Clip],
) -> None:
    opened = Recogniser.open(find_model("bdsl55"))
    glosses = sorted({str(clip.gloss) for clip in corpus})[:2]
    clips = [[clip for clip in corpus if clip.gloss == gloss][:2] for gloss in glosses]
    known = replace(clips[0][0], name="known", gloss=opened.vocabulary[0])
    data = Dataset.of_clips([*clips[0], *clips[1], known])
    told = list[tuple[int, int]]()
    packed = pack_gallery(opened, data, lambda *done: told.append(done))
    assert packed is not None
    assert told == [(done, 5) for done in range(5)]
    content = json.loads(packed)
    assert content["skeleton"] == {"joints": [*SKETCH_JOINTS], "scale": SKETCH_SCALE}
    assert [word["clips"] for word in content["words"]] == [2, 2]

    stored = [[clip for clip in data if clip.gloss == gloss] for gloss in glosses]
    embeddings = [
        [opened.see(clip.evenly_timed().landmarks).embedding for clip in some]
        for some in stored  # in half precision, as data are stored
    ]
    given = {
        "text": packed.decode(),
        "embeddings": [some[0].tolist() for some in embeddings],
    }
    *words, nearest = run_node(READ, given)
    assert nearest == glosses
    for (gloss, point, frames), expected, some in zip(
        words, glosses, embeddings, strict=True
    ):
        assert (gloss, frames) == (expected, 16)
        np.testing.assert_allclose(point, np.mean(some, 0)[-256:], atol=1e-6)


def test_a_model_that_knows_every_word_has_no_gallery(corpus: list[Clip]) -> None:
    opened = Recogniser.open(find_model("bdsl55"))
    known = replace(corpus[0], gloss=opened.vocabulary[0])
    assert pack_gallery(opened, Dataset.of_clips([known])) is None
