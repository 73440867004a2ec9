"""Models on the same clips: the figures by hand, and the page."""

import codecs
import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, SettingsError
from signnet.evaluation.comparison import Comparison, compare
from signnet.evaluation.predictions import Predictions
from signnet.evaluation.significance import holm
from signnet.reports import page
from signnet.reports.comparison import write_comparison
from signnet.reports.differences import disputed, pair_table
from signnet.reports.markup import bilingual, held_out_html, plain
from signnet.reports.numerals import both_numerals
from signnet.reports.tables import latex
from signnet.splits import describe_overlap

GLOSSES = ("পানি", "বই_1", "WATER & ICE")
LABELS = {"By signer", "By session", "By expression", "left hand", "right hand"}
LABELS |= {"pose", "face", "Data", "Model", "Command"}
LABELS |= {
    "nothing: {0} of {1} clips were trained on",
    "clips; the signers are not all labelled",
    "clips; the sessions are not all labelled",
    "clips; {0} of {1} sessions and their signers were trained on",
    "sessions; the signers were trained on",
}
TRUTH = tuple(GLOSSES[number % 3] for number in range(30))


def predictions(right: int, names: tuple[str, ...] | None = None) -> Predictions:
    """Answer the first clips rightly and the others with the next gloss."""
    table = np.full((30, 3), 0.1, np.float32)
    for clip in range(30):
        table[clip, (clip + (clip >= right)) % 3] = 0.8
    return Predictions(
        names=names or tuple(f"clip{number:02}" for number in range(30)),
        vocabulary=GLOSSES,
        probabilities=table,
        glosses=TRUTH,
        signers=tuple(f"S{number % 2}" for number in range(30)),
        sessions=(None,) * 30,
        expressions=(None,) * 30,
        held_out="signers",
    )


@pytest.fixture(scope="module")
def three() -> Comparison:
    """Compare models that are right on 10, 11 and 28 clips."""
    return compare(
        {"low": predictions(10), "same": predictions(11), "high": predictions(28)}
    )


def test_every_two_models_are_compared(three: Comparison) -> None:
    pairs = {(pair.first, pair.second): pair for pair in three.pairs}
    assert list(pairs) == [("low", "same"), ("low", "high"), ("same", "high")]
    best = pairs["low", "high"]
    assert (best.only_first, best.only_second) == (0, 18)
    assert best.difference == pytest.approx(18 / 30)
    assert best.ci95[0] < 18 / 30 < best.ci95[1]
    assert best.p == pytest.approx(2 / 2**18)
    assert best.p_holm == pytest.approx(6 / 2**18)
    assert pairs["low", "same"].p_holm == 1


def test_holm_by_hand_and_between_bonferroni_and_hochberg() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []
    p = np.random.default_rng(0).random(20) ** 3
    adjusted = np.array(holm(p.tolist()))
    assert (adjusted <= np.minimum(1, 20 * p) + 1e-12).all()
    assert (adjusted >= false_discovery_control(p) - 1e-12).all()


def test_other_clips_or_one_model_are_refused() -> None:
    with pytest.raises(DatasetError, match="at least two"):
        compare({"one": predictions(3)})
    other = predictions(3, tuple(f"other{number}" for number in range(30)))
    with pytest.raises(DatasetError, match="run on other clips"):
        compare({"one": predictions(3), "two": other})


def write(three: Comparison, out: Path, clip: Clip | None = None) -> str:
    shown = [replace(clip, name=name) for name in three.names] if clip else None
    written = write_comparison(
        three,
        out,
        title="<script>",
        facts={"Data": "পানি"},
        curves={"low": [{"epoch": 1, "train_top1": 0.1, "validation_top1": 0.2}]},
        data=Dataset.of_clips(shown) if shown else None,
    )
    return written.read_text("utf-8")


