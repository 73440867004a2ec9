"""MP_Data folders come in whatever parts, order and folders they have."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from foreign import MP_DATA, write_mp_data
from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, MediaError
from signnet.formats import ImportSettings, import_clips, read
from signnet.skeleton import PARTS

SIZED = ImportSettings(size=(640, 480))
ORDERS = {
    1662: "pose4 left_hand right_hand face468",
    1692: "face478 pose4 left_hand right_hand",
    258: "left_hand right_hand pose4",
    225: "left_hand right_hand pose3",
    1629: "face468 left_hand pose3 right_hand",
}
"""Orders that public copies of the tutorial write, besides the usual ones."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "MP_Data"


@pytest.fixture
def gappy(clip: Clip) -> Clip:
    """Return a clip whose left hand is not seen in one frame."""
    marks = clip.landmarks.copy()
    marks[1, PARTS["left_hand"].joints] = np.nan
    return replace(clip, landmarks=marks)


def only(source: Path, given: ImportSettings = SIZED) -> Clip:
    (clip,) = read(source, "mp-data", given)
    return clip


def assert_parts(found: Clip, clip: Clip, parts: str) -> None:
    """Check x, y of the parts, and that all other joints are NaN."""
    expected = np.full_like(clip.landmarks, np.nan)
    for part in parts.split():
        joints = PARTS[part.rstrip("0123456789")].joints
        expected[:, joints] = clip.landmarks[:, joints]
    if "face468" in parts:
        expected[:, PARTS["face"].start + 468 :] = np.nan
    np.testing.assert_allclose(
        found.landmarks[..., :2], expected[..., :2], atol=1e-3, equal_nan=True
    )


@pytest.mark.parametrize("length", MP_DATA)
def test_every_usual_length_comes_in(gappy: Clip, folder: Path, length: int) -> None:
    files = write_mp_data(gappy, folder, 4 / 3, MP_DATA[length])
    assert np.load(files[0]).shape == (length,)
    found = only(folder)
    assert_parts(found, gappy, MP_DATA[length])
    assert (found.name, found.gloss) == (f"{gappy.gloss}__0", gappy.gloss)
    assert "order" not in found.source


@pytest.mark.parametrize("length", ORDERS)
def test_the_joints_tell_another_order(gappy: Clip, folder: Path, length: int) -> None:
    write_mp_data(gappy, folder, 4 / 3, ORDERS[length])
    found = only(folder)
    assert_parts(found, gappy, ORDERS[length])
    assert "parts in the order" in found.source


def test_the_usual_order_stays_where_nothing_tells(folder: Path) -> None:
    noise = np.random.default_rng(7).uniform(0.1, 0.9, (5, 1662))
    (folder / "BOOK/0").mkdir(parents=True)
    for number, row in enumerate(noise):
        np.save(folder / f"BOOK/0/{number}.npy", row)
    left = only(folder, ImportSettings(size=(1, 1))).landmarks[
        :, PARTS["left_hand"].joints
    ]
    np.testing.assert_allclose(left.reshape(5, -1), noise[:, 1536:1599], atol=1e-3)


def test_a_frame_may_be_a_matrix_of_one_row(clip: Clip, folder: Path) -> None:
    for file in write_mp_data(clip, folder, 4 / 3):
        np.save(file, np.load(file)[None])
    assert_parts(only(folder), clip, MP_DATA[1662])


def test_a_point_that_is_not_a_number_is_not_seen(clip: Clip, folder: Path) -> None:
    files = write_mp_data(clip, folder, 4 / 3)
    numbers = np.load(files[2])
    numbers[4 * 15 + 1] = np.nan
    np.save(files[2], numbers)
    marks = clip.landmarks.copy()
    marks[2, 15] = np.nan
    assert_parts(only(folder), replace(clip, landmarks=marks), MP_DATA[1662])


def test_a_gap_in_the_numbering_is_a_frame_without_a_signer(
    clip: Clip, folder: Path
) -> None:
    write_mp_data(clip, folder, 4 / 3)[3].unlink()
    marks = clip.landmarks.copy()
    marks[3] = np.nan
    assert_parts(only(folder), replace(clip, landmarks=marks), MP_DATA[1662])


@pytest.mark.parametrize("aspect", [9 / 16, 4 / 3, 16 / 9])
def test_a_face_without_irises_tells_the_picture_s_shape(
    clip: Clip, folder: Path, aspect: float
) -> None:
    write_mp_data(clip, folder, aspect)
    found = only(folder, ImportSettings())
    assert_parts(found, clip, MP_DATA[1662])
    assert "judged by the face" in found.source


def test_without_a_face_the_shape_is_said_to_be_assumed(
    clip: Clip, folder: Path
) -> None:
    write_mp_data(clip, folder, 4 / 3, MP_DATA[258])
    assert "1.33 assumed" in only(folder, ImportSettings()).source


# Folders and the index.
def table(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows), "utf-8")
    return path


def test_rows_name_the_folders_and_state_signer_and_size(
    clip: Clip, folder: Path, tmp_path: Path
) -> None:
    write_mp_data(clip, folder, 4 / 3, MP_DATA[258], "hello/P01_0")
    write_mp_data(clip, folder, 16 / 9, MP_DATA[258], "hello/P15_0")
    index = table(
        tmp_path / "index.csv",
        "file,gloss,signer,width,height",
        "hello/P01_0,HELLO,P01,,",
        "hello/P15_0,HELLO,P15,1280.0,720",
    )
    clips = list(read(folder, "mp-data", replace(SIZED, index=index)))
    assert [(c.gloss, c.signer) for c in clips] == [("HELLO", "P01"), ("HELLO", "P15")]
    for found in clips:
        assert_parts(found, clip, MP_DATA[258])


