"""Splits: every clip is tested once, nothing leaks, and the words are true."""

import json
import unicodedata
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, SettingsError
from signnet.skeleton import JOINT_COUNT
from signnet.splits import (
    By,
    Fold,
    Split,
    check,
    describe_overlap,
    make_split,
    read_split,
    write_split,
)

NOTHING = np.zeros((1, JOINT_COUNT, 3), np.float32)


def clip(gloss: str, signer: str, session: str, number: int = 0) -> Clip:
    name = f"{gloss}__{signer}__{session}__{number}"
    return Clip(
        name=name, landmarks=NOTHING, fps=25.0, gloss=gloss, signer=signer,
        session=session,
    )  # fmt: skip


def dataset(glosses: int = 3, signers: int = 4, sessions: int = 2) -> Dataset:
    return Dataset.of_clips(
        clip(f"G{gloss}", f"S{signer}", f"D{session}", number)
        for gloss in range(glosses)
        for signer in range(signers)
        for session in range(sessions)
        for number in range(2)
    )


DATA = dataset()
KINDS = st.sampled_from(["clip", "session", "signer"])


def group_of(name: str, by: By) -> str:
    _, signer, session, _ = name.split("__")
    return {"clip": name, "session": f"{signer}/{session}", "signer": signer}[by]


@settings(deadline=None, derandomize=True)
@given(by=KINDS, folds=st.integers(2, 4), seed=st.integers(0, 1000))
def test_every_clip_is_tested_exactly_once(by: By, folds: int, seed: int) -> None:
    split = make_split(DATA, by, folds=folds, seed=seed)
    assert len(split.folds) == folds
    assert sorted(name for fold in split.folds for name in fold.test) == DATA.names
    for fold in split.folds:
        assert sorted((*fold.train, *fold.test)) == DATA.names


@settings(deadline=None, derandomize=True)
@given(by=KINDS, seed=st.integers(0, 1000))
def test_no_group_is_on_both_sides(by: By, seed: int) -> None:
    for fold in make_split(DATA, by, folds=3, seed=seed).folds:
        train = {group_of(name, by) for name in fold.train}
        assert not train & {group_of(name, by) for name in fold.test}


@settings(deadline=None, derandomize=True)
@given(by=KINDS, seed=st.integers(0, 1000))
def test_the_same_seed_gives_the_same_split(by: By, seed: int) -> None:
    assert make_split(DATA, by, seed=seed) == make_split(DATA, by, seed=seed)


def test_another_seed_gives_another_split() -> None:
    assert make_split(DATA, "clip", seed=0) != make_split(DATA, "clip", seed=1)


def test_clips_are_shared_out_evenly_over_the_glosses() -> None:
    for fold in make_split(DATA, "clip", folds=4).folds:
        count = Counter(name.split("__")[0] for name in fold.test)
        assert count == {"G0": 4, "G1": 4, "G2": 4}


def test_a_fifth_is_held_out_unless_told_otherwise() -> None:
    (fold,) = make_split(dataset(glosses=5), "clip").folds
    assert len(fold.test) == 16
    assert len(fold.train) == 64


def test_few_signers_are_held_out_one_at_a_time() -> None:
    (fold,) = make_split(dataset(signers=2), "signer").folds
    assert len({group_of(name, "signer") for name in fold.test}) == 1


def test_a_signer_is_held_out_by_name() -> None:
    (fold,) = make_split(DATA, "signer", hold_out="S2").folds
    assert fold.held_out == "signer S2"
    assert {group_of(name, "signer") for name in fold.test} == {"S2"}


@pytest.mark.parametrize(
    ("name", "held"), [("S1/D0", {"S1/D0"}), ("D1", {f"S{n}/D1" for n in range(4)})]
)
def test_a_session_is_held_out_of_one_signer_or_of_all(
    name: str, held: set[str]
) -> None:
    (fold,) = make_split(DATA, "session", hold_out=name).folds
    assert {group_of(clip, "session") for clip in fold.test} == held


def test_listed_clips_are_held_out(tmp_path: Path) -> None:
    listed = tmp_path / "val.txt"
    listed.write_text("\n".join(f"{name}.npz" for name in DATA.names[:3]) + "\n\n")
    split = read_split(listed, DATA)
    assert list(split.folds[0].test) == DATA.names[:3]
    assert split.by == "clip"