def test_the_page_says_which_is_better(
    three: Comparison, tmp_path: Path, clip: Clip
) -> None:
    html = write(three, tmp_path, clip)
    assert html.count("the second is better") == 2
    assert html.count("no significant difference") == 1
    assert html.count('class="film"') == len(disputed(three)) == 8
    assert html.count("দ্বিতীয়টি ভালো") == 2
    hands = [html.count(f'class="{side} hand"') for side in ("left", "right")]
    assert hands[0] == hands[1] > 0
    assert html.count("<script") == 1, "the one that its policy allows"
    assert re.findall(r"(?:https?:)?//[\w.]+", re.sub(r"base64,[^\"]+", "", html)) == []


def test_a_loss_and_its_interval_have_bangla_digits() -> None:
    worse = compare({"high": predictions(28), "low": predictions(10)})
    html = both_numerals(pair_table(worse))
    assert ">\N{MINUS SIGN}৬০.০<" in html
    assert ">\N{MINUS SIGN}৭৬.৭ … \N{MINUS SIGN}৪৩.৩<" in html


def test_tables_stand_beside_the_page(three: Comparison, tmp_path: Path) -> None:
    write(three, tmp_path)
    with (tmp_path / "pairs.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["difference"]) for row in rows] == [
        pair.difference for pair in three.pairs
    ]
    assert (tmp_path / "clips.csv").read_bytes().startswith(codecs.BOM_UTF8)
    with (tmp_path / "clips.csv").open(encoding="utf-8-sig") as file:
        clips = list(csv.DictReader(file))
    assert sum(row["high"] == row["gloss"] for row in clips) == 28
    assert json.loads((tmp_path / "comparison.json").read_text("utf-8"))["clips"] == 30
    assert {one.stem for one in tmp_path.glob("*.tex")} == {
        *("models", "pairs", "per_gloss", "clips"),
    }


def test_a_folder_that_cannot_be_written_is_one_line(
    three: Comparison, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"cannot write .*: "):
        write(three, tmp_path / "file")


def test_latex_keeps_its_signs_and_marks_bangla() -> None:
    table = latex([{"gloss": "বই_1", "top_1": 0.98765, "other": None, "n": 3}])
    assert r"\bn{বই\_1} & 0.988 & -- & 3 \\" in table
    assert r"\begin{tabular}{lrlr}" in table
    assert r"gloss & top 1 & other & n \\" in table
    assert latex([{"a": "50 % & {x}~^\\"}]).count(r"50 \% \& \{x\}") == 1


# The two languages
def test_a_sentence_stands_in_both_languages() -> None:
    told = bilingual("All {number} glosses", number=7)
    assert '<span class="en" lang="en">All 7 glosses</span>' in told
    assert '<span class="bn" lang="bn">সব 7টি শব্দ</span>' in told
    assert plain(told) == "All 7 glosses"
    assert bilingual("{not ours}") == "{not ours}"


CLIP = ("a", "S1", "D1")


@pytest.mark.parametrize(
    "other",
    [
        CLIP,
        ("b", "S1", "D1"),
        ("b", "S1", "D2"),
        ("b", "S2", "D2"),
        ("b", None, "D2"),
        ("b", "S1", None),
    ],
)
def test_what_was_held_out_stands_in_both_languages(
    other: tuple[str, str | None, str | None],
) -> None:
    told = describe_overlap(["a"], [other], ["S1"], ["D1"])
    assert plain(held_out_html(told)) == told
    assert '<span class="bn"' in held_out_html(told)


def test_a_sentence_without_translation_is_escaped() -> None:
    assert held_out_html("signer <S1> {0}") == "signer &lt;S1&gt; {0}"


def test_every_translation_is_used_and_keeps_its_places() -> None:
    folder = Path(page.__file__).parent
    table = json.loads((folder / "bangla.json").read_text("utf-8"))
    folders = ("reports", "doctor", "evaluation", "api")
    files = [file for name in folders for file in (folder.parent / name).glob("*.py")]
    sources = " ".join(file.read_text("utf-8") for file in files)
    joined = re.sub(r"\"\s*\n\s*\"", "", sources).replace("\\u00a0", "\u00a0")
    unused = [text for text in table if text not in joined and text not in LABELS]
    assert unused == []
    for english, bangla in table.items():
        assert sorted(re.findall(r"{\w+}", english)) == sorted(
            re.findall(r"{\w+}", bangla)
        )
