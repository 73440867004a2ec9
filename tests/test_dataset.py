import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from signnet.clip import Clip
from signnet.dataset import (
    LABELS,
    LONGEST,
    SCHEMA,
    Dataset,
    clip_path,
    growing_file,
    pack,
    row_of_clip,
    shards,
    write_clips,
    write_dataset,
)
from signnet.dataset.writing import group_sizes
from signnet.errors import DatasetError, SettingsError
from signnet.skeleton import JOINT_COUNT
from signnet.synthetic import signs
from strategies import landmarks, rising_times


@pytest.fixture
def folder(tmp_path: Path, corpus: list[Clip]) -> Path:
    """Write a dataset of small files, one per clip."""
    for clip in corpus[:30]:
        write_clips([clip], clip_path(tmp_path / "data", clip.name))
    return tmp_path / "data"


@contextmanager
def small_files_only() -> Iterator[None]:
    """Let the system refuse to write files of more than 4 kB, as on a full disk.

    Only around the write itself: pytest's own log may be longer.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def one_line(error: pytest.ExceptionInfo[DatasetError]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(landmarks(), rising_times(max_frames=7))
def test_a_stored_clip_is_the_same_within_half_precision(
    drawn: np.ndarray, times: np.ndarray
) -> None:
    times = times[: len(drawn)] if len(times) >= len(drawn) else None
    clip = Clip(name="a", landmarks=drawn, fps=29.97, times=times)
    (read,) = Dataset.of_clips([clip])
    np.testing.assert_array_equal(read.landmarks, drawn.astype(np.float16))
    np.testing.assert_allclose(read.landmarks, drawn, rtol=2**-11, atol=1e-7)
    assert (times is None) == (read.times is None)
    if times is not None:
        np.testing.assert_array_equal(read.times, times)


def test_files_keep_every_field(tmp_path: Path) -> None:
    ones = np.ones((2, JOINT_COUNT, 3), np.float32)
    labels = {label: f"{label} পানি" for label in LABELS}
    clip = Clip(name="পানি__1", landmarks=ones, fps=12.5, source="film.mp4", **labels)
    write_clips([clip], tmp_path / "a.parquet")
    (read,) = Dataset.open(tmp_path)
    for field in ("name", "fps", "source", *LABELS):
        assert getattr(read, field) == getattr(clip, field)


def test_unknown_labels_stay_unknown(tmp_path: Path) -> None:
    ones = np.ones((1, JOINT_COUNT, 3), np.float32)
    write_clips([Clip(name="a", landmarks=ones, fps=np.nan)], tmp_path / "a.parquet")
    (read,) = Dataset.open(tmp_path)
    assert all(getattr(read, label) is None for label in LABELS)
    assert np.isnan(read.fps)


def test_clips_come_in_the_order_of_their_names(folder: Path) -> None:
    data = Dataset.open(folder)
    assert data.names == sorted(data.names) == [clip.name for clip in data]
    assert len(data) == 30


@pytest.mark.parametrize("in_memory", [0, 2**30])
def test_a_clip_is_had_by_its_index_or_name(folder: Path, in_memory: int) -> None:
    data = Dataset(str(folder), in_memory)
    assert len(data) == 30
    for index in (0, 29, np.int64(7)):
        name = data.names[index]
        assert data[index].name == data[name].name == name
        np.testing.assert_array_equal(data[index].landmarks, data[name].landmarks)
    assert not np.array_equal(data[0].landmarks, data[7].landmarks)


@pytest.mark.parametrize("key", [-1, 30, "no such clip"])
def test_no_clip_of_this_index_or_name_is_one_line(
    folder: Path, key: int | str
) -> None:
    with pytest.raises(DatasetError, match=f"{key}.*(0 to 29|all 30)") as error:
        Dataset(folder)[key]
    one_line(error)


BAD_INDICES = [[10**9], [10**30], [-1], [1.5], ["0"], [None], None, 5, [[0]]]


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize("in_memory", [0, 2**30])
@pytest.mark.parametrize("indices", BAD_INDICES, ids=repr)
def test_bad_indices_are_one_line(folder: Path, in_memory: int, indices: Any) -> None:
    data = Dataset(folder, in_memory)
    for call in (lambda: list(data.read(indices)), lambda: data.at(indices)):
        with pytest.raises(DatasetError, match=r"no clip|not a whole") as refused:
            call()
        assert "\n" not in str(refused.value)


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize(
    "key", [None, 1.0, slice(2), [0], b"a", np.array([0])], ids=repr
)
def test_a_key_that_is_neither_number_nor_name_is_one_line(
    folder: Path, key: Any
) -> None:
    with pytest.raises(DatasetError, match="not a whole number"):
        Dataset(folder)[key]


@pytest.mark.usefixtures("without_shape_checks")
def test_numbers_of_numpy_and_generators_are_indices(folder: Path) -> None:
    data = Dataset(folder)
    wanted = [data.names[1], data.names[0], data.names[1]]
    for indices in (np.array([1, 0, 1]), (np.uint8(n) for n in (1, 0, 1))):
        assert data.at(indices).names == wanted


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize("names", [None, 3, "name"])
def test_names_that_are_no_list_are_one_line(folder: Path, names: Any) -> None:
    with pytest.raises(DatasetError, match="expected a list of clip names"):
        Dataset(folder).select(names)


def test_a_name_that_is_selected_twice_is_kept_once(folder: Path) -> None:
    data = Dataset(folder)
    assert data.select([data.names[0]] * 2).names == data.names[:1]


def test_an_unknown_column_is_one_line(folder: Path) -> None:
    with pytest.raises(DatasetError, match="no column glos; choose from: name, gloss"):
        Dataset(folder).column("glos")


@pytest.mark.usefixtures("without_shape_checks")
@pytest.mark.parametrize(
    ("count", "seed"), [("3", 0), (1.5, 0), (1, -1), (1, "x"), (1, None)]
)
def test_a_sample_takes_whole_numbers(folder: Path, count: Any, seed: Any) -> None:
    with pytest.raises(SettingsError, match="expected"):
        Dataset(folder).sample(count, seed)


def test_a_suffix_in_capitals_and_a_single_file_are_read(
    tmp_path: Path, clip: Clip
) -> None:
    write_clips([clip], tmp_path / "A.PARQUET")
    assert Dataset(tmp_path).names == [clip.name]
    assert Dataset(str(tmp_path / "A.PARQUET")).names == [clip.name]


def test_a_hidden_file_is_not_read(folder: Path) -> None:
    (folder / "._a.parquet").write_bytes(b"what macOS leaves on foreign disks")
    assert len(Dataset(folder)) == 30


@pytest.mark.parametrize("in_memory", [0, 2**30])
def test_a_sample_is_spread_over_the_groups(
    corpus: list[Clip], tmp_path: Path, in_memory: int
) -> None:
    for number in range(6):
        part = corpus[12 * number : 12 * number + 12]
        write_clips(part, tmp_path / f"{number}.parquet")
    data = Dataset(tmp_path, in_memory)
    sample = data.sample(18, seed=3)
    assert len(sample) == 18
    assert [clip.name for clip in sample] == data.sample(18, seed=3).names
    assert sample.names != data.sample(18, seed=4).names
    assert len(data.sample(100)) == len(data.sample(None)) == len(data)
    if not in_memory:
        assert len(sample.groups) == 3
        assert sample.table["file"].unique().to_pylist() == [0, 2, 5]


def test_files_of_one_clip_give_a_sample_as_large(folder: Path) -> None:
    assert len(Dataset(folder, in_memory=0).sample(20)) == 20


@pytest.mark.parametrize("count", [0, -5])
def test_a_sample_of_nothing_is_refused(folder: Path, count: int) -> None:
    with pytest.raises(SettingsError, match="expected 1 or more"):
        Dataset(folder).sample(count)


def test_pandas_opens_a_dataset_folder(folder: Path) -> None:
    frame = pd.read_parquet(folder)
    assert len(frame) == 30
    assert set(frame.gloss) == set(signs())
    row = frame.iloc[0]
    values = np.frombuffer(row.landmarks, np.float16).reshape(-1, JOINT_COUNT, 3)
    assert len(values) == row.frames


def test_duckdb_counts_the_glosses_of_a_dataset_folder(folder: Path) -> None:
    query = f"select gloss, count(*) from '{folder}/*.parquet' group by gloss"
    counts = dict(duckdb.sql(query).fetchall())
    assert counts == Counter(Dataset.open(folder).column("gloss"))


def test_a_folder_named_like_a_partition_is_opened(tmp_path: Path, clip: Clip) -> None:
    write_clips([clip], tmp_path / "gloss=WATER" / "signer=9" / "a.parquet")
    (read,) = Dataset.open(tmp_path / "gloss=WATER" / "signer=9")
    assert (read.gloss, read.signer) == (clip.gloss, clip.signer)


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, clip: Clip) -> None:
    with (
        pytest.raises(DatasetError, match="cannot write") as error,
        small_files_only(),
    ):
        write_clips([clip], tmp_path / "a.parquet")
    assert "too large" in one_line(error)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_earlier_file_as_it_was(
    tmp_path: Path, clip: Clip
) -> None:
    path = tmp_path / "a.parquet"
    write_clips([clip], path)
    before = path.read_bytes()
    with pytest.raises(DatasetError), small_files_only():
        write_clips([clip, clip], path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_replaced_at_once_and_not_written_over(
    tmp_path: Path, clip: Clip, corpus: list[Clip]
) -> None:
    path = tmp_path / "a.parquet"
    write_clips([clip], path)
    before = path.read_bytes()
    with path.open("rb") as reader:  # somebody who reads while we write
        write_clips(corpus[:3], path)
        assert reader.read() == before
    assert len(Dataset.open(path)) == 3


def test_a_folder_in_the_way_leaves_nothing_half_written(
    tmp_path: Path, clip: Clip
) -> None:
    (tmp_path / "a.parquet").mkdir()
    with pytest.raises(DatasetError, match="cannot write") as error:
        write_clips([clip], tmp_path / "a.parquet")
    one_line(error)
    assert list(tmp_path.rglob("*")) == [tmp_path / "a.parquet"]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, clip: Clip) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match="cannot write") as error:
        write_clips([clip], tmp_path / "file" / "a.parquet")
    one_line(error)


def test_a_rest_of_a_killed_run_is_not_read(folder: Path) -> None:
    whole = next(folder.glob("*.parquet")).read_bytes()
    (folder / ".a.parquet.123.tmp").write_bytes(whole[:100])
    assert len(Dataset.open(folder)) == 30


def test_landmarks_too_large_for_half_precision_are_refused(tmp_path: Path) -> None:
    pixels = np.full((1, JOINT_COUNT, 3), 1e6, np.float32)
    clip = Clip(name="in pixels", landmarks=pixels, fps=25.0)
    with pytest.raises(DatasetError, match=r"in pixels: .*picture heights") as error:
        write_clips([clip], tmp_path / "a.parquet")
    one_line(error)


def test_duplicate_names_are_refused(tmp_path: Path, clip: Clip) -> None:
    for name in ("a", "b"):
        write_clips([clip], tmp_path / f"{name}.parquet")
    with pytest.raises(DatasetError, match=f"occur twice.*{clip.name}") as error:
        Dataset.open(tmp_path)
    one_line(error)


@pytest.mark.parametrize("content", [b"", b"no parquet", b"PAR1" * 20])
def test_a_file_that_is_no_parquet_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(DatasetError, match=r"a\.parquet is not a readable") as error:
        Dataset.open(tmp_path)
    one_line(error)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_one_line(folder: Path, keep: float) -> None:
    file = next(folder.glob("*.parquet"))
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * keep)])
    with pytest.raises(DatasetError, match="not a readable Parquet") as error:
        Dataset.open(folder)
    one_line(error)


def test_a_damaged_page_is_one_line(folder: Path) -> None:
    file = next(folder.glob("*.parquet"))
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[200 : middle + 200] = bytes(middle)
    file.write_bytes(content)
    with pytest.raises(DatasetError) as error:
        list(Dataset.open(folder))
    one_line(error)


def test_another_schema_is_one_line(tmp_path: Path) -> None:
    pq.write_table(pa.table({"name": ["a"], "gloss": ["b"]}), tmp_path / "a.parquet")
    with pytest.raises(DatasetError, match="does not hold clips of signnet") as error:
        Dataset.open(tmp_path)
    one_line(error)


def test_a_column_of_another_type_is_one_line(tmp_path: Path, clip: Clip) -> None:
    table = Dataset.of_clips([clip]).table
    index = table.column_names.index("frames")
    table = table.set_column(index, "frames", pa.array(["many"]))
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(DatasetError, match="does not hold clips of signnet") as error:
        Dataset.open(tmp_path)
    one_line(error)


@pytest.mark.parametrize("column", ["landmarks", "frames", "name"])
def test_an_empty_cell_is_one_line(tmp_path: Path, clip: Clip, column: str) -> None:
    table = Dataset.of_clips([clip]).table
    index = table.column_names.index(column)
    nothing = pa.array([None], SCHEMA.field(column).type)
    table = table.set_column(index, column, nothing)
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(DatasetError) as error:
        list(Dataset.open(tmp_path))
    one_line(error)


def test_landmarks_of_another_length_are_one_line(tmp_path: Path, clip: Clip) -> None:
    table = Dataset.of_clips([clip]).table
    index = table.column_names.index("landmarks")
    table = table.set_column(index, "landmarks", pa.array([b"1234"], pa.binary()))
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(DatasetError, match="2 numbers for") as error:
        list(Dataset.open(tmp_path))
    one_line(error)


@pytest.mark.parametrize("made", [True, False])
def test_a_folder_without_clips_is_one_line(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "data"
    if made:
        folder.mkdir()
    with pytest.raises(
        DatasetError, match=r"holds no \.parquet" if made else "not exist"
    ):
        Dataset.open(folder)


def test_selecting_keeps_the_clips_named(folder: Path) -> None:
    data = Dataset.open(folder)
    names = data.names[5:2:-1]
    assert data.select(names).names == sorted(names)
    with pytest.raises(DatasetError, match=r"1 clips are not .*no such clip"):
        data.select(["no such clip"])


def test_a_clip_without_a_gloss_is_named(clip: Clip) -> None:
    bare = Clip(name="a bare clip", landmarks=clip.landmarks, fps=25.0)
    data = Dataset.of_clips([clip, bare])
    with pytest.raises(DatasetError, match=r"1 clips have no gloss.*a bare clip"):
        data.require_glosses()
    assert data.select([clip.name]).require_glosses() == [clip.gloss]


def test_packing_keeps_the_clips_in_fewer_files(folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed"
    assert pack(folder, packed, clips_per_shard=12) == 3
    assert len(list(packed.iterdir())) == 3
    after, before = (Dataset.open(one).table for one in (packed, folder))
    assert after.to_pylist() == before.to_pylist()


def test_groups_and_files_of_long_clips_hold_few(clip: Clip, tmp_path: Path) -> None:
    assert group_sizes([60] * 130) == [64, 64, 2]
    assert group_sizes([9_000, 9_000, 9_000, 60, LONGEST, 60]) == [2, 2, 1, 1]
    assert [*shards(range(5), 2, lambda _: 60)] == [[0, 1], [2, 3], [4]]
    assert [*shards(range(5), 9, lambda _: LONGEST)] == [[0, 1, 2, 3], [4]]
    unseen = np.full((9_000, JOINT_COUNT, 3), np.nan, np.float32)
    clips = [replace(clip, name=name, landmarks=unseen, times=None) for name in "abc"]
    write_clips(clips, tmp_path / "written.parquet")
    with growing_file(tmp_path / "grown.parquet") as add:
        for one in clips:
            add(one)
    for file in tmp_path.iterdir():
        stored = pq.ParquetFile(file).metadata
        sizes = [stored.row_group(number).num_rows for number in range(2)]
        assert (sizes, stored.num_rows) == ([2, 1], 3), file


def test_what_is_large_in_memory_stays_in_files(clip: Clip, tmp_path: Path) -> None:
    unseen = np.full((300, JOINT_COUNT, 3), np.nan, np.float32)
    long = replace(clip, landmarks=unseen, times=None)
    write_dataset([long], tmp_path / "data")
    (file,) = (tmp_path / "data").iterdir()
    assert file.stat().st_size < 2**18 < long.landmarks.nbytes // 2
    assert Dataset(file, in_memory=2**18).files == (file,)
    assert not Dataset(file, in_memory=2**20).files


def test_packing_over_other_clips_is_refused(folder: Path) -> None:
    before = Dataset.open(folder).table
    with pytest.raises(DatasetError, match="pack into a new folder") as error:
        pack(folder, folder)
    one_line(error)
    assert Dataset.open(folder).table.to_pylist() == before.to_pylist()


def test_packing_a_broken_dataset_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    data = sorted(folder.iterdir())
    data[-1].write_bytes(data[-1].read_bytes()[:-2000])
    with pytest.raises(DatasetError):
        pack(folder, tmp_path / "packed", clips_per_shard=4)
    with pytest.raises(DatasetError, match="cannot write"), small_files_only():
        pack(data[0], tmp_path / "packed", clips_per_shard=4)
    assert [one.name for one in tmp_path.iterdir()] == [folder.name]


def test_a_name_with_a_slash_is_one_file(tmp_path: Path) -> None:
    assert clip_path(tmp_path, "AND/OR").parent == tmp_path


def test_a_generator_of_clips_is_written_as_a_dataset(
    corpus: list[Clip], tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "data"
    assert write_dataset((clip for clip in corpus[:10]), str(folder), 4) == 10
    assert len(list(folder.iterdir())) == 3
    assert Dataset(folder).names == sorted(clip.name for clip in corpus[:10])
    with pytest.raises(DatasetError, match=r"holds clips-.* already") as error:
        write_dataset(corpus, folder)
    one_line(error)
    assert len(Dataset(folder)) == 10


@pytest.mark.parametrize(("numbers", "reason"), [([], "no clips"), ([0, 1, 0], "two")])
def test_clips_that_are_no_dataset_leave_no_folder(
    corpus: list[Clip], tmp_path: Path, numbers: list[int], reason: str
) -> None:
    with pytest.raises(DatasetError, match=reason):
        write_dataset((corpus[n] for n in numbers), tmp_path / "data", 1)
    assert list(tmp_path.iterdir()) == []


def write_odd(path: Path, clip: Clip, **changes: Any) -> Path:
    """Write a clip with other values than a clip can have."""
    row = row_of_clip(clip) | changes
    table = pa.Table.from_pylist([row], schema=SCHEMA)
    pq.write_table(table, path, compression="zstd")
    return path


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"landmarks": b"odd"}, "1.5 numbers for"),
        ({"fps": 0.0}, "fps is 0"),
        ({"fps": -25.0}, "fps is -25"),
        ({"fps": float("inf")}, "fps is inf"),
        ({"frames": 2**31 - 1}, "2147483647 frames"),
        ({"frames": 40_000, "landmarks": b"\0" * 3318 * 40_000}, "asks for|frames"),
        ({"signer": "S" * 100_001}, "text of 100001 bytes"),
    ],
)
def test_what_no_clip_can_have_is_one_line(
    tmp_path: Path, clip: Clip, changes: dict[str, Any], words: str
) -> None:
    path = write_odd(tmp_path / "a.parquet", clip, **changes)
    for in_memory in (0, 2**28):
        with pytest.raises(DatasetError, match=words) as error:
            list(Dataset(path, in_memory))
        assert len(str(error.value).splitlines()) == 1


def test_a_dictionary_does_not_multiply_what_it_holds(
    tmp_path: Path, clip: Clip
) -> None:
    row = row_of_clip(clip) | {"landmarks": bytes(3318 * 1000), "frames": 1000}
    rows = [row | {"name": str(number)} for number in range(40)]
    pq.write_table(
        pa.Table.from_pylist(rows, schema=SCHEMA), tmp_path / "a.parquet",
        compression="zstd", dictionary_pagesize_limit=2**24,
    )  # fmt: skip
    assert (tmp_path / "a.parquet").stat().st_size < 20_000
    with pytest.raises(DatasetError, match="asks for"):
        Dataset(tmp_path / "a.parquet")


def test_text_that_is_not_utf8_is_one_line(tmp_path: Path, clip: Clip) -> None:
    path = write_odd(tmp_path / "a.parquet", clip, gloss="MARKER")
    path.write_bytes(path.read_bytes().replace(b"MARKER", b"MARK\xff\xff"))
    pq.write_table(
        pq.read_table(write_odd(tmp_path / "b.parquet", clip, gloss="MARKER")),
        path, compression="none", use_dictionary=False,
    )  # fmt: skip
    path.write_bytes(path.read_bytes().replace(b"MARKER", b"MARK\xff\xff"))
    with pytest.raises(DatasetError, match="gloss holds text that is not UTF-8"):
        Dataset(path)


def test_times_with_a_huge_gap_are_one_line(clip: Clip) -> None:
    times = np.arange(len(clip), dtype=np.float32) / 25
    times[-1] = 1e9
    with pytest.raises(DatasetError, match="correct the frame times"):
        replace(clip, times=times).evenly_timed()


def test_a_name_too_long_for_a_file_is_cut_and_stays_unique(
    tmp_path: Path, clip: Clip
) -> None:
    names = [f"{'প' * 100}{end}" for end in "ab"]
    paths = {clip_path(tmp_path, name) for name in names}
    assert len(paths) == 2
    for name in names:
        write_clips([replace(clip, name=name)], clip_path(tmp_path, name))
    assert Dataset(tmp_path).names == names


_FLIP = """
import sys
from pathlib import Path
from signnet.dataset import Dataset
from signnet.errors import DatasetError

file = Path(sys.argv[1])
content, refused = file.read_bytes(), 0
begin = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
for place in range(begin, begin + 260):
    flipped = bytes([content[place] ^ 1])
    file.write_bytes(content[:place] + flipped + content[place + 1 :])
    try:
        Dataset.open(file, in_memory=0)
    except DatasetError as error:
        refused += "histogram" in str(error)
print(refused)
"""


def test_no_flipped_bit_in_a_footer_ends_the_process(
    clip: Clip, tmp_path: Path
) -> None:
    """Arrow aborts where a column's histogram has another length than its schema."""
    write_clips([clip], tmp_path / "one.parquet")
    ended = subprocess.run(
        [sys.executable, "-c", _FLIP, tmp_path / "one.parquet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-500:]
    assert int(ended.stdout) > 10


def test_reading_many_files_keeps_nothing_of_them(
    corpus: list[Clip], tmp_path: Path
) -> None:
    for number in range(70):  # more than the footers that are remembered
        made = replace(corpus[0], name=str(number))
        write_clips([made], tmp_path / f"{number}.parquet")
    data = Dataset(tmp_path, in_memory=0)
    before = pa.total_allocated_bytes()
    for _ in data:
        pass
    assert pa.total_allocated_bytes() - before < 2**20
