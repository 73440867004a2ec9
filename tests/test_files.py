"""Whole files and folders, or nothing."""

import io
import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from signnet.errors import DatasetError, MediaError, ModelError
from signnet.files import (
    NOT_AN_ARRAY,
    check_finished,
    files_below,
    only_writer,
    read_array,
    read_arrays,
    unfinished,
    whole_file,
    whole_folder,
    whole_set,
    write_text,
)


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


def kill_during(write: Callable[[], object]) -> None:
    """Let a process end in the middle of its work, as if it were killed."""
    with warnings.catch_warnings():  # Arrow's threads do not matter to the child
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        write()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the work was done before"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_run_left_of_a_file_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"

    def write() -> None:
        with whole_file(path, DatasetError) as temporary:
            temporary.write_text("half")
            die()

    kill_during(write)
    assert not path.exists()
    assert len(list(tmp_path.iterdir())) == 1
    write_text(path, "whole", DatasetError)
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "whole"


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with whole_file(path, DatasetError) as first:
        first.write_text("first")
        write_text(path, "second", DatasetError)
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_run_left_of_a_folder_is_removed_by_the_next(
    tmp_path: Path,
) -> None:
    path = tmp_path / "out"
    mine = tmp_path / ".out.draft-mine"
    mine.mkdir()
    (mine / "a.txt").write_text("mine")
    (tmp_path / ".out.draft-empty").mkdir()

    def write() -> None:
        with whole_folder(path, DatasetError) as draft:
            (draft / "a.txt").write_text("half")
            die()

    kill_during(write)
    assert not path.exists()
    with whole_folder(path, DatasetError) as draft:
        (draft / "a.txt").write_text("a")
    assert sorted(one.name for one in tmp_path.iterdir()) == [".out.draft-mine", "out"]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_folder_that_is_replaced_is_never_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    path = tmp_path / "out"
    path.mkdir()
    (path / "a.txt").write_text("old")
    if not at_once:
        monkeypatch.setattr(
            "signnet.files.exchange._exchange_at_once", lambda *_paths: False
        )

    def earlier(folder: Path) -> list[Path]:
        return [folder / "a.txt"]

    def write(folder: Path = path) -> None:
        with whole_folder(folder, DatasetError, earlier) as draft:
            (draft / "a.txt").write_text("new")

    def replace_and_die(*_arguments: object) -> None:
        die()

    def killed() -> None:
        with monkeypatch.context() as patched:
            patched.setattr("signnet.files.whole._remove", replace_and_die)
            write()

    kill_during(killed)
    assert (path / "a.txt").read_text() == "new"
    write()
    assert list(tmp_path.iterdir()) == [path]
    assert (path / "a.txt").read_text() == "new"


def test_a_folder_that_was_moved_aside_by_a_killed_run_comes_back(
    tmp_path: Path,
) -> None:
    path, draft = tmp_path / "out", tmp_path / ".out.draft-abc"
    (draft / "new").mkdir(parents=True)
    (draft / "new" / "a.txt").write_text("old")
    for name in ("draft-of-signnet", "put"):
        (draft / name).touch()
    with (
        pytest.raises(DatasetError, match=r"holds a\.txt already"),
        whole_folder(path, DatasetError),
    ):
        pytest.fail("the earlier folder is there again")
    assert (path / "a.txt").read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_second_writer_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with whole_folder(path, DatasetError) as draft:
        (draft / "a.txt").write_text("a")
        with (
            pytest.raises(ModelError, match=r"another run .*out; wait"),
            whole_folder(path, ModelError),
        ):
            pytest.fail("it is refused before anything is written")
    assert list(tmp_path.iterdir()) == [path]


def test_a_killed_writer_holds_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "out"

    def write() -> None:
        with only_writer(path, DatasetError):
            die()

    kill_during(write)
    with only_writer(path, DatasetError):
        assert (path / ".lock").exists()
    assert list(path.iterdir()) == []


def test_a_folder_is_not_left_empty(tmp_path: Path) -> None:
    with only_writer(tmp_path / "a" / "b", DatasetError):
        assert (tmp_path / "a" / "b").is_dir()
    assert list(tmp_path.iterdir()) == []


def test_the_last_file_of_a_set_vouches_for_the_others(tmp_path: Path) -> None:
    for text in ("old", "new"):
        with whole_set(tmp_path, DatasetError, last="page") as draft:
            for name in ("page", "a"):
                (draft / name).write_text(text)
    assert (tmp_path / "page").read_text() == "new"

    def killed() -> None:
        with whole_set(tmp_path, DatasetError, last="page") as draft:
            for name in ("page", "b"):
                (draft / name).write_text("newest")
            (tmp_path / "b").mkdir()
            (tmp_path / "b" / "in the way").touch()

    with pytest.raises(DatasetError, match="cannot write to"):
        killed()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "b"]


def test_a_folder_is_not_opened_before_it_is_finished(tmp_path: Path) -> None:
    with unfinished(tmp_path, "an import of poses", DatasetError):
        with pytest.raises(DatasetError, match="an import of poses has not ended") as e:
            check_finished(tmp_path, DatasetError)
        assert len(str(e.value).splitlines()) == 1
    check_finished(tmp_path, DatasetError)
    assert list(tmp_path.iterdir()) == []


def stored(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY\x01\x00v\x00{",
        stored(np.zeros(3))[:-1],
        stored(np.zeros(3)) + b"x",
        stored(np.zeros(3)).replace(b"(3,)", b"(9999999999999,)"),
        stored(np.zeros((3, 1))).replace(b"(3, 1)", b"(-3,1)"),
        b"\x93NUMPY\x09\x00",
    ],
)
def test_a_damaged_array_asks_for_no_memory(content: bytes) -> None:
    with pytest.raises(NOT_AN_ARRAY):
        read_array(content)


def test_an_archive_that_expands_beyond_measure_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros(30_000_000))
    with pytest.raises(ValueError, match="far more than landmarks do"):
        read_arrays(tmp_path / "a.npz")
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros(30_000_000), b=np.arange(3))
    assert list(read_arrays(tmp_path / "a.npz", leave=("a",))) == ["b"]


def test_files_below_a_folder_are_found_by_links_and_in_capitals(
    tmp_path: Path,
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "other").mkdir()
    wanted = [
        "in/a.pose",
        "in/B.POSE",
        "other/c.pose",
        "other/.hidden.pose",
        "in/d.txt",
    ]
    for name in wanted:
        (tmp_path / name).touch()
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "other")
    (tmp_path / "other" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "lost.pose").symlink_to("nowhere")
    found = files_below(tmp_path / "in", ".pose", MediaError)
    assert sorted(one.relative_to(tmp_path / "in").as_posix() for one in found) == [
        "B.POSE",
        "a.pose",
        "linked/c.pose",
        "lost.pose",
    ]
    with pytest.raises(MediaError, match="none"):
        list(files_below(tmp_path / "none", ".pose", MediaError))
