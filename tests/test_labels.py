"""One rule for what a file shows, by itself and through every format."""

import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from collecting import write_collected
from commands import Command, assert_one_line
from foreign import wholebody, write_gislr, write_mp_data, write_openpose
from signnet.clip import Clip
from signnet.dataset import Dataset, write_clips
from signnet.errors import DatasetError, SettingsError
from signnet.extraction.jobs import list_jobs
from signnet.formats import FORMATS, OPTIONS, ImportSettings, import_clips, read
from signnet.formats.pose import write_poses
from signnet.labels import label_files
from signnet.labels.index import read_index
from signnet.skeleton import HAND_COUNT


def table(path: Path, *rows: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["file,gloss", *rows]) + "\n", "utf-8")
    return path


def touch(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return [folder / name for name in names]


def glosses(
    files: list[Path], folder: Path, index: Path | None = None
) -> list[str | None]:
    labels, lost = label_files(files, folder, index)
    assert lost == []
    return [one["gloss"] for one in labels]


# Which file a row names
@pytest.mark.parametrize(
    "row",
    [
        "a.pose",
        "./a.pose",
        "poses/a.pose",
        "../in/poses/a.pose",
        "{at}/a.pose",
        "a.mp4",
        "films/a.mp4",
        "/elsewhere/films/a.mp4",
        "{at}/a.mp4",
        "a",
        "A/../a.MOV",
    ],
)
@pytest.mark.parametrize("beside", [True, False])
def test_a_row_names_a_file_by_its_path_its_end_or_its_film(
    tmp_path: Path, row: str, beside: bool
) -> None:
    folder = tmp_path / "in" / "poses"
    files = touch(folder, "a.pose", "b.pose")
    at = (tmp_path / "in" if beside else tmp_path / "tables") / "index.csv"
    index = table(at, f"{row.format(at=folder)},WATER")
    assert glosses(files, folder, index) == ["WATER", None]


@pytest.mark.parametrize("row", ["BOOK/1.pose", "BOOK/1.mp4", "films/BOOK/1.mp4"])
def test_a_row_of_another_folder_is_lost_rather_than_taken(
    tmp_path: Path, row: str
) -> None:
    files = touch(tmp_path / "in", "WATER/1.pose", "WATER/2.pose")
    index = table(tmp_path / "index.csv", f"{row},BOOK")
    labels, lost = label_files(files, tmp_path / "in", index)
    assert [one["gloss"] for one in labels] == ["WATER", "WATER"]
    assert lost == [(row, f"listed in {index}, but not there")]


def test_films_in_folders_label_poses_in_such_folders(tmp_path: Path) -> None:
    files = touch(tmp_path / "in", "x/1.pose", "y/1.pose")
    rows = ["/old/films/x/1.mp4,WATER", "/old/films/y/1.mp4,BOOK"]
    index = table(tmp_path / "index.csv", *rows)
    assert glosses(files, tmp_path / "in", index) == ["WATER", "BOOK"]


@pytest.mark.parametrize("row", ["1", "1.pose", "1.mp4"])
def test_a_row_that_fits_two_files_is_refused_by_name(tmp_path: Path, row: str) -> None:
    files = touch(tmp_path / "in", "x/1.pose", "y/1.pose")
    index = table(tmp_path / "index.csv", f"{row},WATER")
    with pytest.raises(DatasetError, match=r"fits both .*x/1\.pose and .*y/1\.pose"):
        label_files(files, tmp_path / "in", index)


def test_the_whole_path_goes_before_its_end(tmp_path: Path) -> None:
    files = touch(tmp_path / "in", "1.pose", "x/1.pose")
    index = table(tmp_path / "index.csv", "1.pose,WATER")
    assert glosses(files, tmp_path / "in", index) == ["WATER", "x"]


@pytest.mark.parametrize("second", ["./a.pose", "a.mp4"])
def test_two_rows_of_one_file_never_both_count(tmp_path: Path, second: str) -> None:
    files = touch(tmp_path / "in", "a.pose")
    same = table(tmp_path / "same.csv", "a.pose,WATER", f"{second},WATER")
    assert glosses(files, tmp_path / "in", same) == ["WATER"]
    other = table(tmp_path / "other.csv", "a.pose,WATER", f"{second},BOOK")
    if second == "a.mp4":  # the row that names the suffix is the better one
        labels, lost = label_files(files, tmp_path / "in", other)
        assert (labels[0]["gloss"], [row for row, _ in lost]) == ("WATER", ["a.mp4"])
    else:
        with pytest.raises(DatasetError, match="with different labels"):
            label_files(files, tmp_path / "in", other)


def test_an_index_may_serve_a_larger_folder(tmp_path: Path) -> None:
    touch(tmp_path, "x/1.pose", "y/1.pose")
    index = table(tmp_path / "index.csv", "x/1.pose,WATER", "y/1.pose,BOOK")
    files = [tmp_path / "x" / "1.pose"]
    assert glosses(files, tmp_path / "x", index) == ["WATER"]


def test_a_folder_that_is_no_clip_is_lost_rather_than_passed_over(
    tmp_path: Path,
) -> None:
    touch(tmp_path, "in/HOUSE/1/0.npy", "other/TREE/1/0.npy")
    index = table(tmp_path / "index.csv", "HOUSE/,A", "../other/TREE/1,B")
    _, lost = label_files([tmp_path / "in/HOUSE/1"], tmp_path / "in", index)
    assert lost == [("HOUSE/", f"listed in {index}; it is there, but no clip of it")]


@pytest.mark.parametrize(
    "rows",
    [
        ('a.pose,"WATER', "b.pose,BOOK"),
        ('a.pose,"WATER', 'b.pose,"BOOK'),
        ('a.pose,"WATER', 'b.pose,BOOK"'),
        ('"a.pose,WATER', 'b.pose",BOOK'),
    ],
)
def test_a_stray_quotation_mark_swallows_no_row(
    tmp_path: Path, rows: tuple[str, str]
) -> None:
    index = table(tmp_path / "index.csv", *rows)
    with pytest.raises(DatasetError, match=r"line 3: .*; check the quotation marks"):
        label_files([], tmp_path, index)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("file,gloss\na.pose,#NAME?\n", "took what was typed for a formula"),
        ("file,gloss,Gloss\na.pose,A,B\n", "two columns are called gloss"),
    ],
)
def test_a_gloss_that_may_be_another_is_refused(
    tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / "index.csv").write_text(content)
    with pytest.raises(DatasetError, match=words):
        read_index(tmp_path / "index.csv")