@pytest.mark.parametrize(
    "size", ["1280,", ",720", "wide,720", "0,720", "1.5,2", "inf,1"]
)
def test_a_size_that_is_none_is_one_line(
    clip: Clip, folder: Path, tmp_path: Path, size: str
) -> None:
    write_mp_data(clip, folder, 4 / 3, place="hello/0")
    index = table(
        tmp_path / "index.csv", "file,gloss,width,height", f"hello/0,HELLO,{size}"
    )
    with pytest.raises(DatasetError, match=r"index.csv: width and height of 0 are"):
        read(folder, "mp-data", ImportSettings(index=index))


def test_folders_of_signers_hold_folders_of_glosses(
    clip: Clip, folder: Path, tmp_path: Path
) -> None:
    for signer in ("ann", "bob"):
        write_mp_data(clip, folder, 4 / 3, place=f"{signer}/hello/0")
    rows = [f"{signer}/hello/0,HELLO,{signer}" for signer in ("ann", "bob")]
    index = table(tmp_path / "index.csv", "file,gloss,signer", *rows)
    clips = list(read(folder, "mp-data", replace(SIZED, index=index)))
    assert [c.name for c in clips] == ["ann__hello__0", "bob__hello__0"]
    assert [c.signer for c in clips] == ["ann", "bob"]
    assert {c.gloss for c in read(folder, "mp-data", SIZED)} == {"hello"}


def test_linked_folders_are_followed_and_loops_are_not(
    clip: Clip, folder: Path, tmp_path: Path
) -> None:
    write_mp_data(clip, tmp_path / "store", 4 / 3, place="hello/0")
    write_mp_data(clip, folder, 4 / 3, place="thanks/0")
    (folder / "hello").symlink_to(tmp_path / "store" / "hello")
    (folder / "thanks" / "again").symlink_to(folder)
    assert [c.name for c in read(folder, "mp-data", SIZED)] == ["hello__0", "thanks__0"]


def test_frames_outside_a_gloss_s_folder_are_reported(
    clip: Clip, folder: Path, tmp_path: Path
) -> None:
    write_mp_data(clip, folder, 4 / 3, place="hello/0")
    write_mp_data(clip, folder, 4 / 3, place="stray")
    report = import_clips("mp-data", folder, tmp_path / "out", settings=SIZED)
    assert report.clips == 1
    (line,) = report.failures
    assert line.endswith("stray: not in a folder for its gloss")
    with pytest.raises(MediaError, match="give the MP_Data folder itself"):
        read(folder / "hello", "mp-data", SIZED)


# Bad input: one line each, and the rest comes in.
def save_pickle(path: Path) -> None:
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)


BAD_FRAMES: dict[str, Callable[[Path], None]] = {
    "empty": lambda path: path.write_bytes(b"") and None,
    "text": lambda path: path.write_text("1662 numbers") and None,
    "unknown length": lambda path: np.save(path, np.zeros(1661)),
    "length of another frame": lambda path: np.save(path, np.zeros(258)),
    "a matrix": lambda path: np.save(path, np.zeros((2, 831))),
    "one number": lambda path: np.save(path, np.array(1662.0)),
    "pickled": save_pickle,
    "infinite": lambda path: np.save(path, np.full(1662, np.inf)),
    "texts": lambda path: np.save(path, np.full(1662, "a")),
    "a lying header": lambda path: path.write_bytes(
        path.read_bytes().replace(b"(1662,)", b"(99999999999999,)")
    ) and None,
    "several": lambda path: np.savez(path.with_suffix(""), a=np.zeros(3)) or (
        path.with_suffix(".npz").replace(path) and None
    ),
}  # fmt: skip


def damaged(corpus: list[Clip], folder: Path, damage: Callable[[Path], None]) -> str:
    """Import a good and a bad sequence; give the bad one's line."""
    glosses = sorted({clip.gloss for clip in corpus if clip.gloss})
    good, bad = (next(c for c in corpus if c.gloss == g) for g in glosses[:2])
    write_mp_data(good, folder, 4 / 3)
    damage(write_mp_data(bad, folder, 4 / 3)[2])
    report = import_clips("mp-data", folder, folder.parent / "out", settings=SIZED)
    assert [c.gloss for c in Dataset.open(folder.parent / "out")] == [good.gloss]
    (line,) = report.failures
    assert "\n" not in line
    return line


@pytest.mark.parametrize("damage", BAD_FRAMES)
def test_a_bad_frame_costs_one_clip(
    corpus: list[Clip], folder: Path, damage: str
) -> None:
    assert "2.npy" in damaged(corpus, folder, BAD_FRAMES[damage])


def test_an_unknown_length_is_refused_with_those_known(
    corpus: list[Clip], folder: Path
) -> None:
    line = damaged(corpus, folder, BAD_FRAMES["unknown length"])
    assert line.endswith(", ".join(str(length) for length in sorted(MP_DATA)))
    assert "(1661,)" in line


def test_lengths_that_change_are_refused_with_both(
    corpus: list[Clip], folder: Path
) -> None:
    line = damaged(corpus, folder, BAD_FRAMES["length of another frame"])
    assert "2.npy has 258 numbers and 0.npy has 1662" in line


def test_links_that_lead_nowhere_are_no_folders(
    clip: Clip, folder: Path, tmp_path: Path
) -> None:
    write_mp_data(clip, folder, 4 / 3, place="hello/0")
    (folder / "thanks").symlink_to(folder / "gone")
    (folder / "loop").symlink_to(folder / "loop")
    report = import_clips("mp-data", folder, tmp_path / "out", settings=SIZED)
    assert (report.clips, report.failures) == (1, [])
