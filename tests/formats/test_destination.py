"""An import deletes what the same import wrote before, and nothing else."""

import json
import resource
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from commands import Command, assert_one_line
from signnet.clip import Clip
from signnet.dataset import Dataset, write_clips
from signnet.errors import DatasetError
from signnet.formats import import_clips
from signnet.formats.destination import RECORD

FRAMES = 4


def write_hands(path: Path, glosses: Sequence[str], broken: Sequence[str] = ()) -> Path:
    """Write a file of hands-npz with a clip for each gloss; some cannot be read."""
    count = len(glosses)
    rng = np.random.default_rng(0)
    lengths = [0 if gloss in broken else FRAMES for gloss in glosses]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        hands=rng.uniform(0, 1, (FRAMES * count, 2, 21, 3)).astype(np.float16),
        offset=np.arange(count) * FRAMES,
        length=np.array(lengths),
        fps=np.full(count, 25.0),
        gloss=np.array(glosses),
        signer=np.array(["P01"] * count),
        split=np.array(["train"] * count),
        video_id=np.array(["1"] * count),
    )
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_hands(tmp_path / "first" / "hands.npz", ["HOUSE", "WATER"])


@pytest.fixture
def out(tmp_path: Path, source: Path) -> Path:
    """Import the first source into a new dataset."""
    import_clips("hands-npz", source, tmp_path / "data")
    return tmp_path / "data"