def test_an_endless_cell_is_one_line(tmp_path: Path) -> None:
    index = table(tmp_path / "index.csv", f"a.pose,{'x' * 200_000}")
    with pytest.raises(DatasetError, match="line 2: field larger than field limit"):
        label_files([], tmp_path, index)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_cell_of_two_lines_is_two_words(tmp_path: Path, end: str) -> None:
    index = tmp_path / "index.csv"
    lines = ["file,gloss", f'a.pose,"GOOD{end}MORNING"', "b.pose,A\u2028B", ""]
    index.write_text(end.join(lines), "utf-8-sig", newline="")
    files = touch(tmp_path, "a.pose", "b.pose")
    assert glosses(files, tmp_path, index) == ["GOOD MORNING", "A\u2028B"]


def test_links_lead_to_the_same_file(tmp_path: Path) -> None:
    touch(tmp_path / "real", "a.pose")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    index = table(tmp_path / "index.csv", f"{tmp_path}/real/a.pose,WATER")
    files = [tmp_path / "link" / "a.pose"]
    assert glosses(files, tmp_path / "link", index) == ["WATER"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("word", ["café", "ন\u09df", "ব\u09dc", "ক\u09cb"])
def test_composed_and_decomposed_names_are_one(
    tmp_path: Path, form: str, word: str
) -> None:
    other = "NFD" if form == "NFC" else "NFC"
    stored, written = (unicodedata.normalize(f, word) for f in (form, other))
    files = touch(tmp_path / "in", f"{stored}/{stored}.mp4")
    for row in (f"{written}.mp4", f"{written}/{written}.mp4", written):
        index = table(tmp_path / "index.csv", f"{row},WATER")
        assert glosses(files, tmp_path / "in", index) == ["WATER"]


# Which label counts
def test_a_label_is_that_of_the_row_then_of_the_name_then_of_the_folder(
    tmp_path: Path,
) -> None:
    names = ["x/W__S01__d1__r1__sad.pose", "x/b.pose", "c.pose"]
    files = touch(tmp_path / "in", *names)
    index = table(tmp_path / "index.csv", f"{names[0]},WATER", "x/b.pose,")
    labels, _ = label_files(files, tmp_path / "in", index)
    assert [*labels[0].values()] == ["WATER", "S01", "d1", "r1", "sad"]
    assert [*labels[1].values()] == [None] * 5  # listed without a gloss
    bare, _ = label_files(files, tmp_path / "in")
    assert [one["gloss"] for one in bare] == ["W", "x", None]


def test_a_row_wins_over_what_the_format_carries(tmp_path: Path) -> None:
    files = touch(tmp_path, "a", "b")
    carried = [{"gloss": "W", "signer": "S1"}, {"gloss": "B", "signer": "S1"}]
    index = table(tmp_path / "index.csv", "a,WATER")
    labels, _ = label_files(files, tmp_path, index, carried=carried)
    assert [(one["gloss"], one["signer"]) for one in labels] == [
        ("WATER", "S1"),
        ("B", "S1"),
    ]


# Through extraction and every format
def write_pose(clip: Clip, folder: Path) -> str:
    write_poses(Dataset.of_clips([clip]), folder)
    (folder / "index.csv").unlink()
    (file,) = folder.glob("*.pose")
    file.rename(folder / "clip.pose")
    return "clip.mp4"


def write_hands(clip: Clip, folder: Path) -> str:
    folder.mkdir()
    hands = clip.landmarks[:, 33 : 33 + 2 * HAND_COUNT]
    one = {"gloss": "OLD", "signer": "S1", "split": "train", "video_id": "0042"}
    numbers = {"offset": 0, "length": len(clip), "fps": 25.0}
    columns = {key: np.array([value]) for key, value in (one | numbers).items()}
    content = {"hands": hands.reshape(-1, 2, HAND_COUNT, 3), **columns}
    np.savez(folder / "hands.npz", **content)
    return "0042.mp4"


def write_bdsl(_clip: Clip, folder: Path) -> str:
    folder.mkdir()
    counts = {"pose_sequence": 33, "left_hand": 21, "right_hand": 21, "face": 478}
    rng = np.random.default_rng(0)
    parts = {key: rng.normal(size=(30, n, 3)) for key, n in counts.items()}
    np.savez(folder / "clip.npz", raw_length=np.array(30), **parts)
    return "clip.npz"


def write_whole(clip: Clip, folder: Path) -> str:
    folder.mkdir()
    (folder / "clip.json").write_text(json.dumps(wholebody(clip, "mmpose")))
    return "clip.mp4"


def write_table(clip: Clip, folder: Path) -> str:
    write_gislr([clip], folder, 4 / 3)
    return f"train_landmark_files/{clip.signer}/1000.parquet"


def write_sequence(clip: Clip, folder: Path) -> str:
    write_mp_data(clip, folder, 4 / 3)
    return f"{clip.gloss}/0"


def write_frames(clip: Clip, folder: Path) -> str:
    write_openpose(clip, folder)
    return "clip.mp4"


def write_session(clip: Clip, folder: Path) -> str:
    write_collected([clip], folder)
    return clip.name


def write_own(clip: Clip, folder: Path) -> str:
    write_clips([clip], folder / "some.parquet")
    return clip.name


WRITERS = {
    "dataset": write_own,
    "bdsl-npz": write_bdsl,
    "pose": write_pose,
    "openpose": write_frames,
    "coco-wholebody": write_whole,
    "gislr": write_table,
    "mp-data": write_sequence,
    "hands-npz": write_hands,
    "collected": write_session,
}


@pytest.fixture(params=WRITERS)
def one(
    request: pytest.FixtureRequest, clip: Clip, tmp_path: Path
) -> tuple[str, Path, str]:
    """Give a format, a source of one clip, and how a row names the clip."""
    if request.param == "pose":
        pytest.importorskip("pose_format", reason="needs the pose extra")
    return request.param, tmp_path / "in", WRITERS[request.param](clip, tmp_path / "in")


def test_every_format_has_its_test() -> None:
    assert {*WRITERS, "elan"} == set(FORMATS)  # annotations label their own clips


def test_a_row_of_the_index_labels_a_clip_of_every_format(
    one: tuple[str, Path, str], tmp_path: Path, signnet: Command
) -> None:
    form, source, row = one
    index = table(tmp_path / "index.csv", f"{row},পানি", "gone.mp4,BOOK")
    ended = signnet("import", form, source, tmp_path / "out", "--index", index)
    assert Dataset.open(tmp_path / "out").column("gloss") == ["পানি"]
    assert ended.status == 2
    assert f"gone.mp4: listed in {index}, but not there" in ended.err
    assert "no gloss" not in ended.out


def test_a_row_s_size_goes_before_the_size_option(
    one: tuple[str, Path, str], tmp_path: Path
) -> None:
    form, source, row = one
    if "size" not in OPTIONS[form]:
        pytest.skip(f"{form} takes no size")
    index = tmp_path / "index.csv"
    index.write_text(f"file,gloss,width,height\n{row},BOOK,1600,900\n")
    wide, square = ImportSettings(size=(1600, 900)), ImportSettings(size=(900, 900))
    (by_row,) = read(source, form, replace(square, index=index))
    (by_option,) = read(source, form, wide)
    np.testing.assert_array_equal(by_row.landmarks, by_option.landmarks)


def test_an_index_that_is_not_there_is_one_line_in_every_format(
    one: tuple[str, Path, str], tmp_path: Path, signnet: Command
) -> None:
    form, source, _ = one
    words = ("import", form, source, tmp_path / "out", "--index", tmp_path / "no.csv")
    assert_one_line(signnet(*words), "no.csv")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("--size", ImportSettings(size=(4, 3))),
        ("--fps", ImportSettings(fps=25.0)),
        ("--no-repair", ImportSettings(repair=False)),
    ],
)
@pytest.mark.parametrize("form", FORMATS)
def test_an_option_has_an_effect_or_is_refused(
    tmp_path: Path, form: str, option: str, given: ImportSettings
) -> None:
    used = {
        "bdsl-npz": {"--no-repair"},
        "hands-npz": {"--size"},
        "collected": set[str](),
    }
    if option in used.get(form, {"--size", "--fps"}):
        return
    with pytest.raises(SettingsError, match=f"{option} has no effect on {form}"):
        import_clips(form, tmp_path, tmp_path / "out", settings=given)