def test_a_list_of_whole_signers_says_so(tmp_path: Path) -> None:
    listed = tmp_path / "them.txt"
    names = [name for name in DATA.names if "__S1__" in name]

    def said(chosen: list[str], data: Dataset = DATA) -> str:
        listed.write_text("\n".join(chosen))
        return make_split(data, "clip", hold_out=str(listed)).folds[0].held_out

    assert said(names) == "signers, them.txt"
    assert said(names[1:]) == "clips of the same signers and sessions, them.txt"
    unknown = [
        replace(one, signer=None) if "__S0__" in one.name else one for one in DATA
    ]
    assert said(names, Dataset.of_clips(unknown)).startswith("clips of the same")


def test_a_list_with_an_unknown_clip_is_refused(tmp_path: Path) -> None:
    listed = tmp_path / "val.txt"
    listed.write_text("G9__S1\n")
    with pytest.raises(DatasetError, match=r"1 clips that are not.*G9__S1"):
        make_split(DATA, "clip", hold_out=str(listed))


def test_a_session_is_found_beside_signers_with_a_stroke_in_their_name() -> None:
    data = Dataset.of_clips(
        clip("G", signer, session) for signer in ("A/B", "C") for session in "XY"
    )
    (fold,) = make_split(data, "session", hold_out="X").folds
    assert sorted(fold.test) == ["G__A/B__X__0", "G__C__X__0"]


@pytest.mark.parametrize("by", ["signer", "session"])
def test_an_unknown_group_is_refused_with_the_known_ones(by: By) -> None:
    with pytest.raises(DatasetError, match=rf"no {by} is called S9; there are: S0"):
        make_split(DATA, by, hold_out="S9")


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"folds": 1}, "cannot make 1 folds"),
        ({"folds": 0}, "cannot make 0 folds"),
        ({"folds": 5}, "4 signers cannot make 5 folds"),
    ],
)
def test_an_impossible_number_of_folds_is_refused(
    choice: dict[str, Any], message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        make_split(DATA, "signer", **choice)


def test_hold_out_and_folds_exclude_each_other() -> None:
    with pytest.raises(SettingsError, match="not both"):
        make_split(DATA, "signer", hold_out="S1", folds=2)


def test_a_clip_without_a_signer_is_named() -> None:
    bare = Clip(name="bare", landmarks=NOTHING, fps=25.0, gloss="G0", signer=None)
    data = Dataset.of_clips([bare, clip("G1", "S1", "D1")])
    with pytest.raises(DatasetError, match="bare has no signer"):
        make_split(data, "signer")


def test_one_signer_cannot_be_split_by_signer() -> None:
    with pytest.raises(DatasetError, match="1 signers cannot make 2 folds"):
        make_split(dataset(signers=1), "signer")


@pytest.mark.parametrize("by", ["clip", "session", "signer"])
def test_a_split_survives_its_file(by: By, tmp_path: Path) -> None:
    split = make_split(DATA, by, folds=2)
    write_split(split, tmp_path / "new" / "split.json")
    assert read_split(tmp_path / "new" / "split.json", DATA) == split


def test_a_broken_promise_is_found() -> None:
    fold = make_split(DATA, "signer", hold_out="S2").folds[0]
    leak = replace(fold, train=(*fold.train, fold.test[0]), test=fold.test[1:])
    with pytest.raises(DatasetError, match="signer S2 is on both sides"):
        check(Split("signer", (leak,)), DATA)


def test_a_clip_on_both_sides_is_found() -> None:
    fold = Fold("all", tuple(DATA.names), tuple(DATA.names[:1]))
    with pytest.raises(DatasetError, match="is on both sides"):
        check(Split("clip", (fold,)), DATA)


def test_a_split_of_other_data_is_refused() -> None:
    split = make_split(dataset(glosses=4), "clip")
    with pytest.raises(DatasetError, match=r"not in the dataset, for example G3"):
        check(split, DATA)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"format": 2, "by": "clip", "folds": []}',
        '{"format": 1, "by": "clip", "folds": []}',
        '{"format": 1, "by": "gloss", "folds": [{"held_out": "", "train": ["a"], '
        '"test": ["b"]}]}',
        json.dumps({"format": 1, "by": "clip", "folds": [{"train": []}]}),
        "\x00\xff",
    ],
)
def test_what_is_no_split_is_refused_in_one_line(content: str, tmp_path: Path) -> None:
    file = tmp_path / "split.json"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(DatasetError, match="is not a split") as caught:
        read_split(file, DATA)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(DatasetError, match=r"is not a split \(No such file"):
        read_split(Path("nowhere.json"), DATA)


