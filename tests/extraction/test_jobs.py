import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from filming import write_film
from signnet.clip import Clip
from signnet.dataset import Dataset, clip_path, write_clips
from signnet.errors import MediaError
from signnet.extraction import extract_folder, find_videos
from signnet.extraction.backends import source_of
from signnet.extraction.jobs import list_jobs, list_others
from signnet.extraction.tracker import STREAMS

LONG = "ক" * 79
"""A name of 237 bytes: longer than a file of a dataset with `.parquet` may have."""


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_links_to_class_folders_are_followed(tmp_path: Path) -> None:
    touch(tmp_path, "store/WATER/a.mp4", "videos/b.mp4")
    (tmp_path / "videos" / "WATER").symlink_to("../store/WATER")
    jobs, failures = list_jobs(tmp_path / "videos")
    assert [(job.file, job.labels["gloss"]) for job in jobs] == [
        ("WATER/a.mp4", "WATER"),
        ("b.mp4", None),
    ]
    assert not failures


def test_a_circle_of_links_is_walked_once(tmp_path: Path) -> None:
    touch(tmp_path, "videos/a.mp4", "videos/deep/b.mp4")
    (tmp_path / "videos" / "deep" / "up").symlink_to("..")
    (tmp_path / "videos" / "self").symlink_to(".")
    assert [path.name for path in find_videos(tmp_path / "videos")] == [
        "a.mp4",
        "b.mp4",
    ]


def test_a_link_that_leads_nowhere_is_reported(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4")
    (tmp_path / "b.mp4").symlink_to("gone.mp4")
    jobs, failures = list_jobs(tmp_path)
    assert [job.name for job in jobs] == ["a"]
    assert [file for file, _ in failures] == ["b.mp4"]
    assert [path.name for path in find_videos(tmp_path)] == ["a.mp4", "b.mp4"]


def test_two_forms_of_one_name_stop_no_other_video(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "\xe9.mp4", "e\u0301.mp4")
    if len(list(tmp_path.iterdir())) < 3:
        pytest.skip("this file system takes both forms for one name")
    jobs, ((file, reason),) = list_jobs(tmp_path)
    assert [job.name for job in jobs] == ["a", "\xe9.mp4"]
    assert file == "\xe9.mp4"
    assert reason == "another video is called \xe9.mp4 too; rename one"


@pytest.mark.parametrize("suffix", "m2ts vob mxf dv mod asf 3g2 m2v qt MP4".split())
def test_suffixes_of_cameras_and_editors_are_known(tmp_path: Path, suffix: str) -> None:
    touch(tmp_path, f"a.{suffix}")
    assert len(find_videos(tmp_path)) == 1


def test_what_is_left_out_is_said_but_for_our_own_files(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.webp", "x/c.webp", "notes", "i.csv", "out/a.parquet")
    assert list_others(tmp_path, tmp_path / "out", tmp_path / "i.csv") == [
        "left out, not known as videos: 2 .webp, 1 without a suffix"
    ]
    assert list_others(tmp_path / "a.mp4") == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf_8_costs_only_its_video(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", os.fsdecode(b"caf\xe9.mp4"))
    jobs, failures = list_jobs(tmp_path)
    assert [job.name for job in jobs] == ["a"]
    ((file, reason),) = failures
    assert file == r"caf\xe9.mp4"
    assert "not valid UTF-8; rename" in reason


def test_a_folder_of_such_names_alone_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "b.mp4").symlink_to("gone.mp4")
    with pytest.raises(MediaError, match="leads nowhere"):
        find_videos(tmp_path)
    report = extract_folder(tmp_path, tmp_path / "out")
    assert (report.done, len(report.failures)) == (0, 1)


@pytest.mark.parametrize("name", [LONG, "🤟" * 62, "x" * 255])
def test_a_long_name_is_stored_and_kept_whole(tmp_path: Path, name: str) -> None:
    landmarks = np.zeros((1, 553, 3), np.float32)
    path = clip_path(tmp_path, name)
    write_clips([Clip(name=name, landmarks=landmarks, fps=25.0)], path)
    assert [clip.name for clip in Dataset.open(tmp_path)] == [name]
    assert clip_path(tmp_path, name[:-1] + "খ") != path


def test_names_that_fit_are_stored_as_they_are(tmp_path: Path) -> None:
    assert clip_path(tmp_path, "a/b").name == "a_b.parquet"
    assert clip_path(tmp_path, "x" * 247).name == "x" * 247 + ".parquet"


def test_a_film_with_a_long_name_is_a_job_like_others(tmp_path: Path) -> None:
    write_film(tmp_path / f"{LONG}.mp4", frames=1)
    touch(tmp_path, "a.mp4")
    jobs, failures = list_jobs(tmp_path)
    assert {job.name for job in jobs} == {"a", LONG}
    assert not failures


def test_an_index_drops_a_video_and_the_clip_it_had(clip: Clip, tmp_path: Path) -> None:
    videos, out = tmp_path / "videos", tmp_path / "out"
    touch(videos, "a.mp4", "b.mp4")
    for job in list_jobs(videos)[0]:
        source = source_of(job, streams=STREAMS, backend="tasks")
        own = replace(clip, name=job.name, source=source)
        write_clips([own], clip_path(out, job.name))
    table = tmp_path / "index.csv"
    table.write_text("file,gloss,drop\na,WATER,yes\nb,MILK,\n")
    report = extract_folder(videos, out, index=table)
    assert (report.skipped, report.failures) == (1, [])
    assert [(one.name, one.gloss) for one in Dataset.open(out)] == [("b", "MILK")]