def test_clips_without_a_gloss_are_counted(
    clip: Clip, tmp_path: Path, signnet: Command
) -> None:
    write_whole(clip, tmp_path / "in")
    ended = signnet("import", "coco-wholebody", tmp_path / "in", tmp_path / "out")
    assert "1 clip imported" in ended.out
    assert "; 1 without a gloss" in ended.out


@pytest.mark.parametrize("row", ["./a.mp4", "films/a.mp4", "a.mov", "{at}/a.mp4"])
def test_extraction_reads_rows_by_the_same_rule(tmp_path: Path, row: str) -> None:
    touch(tmp_path / "films", "a.mp4", "b.mp4")
    written = row.format(at=tmp_path / "films")
    index = table(tmp_path / "tables" / "i.csv", f"{written},WATER", "lost.mp4,X")
    jobs, lost = list_jobs(tmp_path / "films", index)
    assert [job.labels["gloss"] for job in jobs] == ["WATER", None]
    assert lost == [("lost.mp4", f"listed in {index}, but not there")]


TABLE = "file,gloss\na.mp4,পানি\n"


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode("utf-16"),
        TABLE.encode("utf-8-sig"),
        ("sep=;\r\n" + TABLE.replace(",", ";")).encode(),
        ("sep=,\r\n" + TABLE).encode("utf-16"),
    ],
)
def test_tables_of_spreadsheets_are_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "index.csv").write_bytes(content)
    assert read_index(tmp_path / "index.csv")["a.mp4"]["gloss"] == "পানি"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("file;gloss\na.mp4;café\n".encode("cp1252"), "line 2"),
        (b"file;gloss\r\na.mp4;????\r\n", r"a\.mp4 is \?\?\?\?"),
        (b"file;gloss\r\na.mp4;?? ??\r\n", "letters were lost"),
    ],
)
def test_letters_that_were_lost_are_one_line_on_how_to_save(
    tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "index.csv").write_bytes(content)
    with pytest.raises(DatasetError, match=words) as error:
        read_index(tmp_path / "index.csv")
    assert "CSV UTF-8" in str(error.value)
