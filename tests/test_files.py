"""Whole files and folders, or nothing."""

from pathlib import Path

import pytest

from signnet.errors import DatasetError, MediaError, ModelError
from signnet.files import whole_file, whole_folder, write_text


def test_a_file_stands_there_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    with whole_file(path, DatasetError) as temporary:
        temporary.write_text("all of it")
        assert not path.exists()
        assert temporary.parent == path.parent
        assert temporary.name.startswith(".")
    assert path.read_text() == "all of it"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("cause", [OSError(28, "No space left"), KeyError("a bug")])
def test_an_error_leaves_the_earlier_file_alone(
    tmp_path: Path, cause: Exception
) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "earlier", DatasetError)
    expected = DatasetError if isinstance(cause, OSError) else KeyError

    def write() -> None:
        with whole_file(path, DatasetError) as temporary:
            temporary.write_text("half of")
            raise cause

    with pytest.raises(expected) as error:
        write()
    assert path.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [path]
    if expected is DatasetError:
        assert str(error.value) == f"cannot write {path}: No space left"


def test_the_caller_chooses_the_class_of_the_error(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_text("in the way")
    for error in (ModelError, MediaError):
        with pytest.raises(error, match=r"cannot write .*directory"):
            write_text(tmp_path / "a", "text", error)
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_text_is_written_in_utf8_with_its_own_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "পানি\r\nb\n", DatasetError)
    assert (tmp_path / "a").read_bytes() == "পানি\r\nb\n".encode()


def test_the_longest_possible_name_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("প" * 85)  # 255 bytes
    write_text(path, "text", DatasetError)
    assert path.read_text() == "text"


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_stands_there_only_when_it_is_whole(
    tmp_path: Path, exists: bool
) -> None:
    path = tmp_path / "out"
    if exists:
        path.mkdir()
    with whole_folder(path, DatasetError) as draft:
        (draft / "inner").mkdir()
        (draft / "inner" / "a.txt").write_text("a")
        assert not list(path.glob("*"))
    assert [one.name for one in path.iterdir()] == ["inner"]
    assert (path / "inner" / "a.txt").read_text() == "a"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_no_folder(tmp_path: Path) -> None:
    def write() -> None:
        with whole_folder(tmp_path / "out", DatasetError) as draft:
            (draft / "a.txt").write_text("a")
            raise OSError(28, "No space left")

    with pytest.raises(DatasetError, match=r"cannot write .*out: No space left"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.mkdir()
    (path / "mine.txt").write_text("mine")
    with (
        pytest.raises(ModelError, match=r"holds mine\.txt already"),
        whole_folder(path, ModelError),
    ):
        pytest.fail("it is refused before anything is written")
    (path / "mine.txt").unlink()

    def write() -> None:
        with whole_folder(path, ModelError) as draft:
            (draft / "a.txt").write_text("a")
            (path / "late.txt").write_text("mine")

    with pytest.raises(ModelError, match=r"holds late\.txt already"):
        write()
    assert [one.name for one in path.iterdir()] == ["late.txt"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with (
        pytest.raises(ModelError, match="is a file"),
        whole_folder(tmp_path / "out", ModelError),
    ):
        pytest.fail("it is refused before anything is written")
    assert (tmp_path / "out").read_text() == "mine"


def test_the_files_of_an_earlier_folder_are_replaced_and_no_others(
    tmp_path: Path,
) -> None:
    path = tmp_path / "out"

    def earlier(folder: Path) -> list[Path]:
        return [folder / "inner" / "old.txt"]

    (path / "inner").mkdir(parents=True)
    (path / "inner" / "old.txt").write_text("old")
    with whole_folder(path, ModelError, earlier) as draft:
        (draft / "new.txt").write_text("new")
        assert (path / "inner" / "old.txt").read_text() == "old"
    assert [one.name for one in path.iterdir()] == ["new.txt"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_text(tmp_path / "link", "new", DatasetError)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"