TRAINED = (("a", "S1", "D1"), ("b", "S2", "D1"))


@pytest.mark.parametrize(
    ("tested", "signers", "sessions", "words"),
    [
        (["a", "x"], ["S1", "S9"], ["D1", "D1"], "nothing: 1 of 2 clips were"),
        (["x"], ["S1"], ["D1"], "clips; 1 of 1 sessions and their signers were"),
        (["x", "y"], ["S1", "S9"], ["D1", "D1"], "clips; 1 of 2 sessions"),
        (["x"], ["S1"], ["D2"], "sessions; the signers were trained on"),
        (["x", "y"], ["S3", "S4"], ["D1", "D1"], "signers"),
        (["x"], [None], ["D1"], "clips; the signers are not all labelled"),
    ],
)
def test_the_overlap_is_said_in_words(
    tested: list[str],
    signers: list[str | None],
    sessions: list[str | None],
    words: str,
) -> None:
    assert describe_overlap(tested, TRAINED, signers, sessions).startswith(words)


def test_signers_that_training_did_not_label_promise_nothing() -> None:
    words = describe_overlap(["x"], [("a", None, None)], ["S3"], ["D1"])
    assert words == "clips; the signers are not all labelled"


@pytest.mark.parametrize(
    ("known", "tested"), [("D1", None), (None, "D1"), (None, None)]
)
def test_a_session_that_nobody_labelled_promises_nothing(
    known: str | None, tested: str | None
) -> None:
    trained = [("a", "S1", known), ("b", "S2", "D1")]
    words = describe_overlap(["x", "y"], trained, ["S1", "S3"], [tested, None])
    assert words == "clips; the sessions are not all labelled"
    assert describe_overlap(["y"], trained, ["S3"], [None]) == "signers"


# Names in any Unicode form
WORD, SIGNER = "ক\u09cb", "Zoé"


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def bangla() -> Dataset:
    return Dataset.of_clips(
        clip(WORD, signer, "সে\u09cb", number)
        for signer in (SIGNER, "S2")
        for number in range(2)
    )


@pytest.mark.parametrize(
    ("by", "name"),
    [("signer", SIGNER), ("session", f"{SIGNER}/সে\u09cb"), ("session", "সে\u09cb")],
)
def test_hold_out_may_be_decomposed(by: By, name: str) -> None:
    assert decomposed(name) != name
    if "/" in name or by == "signer":
        composed = make_split(bangla(), by, hold_out=name)
        assert make_split(bangla(), by, hold_out=decomposed(name)) == composed
    else:  # both signers have the session, so that nothing is left to train on
        with pytest.raises(DatasetError, match="leaves 0 clips"):
            make_split(bangla(), by, hold_out=decomposed(name))


def test_a_list_of_decomposed_names_holds_them_out(tmp_path: Path) -> None:
    data, listed = bangla(), tmp_path / "val.txt"
    listed.write_text(decomposed("\n".join(data.names[:2])), "utf-8")
    assert list(read_split(listed, data).folds[0].test) == data.names[:2]


def test_a_split_file_of_decomposed_names_is_read(tmp_path: Path) -> None:
    data, file = bangla(), tmp_path / "split.json"
    made = make_split(data, "signer", hold_out=SIGNER)
    write_split(made, file)
    file.write_text(decomposed(file.read_text("utf-8")), "utf-8")
    read = read_split(file, data).folds[0]
    assert (read.train, read.test) == (made.folds[0].train, made.folds[0].test)


def test_sides_that_are_no_lists_of_names_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "split.json"
    for side in ("G0__S0__D0__0", [1], [["G0__S0__D0__0"]]):
        fold = {"held_out": "x", "train": side, "test": [DATA.names[0]]}
        content = {"format": 1, "by": "clip", "folds": [fold]}
        file.write_text(json.dumps(content))
        with pytest.raises(DatasetError, match="lists of clip names"):
            read_split(file, DATA)


def test_a_split_is_written_over_a_split_only(tmp_path: Path) -> None:
    made = Split("clip", (Fold("a", ("b",), ("a",)),))
    path = tmp_path / "index.csv"
    write_split(made, path)
    write_split(made, path)
    path.write_text("file,gloss\n")
    with pytest.raises(DatasetError, match="is there already and no split"):
        write_split(made, path)
    assert path.read_text() == "file,gloss\n"