def state(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def shards(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.parquet"))


def write_own(clip: Clip, folder: Path, name: str = "hands-npz-mine.parquet") -> None:
    write_clips([clip], folder / name)


def test_the_same_source_replaces_what_it_wrote(
    out: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_hands(source, ["WATER", "TREE", "BIRD"])
    monkeypatch.chdir(source.parent)
    report = import_clips("hands-npz", Path("hands.npz"), out)
    assert (report.clips, report.failures, report.left) == (3, [], [])
    assert Dataset.open(out).names == ["BIRD__1", "TREE__1", "WATER__1"]
    assert len(state(out)) == 2, "one shard and the record"


@pytest.mark.parametrize("named_as_ours", [True, False])
def test_a_folder_with_clips_of_others_is_refused(
    out: Path, source: Path, clip: Clip, named_as_ours: bool
) -> None:
    name = "hands-npz-mine.parquet" if named_as_ours else "z.parquet"
    write_own(clip, out, name)
    before = state(out)
    with pytest.raises(DatasetError, match=rf"holds {name}, .*--append") as error:
        import_clips("hands-npz", source, out)
    assert "\n" not in str(error.value)
    assert state(out) == before


def test_a_second_source_is_refused(out: Path, tmp_path: Path) -> None:
    second = write_hands(tmp_path / "second" / "hands.npz", ["TREE"])
    before = state(out)
    with pytest.raises(DatasetError, match=r"holds hands-npz-00000\.parquet, which no"):
        import_clips("hands-npz", second, out)
    assert state(out) == before


def test_shards_without_a_record_count_as_somebody_else_s(
    out: Path, source: Path
) -> None:
    (out / RECORD).unlink()
    before = state(out)
    with pytest.raises(DatasetError, match=r"--append .* or a new folder"):
        import_clips("hands-npz", source, out)
    assert state(out) == before


def test_appending_adds_under_free_names_and_touches_nothing_else(
    out: Path, tmp_path: Path, source: Path, clip: Clip
) -> None:
    write_own(clip, out, "hands-npz-00001.parquet")
    before = state(out)
    second = write_hands(tmp_path / "second" / "hands.npz", ["TREE", "WATER", "BIRD"])
    report = import_clips("hands-npz", second, out, append=True)
    assert report.clips == 2
    (line,) = report.failures
    assert line.startswith("WATER__1 is in the dataset already")
    after = state(out)
    assert {name: after[name] for name in before if name != RECORD} == {
        name: before[name] for name in before if name != RECORD
    }
    assert shards(out) == [f"hands-npz-0000{number}.parquet" for number in range(3)]
    assert len(Dataset.open(out)) == 5
    again = import_clips("hands-npz", source, out, append=True)
    assert (again.clips, len(again.failures), again.left) == (0, 2, [])
    assert state(out) == after


def test_each_source_keeps_its_own_files_in_the_record(
    out: Path, tmp_path: Path
) -> None:
    second = write_hands(tmp_path / "second" / "hands.npz", ["TREE"])
    import_clips("hands-npz", second, out, append=True)
    third = write_hands(second, ["TREE", "BIRD"])
    import_clips("hands-npz", third, out, append=True)
    record = json.loads((out / RECORD).read_text("utf-8"))
    listed = [[file["name"] for file in one["files"]] for one in record["imports"]]
    names = shards(out)
    assert listed == [names[:1], names[1:]]


@pytest.mark.parametrize("append", [True, False])
def test_an_import_of_which_everything_fails_changes_nothing(
    out: Path, source: Path, append: bool
) -> None:
    before = state(out)
    write_hands(source, ["HOUSE", "WATER"], broken=["HOUSE", "WATER"])
    report = import_clips("hands-npz", source, out, append=append)
    assert (report.clips, len(report.failures)) == (0, 2)
    assert state(out) == before
    assert list(out.glob(".import-*")) == []


def test_a_clip_whose_file_was_damaged_since_stays(out: Path, source: Path) -> None:
    stored = Dataset.open(out)["HOUSE__1"].landmarks
    write_hands(source, ["HOUSE", "TREE"], broken=["HOUSE"])
    report = import_clips("hands-npz", source, out)
    assert (report.clips, len(report.failures)) == (1, 1)
    (line,) = report.left
    assert line.startswith("2 clips of the earlier import stay, for example HOUSE__1")
    assert Dataset.open(out).names == ["HOUSE__1", "TREE__1", "WATER__1"]
    np.testing.assert_array_equal(Dataset.open(out)["HOUSE__1"].landmarks, stored)
    write_hands(source, ["HOUSE", "TREE"])
    assert import_clips("hands-npz", source, out).left == []
    assert Dataset.open(out).names == ["HOUSE__1", "TREE__1"]


def test_a_record_that_is_a_link_is_not_followed(tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "linked"
    folder.mkdir()
    (folder / RECORD).symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(DatasetError, match="is a link, which no import made"):
        import_clips("hands-npz", source, folder)
    assert not (tmp_path / "elsewhere.json").exists()


def test_an_import_of_which_everything_fails_makes_no_folder(tmp_path: Path) -> None:
    source = write_hands(tmp_path / "in" / "hands.npz", ["HOUSE"], broken=["HOUSE"])
    import_clips("hands-npz", source, tmp_path / "new" / "data")
    assert not (tmp_path / "new").exists()


def test_a_full_disk_leaves_the_earlier_import(out: Path, source: Path) -> None:
    before = state(out)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, hard))
    try:
        with pytest.raises(DatasetError, match="cannot write"):
            import_clips("hands-npz", source, out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert state(out) == before
    assert list(out.glob(".import-*")) == []


def test_a_changed_file_stays_and_is_named(out: Path, source: Path, clip: Clip) -> None:
    (name,) = shards(out)
    write_own(clip, out, name)
    content = (out / name).read_bytes()
    for _ in range(2):
        report = import_clips("hands-npz", source, out)
        (line,) = report.left
        assert line == f"{out / name} stays: it was changed since it was imported"
        assert (out / name).read_bytes() == content
        assert len(Dataset.open(out)) == 3


def test_a_clip_of_a_changed_file_is_not_imported_twice(
    out: Path, source: Path
) -> None:
    (name,) = shards(out)
    write_clips(list(Dataset.open(out))[:1], out / name)
    report = import_clips("hands-npz", source, out)
    assert report.failures == [
        "HOUSE__1 is in the dataset already; rename one of the two"
    ]
    assert Dataset.open(out).names == ["HOUSE__1", "WATER__1"]


def test_a_run_that_was_killed_before_it_deleted_is_tidied_by_the_next(
    out: Path, source: Path
) -> None:
    old = {name: (out / name).read_bytes() for name in shards(out)}
    first = json.loads((out / RECORD).read_text("utf-8"))
    import_clips("hands-npz", source, out)
    both = json.loads((out / RECORD).read_text("utf-8"))
    both["imports"][0]["files"] += first["imports"][0]["files"]
    (out / RECORD).write_text(json.dumps(both), "utf-8")
    for name, content in old.items():
        (out / name).write_bytes(content)
    report = import_clips("hands-npz", source, out)
    assert (report.failures, report.left, len(shards(out))) == ([], [], 1)
    assert len(Dataset.open(out)) == 2


def an_import(name: Any) -> str:
    file = {"name": name, "size": 4, "sha256": "0"}
    one = {"format": "hands-npz", "source": "a", "files": [file]}
    return json.dumps({"format": 1, "imports": [one]})


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", '{"format": 2, "imports": []}', "[" * 10_000),
        *('{"format": 1, "imports": ["a"]}', an_import("../hands-npz-00000.parquet")),
        *(an_import(".."), an_import("diary.txt"), an_import(["a"]), an_import(None)),
    ],
    ids=range(11),
)
def test_a_damaged_record_is_one_line_and_nothing_is_deleted(
    out: Path, source: Path, content: str
) -> None:
    (out / RECORD).write_text(content)
    before = state(out)
    with pytest.raises(DatasetError, match=r"\.imports\.json does not say") as error:
        import_clips("hands-npz", source, out)
    assert "\n" not in str(error.value)
    assert state(out) == before


def test_other_readers_of_parquet_do_not_see_the_record(out: Path) -> None:
    assert sorted(pd.read_parquet(out)["name"]) == ["HOUSE__1", "WATER__1"]


def test_the_command_refuses_and_appends(
    signnet: Command, out: Path, tmp_path: Path
) -> None:
    second = write_hands(tmp_path / "second" / "hands.npz", ["TREE"])
    ended = signnet("import", "hands-npz", second, out)
    assert_one_line(ended, "--append")
    ended = signnet("import", "hands-npz", second, out, "--append")
    assert (ended.status, len(Dataset.open(out))) == (0, 3)


def test_the_command_names_the_files_that_stay(
    signnet: Command, out: Path, source: Path, clip: Clip
) -> None:
    write_own(clip, out, *shards(out))
    ended = signnet("import", "hands-npz", source, out)
    assert ended.status == 0
    assert "stays: it was changed" in ended.err


def stop_at_rename(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let the n-th shard that an import puts in place end the process, as a kill."""
    renamed = list[Path]()
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target.suffix == ".parquet" and target.parent.name == "out":
            renamed.append(self)
            if len(renamed) == number:
                raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize("append", [True, False])
def test_an_import_that_was_killed_is_no_dataset_until_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, append: bool
) -> None:
    monkeypatch.setattr("signnet.formats.importing._CLIPS_PER_SHARD", 1)
    source, out = tmp_path / "source" / "hands.npz", tmp_path / "out"
    write_hands(source, ["HOUSE", "WATER", "TREE"])
    with monkeypatch.context() as patched:
        stop_at_rename(patched, 3)
        with pytest.raises(KeyboardInterrupt):
            import_clips("hands-npz", source, out, append=append)
    assert len(shards(out)) == 2
    with pytest.raises(DatasetError, match=r"an import of hands-npz .* not ended"):
        Dataset(out)
    report = import_clips("hands-npz", source, out, append=append)
    assert (report.clips, report.failures) == (3, [])
    assert len(Dataset(out)) == 3
    assert {one.name for one in out.iterdir()} == {RECORD, *shards(out)}


def test_a_clip_that_cannot_be_stored_is_one_line(tmp_path: Path) -> None:
    source, out = tmp_path / "source" / "hands.npz", tmp_path / "out"
    write_hands(source, ["HOUSE", "\ud800"])
    report = import_clips("hands-npz", source, out)
    assert report.clips == 1
    (line,) = report.failures
    assert "is not Unicode" in line
