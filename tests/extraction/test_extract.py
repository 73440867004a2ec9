import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import wave
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signnet.clip import Clip, timing
from signnet.dataset import Dataset, clip_path
from signnet.errors import (
    DatasetError,
    MediaError,
    ModelError,
    SettingsError,
)
from signnet.extraction import (
    ensure_models,
    extract_folder,
    extract_video,
    find_videos,
    warm_up,
)
from signnet.extraction.hands import assign_sides
from signnet.extraction.jobs import Job, list_jobs
from signnet.extraction.landmarkers import MODELS
from signnet.extraction.pool import run_jobs
from signnet.extraction.tracker import Sighting, assemble
from signnet.extraction.video import Video
from signnet.geometry import arm_agreement, swap_where
from signnet.skeleton import PARTS, index
from strategies import generators

pytestmark = pytest.mark.slow

FRAMES = 12


@pytest.fixture(scope="session")
def models() -> dict[str, Path]:
    try:
        return ensure_models()
    except ModelError as error:
        pytest.skip(f"no landmark models: {error}")


def write_video(
    path: Path, *, size: tuple[int, int] = (64, 48), code: str = "mp4v"
) -> Path:
    """Write a video whose upper left corner is white and whose grey rises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), 25, size)
    for frame in range(FRAMES):
        picture = np.full((size[1], size[0], 3), 4 * frame, np.uint8)
        picture[: size[1] // 3, : size[0] // 3] = 255
        writer.write(picture)
    writer.release()
    return path


def write_gif(
    path: Path, milliseconds: list[int], size: tuple[int, int] = (64, 48)
) -> Path:
    animation = cv2.Animation()
    animation.frames = [
        np.full((*size[::-1], 3), 15 * frame, np.uint8)
        for frame in range(len(milliseconds))
    ]
    animation.durations = milliseconds
    assert cv2.imwriteanimation(str(path), animation)
    return path


def turn_a_quarter(path: Path) -> Path:
    """Write into an mp4 that it is to be shown a quarter turn clockwise."""
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    turn = (0, 1 << 16, 0, -(1 << 16), 0, 0, 48 << 16, 0, 1 << 30)
    content[matrix : matrix + 36] = struct.pack(">9i", *turn)
    path.write_bytes(content)
    return path


# Models


def test_a_corrupted_model_is_fetched_again(
    models: dict[str, Path], tmp_path: Path
) -> None:
    for file in models.values():
        shutil.copy(file, tmp_path)
    broken = tmp_path / MODELS["hands"].file
    broken.write_bytes(broken.read_bytes()[:-1] + b"x")
    seen = list[tuple[int, int]]()
    try:
        found = ensure_models(tmp_path, lambda *counts: seen.append(counts))
    except ModelError as error:
        pytest.skip(f"offline: {error}")
    assert found["hands"].read_bytes() == models["hands"].read_bytes()
    assert seen == [(3, 3)]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        model.file for model in MODELS.values()
    )


def test_genuine_models_need_no_source(
    models: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(monkeypatch)
    assert ensure_models(models["pose"].parent) == models


def test_without_any_source_the_files_and_the_folder_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(monkeypatch)
    with pytest.raises(
        ModelError, match=r"pose_landmarker_full\.task.*go online"
    ) as caught:
        ensure_models(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_cache_that_cannot_be_written_is_said_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(monkeypatch)
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match=r"cannot write .*file"):
        ensure_models(tmp_path / "file" / "models")


def test_extraction_asks_for_missing_models_and_fetches_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    fetched = list[str]()
    monkeypatch.setattr(
        "signnet.extraction.landmarkers._fetch", lambda *_: fetched.append("models")
    )
    video = write_video(tmp_path / "a.mp4")
    for extract in (
        lambda: extract_video(video),
        lambda: extract_folder(video, tmp_path / "out"),
        warm_up,
    ):
        with pytest.raises(ModelError, match=r"pose.*missing.*run `signnet models`"):
            extract()
    assert not fetched
    assert not (tmp_path / "cache").exists()


def cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")


# Videos


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.webm"])
def test_every_frame_is_read_at_its_time(tmp_path: Path, name: str) -> None:
    code = {"a.mp4": "mp4v", "a.avi": "MJPG", "a.webm": "VP80"}[name]
    video = Video(write_video(tmp_path / name, code=code))
    frames = list(video)
    assert video.fps == pytest.approx(25)
    np.testing.assert_allclose([time for _, time in frames], np.arange(FRAMES) / 25)
    brightness = [int(picture[-1, -1].mean()) for picture, _ in frames]
    np.testing.assert_allclose(brightness, 4 * np.arange(FRAMES), atol=4)


def test_odd_sizes_are_read(tmp_path: Path) -> None:
    picture, _ = next(iter(Video(write_gif(tmp_path / "a.gif", [40], size=(37, 91)))))
    assert picture.shape == (91, 37, 3)


def test_colours_are_red_green_blue(tmp_path: Path) -> None:
    path = tmp_path / "red.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
    writer.write(np.full((48, 64, 3), (0, 0, 255), np.uint8))
    writer.release()
    picture, _ = next(iter(Video(path)))
    assert picture[24, 32, 0] > 200 > 50 > picture[24, 32, 2]


def test_a_turned_video_is_read_upright(tmp_path: Path) -> None:
    path = turn_a_quarter(write_video(tmp_path / "phone.mp4"))
    picture, _ = next(iter(Video(path)))
    assert picture.shape == (64, 48, 3)
    assert picture[2, -3].mean() > 200 > 50 > picture[2, 2].mean()


def test_a_varying_rate_keeps_its_times(tmp_path: Path) -> None:
    lengths = [40, 40, 200, 40, 40, 120, 40, 40]
    video = Video(write_gif(tmp_path / "a.gif", lengths))
    times = np.array([seconds for _, seconds in video], np.float32)
    np.testing.assert_allclose(times, np.cumsum([0, *lengths[:-1]]) / 1000, atol=1e-6)
    fps, kept = timing(times, float("nan"))
    assert fps == pytest.approx(25)
    np.testing.assert_array_equal(kept, times)


@settings(deadline=None, derandomize=True)
@given(st.integers(2, 200), st.sampled_from([15.0, 23.976, 25.0, 29.97, 30.0, 60.0]))
def test_times_rounded_to_milliseconds_are_still_even(frames: int, fps: float) -> None:
    times = np.round(np.arange(frames) / fps, 3).astype(np.float32)
    assert timing(times, fps) == (fps, None)
    measured, uneven = timing(times, 90000.0)
    assert uneven is None
    assert measured == pytest.approx(fps, rel=0.05)


@settings(deadline=None, derandomize=True)
@given(st.integers(4, 200), generators())
def test_one_dropped_frame_is_noticed(frames: int, rng: np.random.Generator) -> None:
    dropped = rng.integers(1, frames - 1)
    times = np.delete(np.arange(frames + 1) / 25, dropped).astype(np.float32)
    fps, uneven = timing(times, 25.0)
    assert uneven is not None
    assert fps == pytest.approx(25, rel=0.5)


def missing(folder: Path) -> Path:
    return folder / "none.mp4"


def empty(folder: Path) -> Path:
    (folder / "empty.mp4").touch()
    return folder / "empty.mp4"


def text(folder: Path) -> Path:
    (folder / "text.mp4").write_text("This is a shopping list: milk, bread.\n" * 40)
    return folder / "text.mp4"


def truncated(folder: Path) -> Path:
    path = write_video(folder / "cut.mp4")
    path.write_bytes(path.read_bytes()[:600])
    return path


def without_pictures(folder: Path) -> Path:
    path = folder / "zero.mp4"
    cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (64, 48)).release()
    return path


def sound(folder: Path) -> Path:
    with wave.open(str(folder / "sound.mp4"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16000))
    return folder / "sound.mp4"


@pytest.mark.parametrize(
    "make", [missing, empty, text, truncated, without_pictures, sound]
)
def test_a_bad_video_is_refused_in_one_line_and_quietly(
    make: object, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = make(tmp_path)  # type: ignore[operator]
    with pytest.raises(MediaError) as caught:
        list(Video(path))
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


# Hands


def hands_of(clip: Clip) -> np.ndarray:
    sides = ("left_hand", "right_hand")
    return np.stack([clip.landmarks[:, PARTS[side].joints] for side in sides], axis=1)


@settings(deadline=None, derandomize=True)
@given(rng=generators())
def test_hands_in_any_order_with_any_label_come_back_to_their_arms(
    clip: Clip, rng: np.random.Generator
) -> None:
    hands = hands_of(clip)
    mixed = swap_where(hands, rng.random(len(clip)) < 0.5)
    labels = rng.choice([0.05, 0.95], (len(clip), 2)).astype(np.float32)
    np.testing.assert_array_equal(assign_sides(mixed, labels, clip.landmarks), hands)


@settings(deadline=None, derandomize=True)
@given(rng=generators())
def test_a_lone_hand_goes_to_its_arm(clip: Clip, rng: np.random.Generator) -> None:
    hands = hands_of(clip)
    gone = rng.integers(2, size=len(clip))
    hands[np.arange(len(clip)), gone] = np.nan
    first = np.where((gone == 0)[:, None, None, None], hands[:, ::-1], hands)
    lies = np.where(np.isfinite(first[:, :, 0, 0]), 0.9, np.nan).astype(np.float32)
    np.testing.assert_array_equal(assign_sides(first, lies, clip.landmarks), hands)


def test_a_pose_that_points_the_wrong_way_does_not_swap_hands(clip: Clip) -> None:
    # Open hands held to the camera: the tracker then guesses where they point.
    landmarks = clip.landmarks.copy()
    for side in ("left", "right"):
        wrist = landmarks[:, index(f"{side}_wrist")]
        ahead = landmarks[:, index(f"{side}_index")] - wrist
        landmarks[:, index(f"{side}_index")] = wrist - ahead
    labels = np.full((len(clip), 2), 0.5, np.float32)
    hands = hands_of(clip)
    np.testing.assert_array_equal(assign_sides(hands, labels, landmarks), hands)


def test_of_a_hand_found_twice_one_is_kept(clip: Clip) -> None:
    right = hands_of(clip)[:, 1]
    shift = np.array([0.01, 0.01, 0], np.float32)
    twice = np.stack([right + shift, right], axis=1)
    labels = np.full((len(clip), 2), 0.1, np.float32)
    found = assign_sides(twice, labels, clip.landmarks)
    assert np.isnan(found[:, 0]).all()
    assert np.isfinite(found[:, 1]).all()


def test_without_a_pose_tracks_take_the_name_that_most_labels_give(clip: Clip) -> None:
    hands = hands_of(clip)
    rng = np.random.default_rng(1)
    swap = rng.random(len(clip)) < 0.5
    wrong = (rng.random((len(clip), 2)) < 0.2).astype(np.float32)
    labels = np.where(swap[:, None], [0, 1], [1, 0]).astype(np.float32)
    labels = np.abs(labels - wrong)
    blind = np.full_like(clip.landmarks, np.nan)
    np.testing.assert_array_equal(
        assign_sides(swap_where(hands, swap), labels, blind), hands
    )


def test_without_a_pose_the_surer_of_two_equal_detections_is_kept(clip: Clip) -> None:
    left = hands_of(clip)[:, 0]
    labels = np.tile(np.array([0.6, 0.9], np.float32), (len(clip), 1))
    blind = np.full_like(clip.landmarks, np.nan)
    found = assign_sides(np.stack([left + 0.001, left], axis=1), labels, blind)
    np.testing.assert_array_equal(found[:, 0], left)
    assert np.isnan(found[:, 1]).all()


def test_widths_become_picture_heights() -> None:
    pose = np.full((33, 3), 0.5, np.float32)
    landmarks = assemble([Sighting(pose=pose), Sighting()], aspect=2.0)
    np.testing.assert_array_equal(landmarks[0, 0], [1.0, 0.5, 1.0])
    assert np.isnan(landmarks[1]).all()
    assert np.isnan(landmarks[0, 33:]).all()


def test_a_face_without_irises_leaves_them_unseen() -> None:
    face = np.zeros((468, 3), np.float32)
    landmarks = assemble([Sighting(face=face)], aspect=1.0)
    seen = np.isfinite(landmarks[0, PARTS["face"].joints, 0])
    assert seen[:468].all()
    assert not seen[468:].any()


# Names and labels


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def labels_of(
    folder: Path, table: Path | None = None
) -> dict[str, dict[str, str | None]]:
    jobs, _ = list_jobs(folder, table)
    return {job.name: {k: v for k, v in job.labels.items() if v} for job in jobs}


def test_videos_are_found_in_subfolders_and_other_files_left(tmp_path: Path) -> None:
    touch(tmp_path, "b.MP4", "a/c.gif", "notes.txt", ".hidden.mp4")
    found = find_videos(tmp_path)
    assert [path.name for path in found] == ["c.gif", "b.MP4"]


def test_a_folder_without_videos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="holds no video"):
        find_videos(tmp_path)


def test_a_name_with_five_fields_labels_its_clip(tmp_path: Path) -> None:
    touch(tmp_path, "পানি__S01__sess02__rep03__sad.mp4")
    (labels,) = labels_of(tmp_path).values()
    assert list(labels.values()) == ["পানি", "S01", "sess02", "rep03", "sad"]


def test_the_folder_is_the_gloss_in_subfolders_only(tmp_path: Path) -> None:
    touch(tmp_path, "plain.mp4", "বই/one.mp4")
    assert labels_of(tmp_path) == {"plain": {}, "one": {"gloss": "বই"}}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_an_index_labels_files_beside_it_or_in_the_folder(
    tmp_path: Path, separator: str
) -> None:
    touch(tmp_path, "clips/a.mp4", "clips/b.mp4", "clips/c.mp4")
    rows = [
        ("File", "gloss", "signer"),
        ("clips/a.mp4", "পানি", "S1"),
        ("b.mp4", "বই", ""),
    ]
    table = tmp_path / "index.csv"
    table.write_text("\n".join(map(separator.join, rows)), "utf-8-sig")
    labels = labels_of(tmp_path / "clips", table)
    assert labels == {
        "a": {"gloss": "পানি", "signer": "S1"},
        "b": {"gloss": "বই"},
        "c": {},
    }


def test_a_listed_file_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4")
    table = tmp_path / "index.csv"
    table.write_text("file,gloss\na.mp4,A\nlost.mp4,B\n")
    _, failures = list_jobs(tmp_path, table)
    assert [file for file, _ in failures] == ["lost.mp4"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"name,word\na,b\n", "expected the columns file, gloss"),
        (b"file,gloss\na.mp4,A\na.mp4,B\n", "labels a.mp4 twice"),
        ("file,gloss\na.mp4,é\n".encode("cp1252"), "UTF-8"),
        (b"", "expected the columns"),
    ],
)
def test_a_bad_index_is_refused_in_one_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    touch(tmp_path, "a.mp4")
    (tmp_path / "index.csv").write_bytes(content)
    with pytest.raises(DatasetError, match=reason) as caught:
        list_jobs(tmp_path, tmp_path / "index.csv")
    assert "\n" not in str(caught.value)


def test_clips_of_equal_file_names_are_named_by_their_path(tmp_path: Path) -> None:
    touch(tmp_path, "x/1.mp4", "y/1.mp4", "y/2.mp4", "z/3.mp4", "z/3.gif")
    assert list(labels_of(tmp_path)) == ["x/1", "y/1", "2", "z/3.gif", "z/3.mp4"]


def test_of_two_videos_that_would_be_one_file_the_second_is_refused(
    tmp_path: Path,
) -> None:
    touch(tmp_path, "a/b.mp4", "c/b.mp4", "a_b.mp4")
    jobs, failures = list_jobs(tmp_path)
    assert [job.file for job in jobs] == ["a/b.mp4", "c/b.mp4"]
    assert failures == [("a_b.mp4", "another video is called a_b.mp4 too; rename one")]


# Worker processes


def blank(job: Job) -> Clip:
    """Stand for an extraction; a video called die ends its process, as OOM does."""
    if job.name == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if job.name == "slow":
        time.sleep(90)
    if job.name == "bug":
        raise ZeroDivisionError("by zero")
    landmarks = np.full((1, 553, 3), np.nan, np.float32)
    return Clip(name=job.name, landmarks=landmarks, fps=25.0)


def jobs_of(*names: str) -> list[Job]:
    return [Job(video=Path(f"{name}.mp4"), name=name, file=name) for name in names]


def test_a_killed_worker_costs_only_the_video_in_work() -> None:
    results = run_jobs(jobs_of("a", "die", "b", "c"), blank, workers=1)
    outcome = {job.name: result for job, result in results}
    assert [name for name, got in outcome.items() if isinstance(got, Clip)] == list(
        "abc"
    )
    assert "a worker process was killed" in str(outcome["die"])


def test_workers_that_always_die_end_the_run() -> None:
    with pytest.raises(ModelError, match="keep being killed"):
        list(run_jobs(jobs_of("die", "die", "die", "a"), blank, workers=1))


def test_a_run_that_is_given_up_does_not_wait_for_the_videos_in_work() -> None:
    results = run_jobs(jobs_of("a", "slow"), blank, workers=2)
    assert next(results)[0].name == "a"
    before = time.monotonic()
    results.close()
    assert time.monotonic() - before < 30


def test_an_unforeseen_error_costs_only_its_video(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outcome = run_jobs(jobs_of("bug", "a"), blank, workers=1)
    results = {job.name: result for job, result in outcome}
    assert results["bug"] == "unexpected ZeroDivisionError: by zero"
    assert isinstance(results["a"], Clip)
    assert "Traceback" in caplog.text


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"backend": "solutions2"}, "choose one of: tasks"),
        ({"streams": ("pose", "feet")}, "unknown stream feet"),
        ({"streams": ()}, "unknown stream none"),
        ({"workers": 0}, "workers is 0"),
        ({"limit": 0}, "limit is 0"),
    ],
)
def test_options_without_meaning_are_refused(
    tmp_path: Path, options: dict[str, object], reason: str
) -> None:
    video = write_video(tmp_path / "a.mp4")
    with pytest.raises(SettingsError, match=reason):
        extract_folder(video, tmp_path / "out", **options)  # type: ignore[arg-type]


# Whole runs


def test_a_folder_becomes_a_dataset_and_a_second_run_goes_on(
    models: dict[str, Path], tmp_path: Path
) -> None:
    videos, out = tmp_path / "videos", tmp_path / "out"
    write_video(videos / "WATER" / "one.mp4")
    text(videos)
    seen = list[tuple[int, int]]()
    options = {"streams": ("pose",), "workers": 1, "models": models}
    first = extract_folder(videos, out, progress=lambda *at: seen.append(at), **options)
    assert (first.done, first.skipped) == (1, 0)
    assert [file for file, _ in first.failures] == ["text.mp4"]
    assert first.missing == dict.fromkeys(PARTS, 1.0)
    assert seen == [(0, 2), (1, 2), (2, 2)]
    write_video(videos / "BOOK" / "two.mp4")
    second = extract_folder(videos, out, **options)
    assert (second.done, second.skipped) == (1, 1)
    found = Dataset.open(out)
    assert found.column("gloss") == ["WATER", "BOOK"]
    assert [clip.fps for clip in found] == [25.0, 25.0]
    assert not [path for path in out.iterdir() if path.suffix != ".parquet"]


def test_a_corrected_index_relabels_without_extracting_again(
    models: dict[str, Path], tmp_path: Path
) -> None:
    video, out, table = (
        write_video(tmp_path / "a.mp4"),
        tmp_path / "out",
        tmp_path / "i.csv",
    )
    for gloss in ("WATRE", "WATER"):
        table.write_text(f"file,gloss\na.mp4,{gloss}\n")
        report = extract_folder(
            video, out, index=table, streams=("pose",), workers=1, models=models
        )
    assert (report.done, report.skipped) == (0, 1)
    assert Dataset.open(out).column("gloss") == ["WATER"]


def test_other_streams_or_another_file_are_extracted_again(
    models: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    video = write_video(tmp_path / "a.mp4")
    done = list[int]()
    for streams, size in ((("pose",), 64), (("hands",), 64), (("hands",), 128)):
        write_video(video, size=(size, 48))
        report = extract_folder(video, out, streams=streams, workers=1, models=models)
        done.append(report.done)
    assert done == [1, 1, 1]


def test_a_film_mended_without_a_change_of_size_is_extracted_again(
    models: dict[str, Path], tmp_path: Path
) -> None:
    video, out = write_video(tmp_path / "a.mp4"), tmp_path / "out"
    before, done = video.stat(), list[int]()
    for change in (lambda: None, video.touch, lambda: turn_a_quarter(video)):
        change()
        report = extract_folder(
            video, out, streams=("hands",), workers=1, models=models
        )
        done.append(report.done)
    assert video.stat().st_size == before.st_size
    assert done == [1, 0, 1]
    assert len(Dataset.open(out)) == 1


def test_a_row_taken_out_of_the_index_takes_its_gloss_along(
    models: dict[str, Path], tmp_path: Path
) -> None:
    for name in ("a", "b"):
        write_video(tmp_path / "videos" / f"{name}.mp4")
    table, out = tmp_path / "i.csv", tmp_path / "out"
    for rows in ("a.mp4,WATER\nb.mp4,BOOK\n", "a.mp4,WATER\n"):
        table.write_text(f"file,gloss\n{rows}")
        extract_folder(
            tmp_path / "videos",
            out,
            index=table,
            streams=("hands",),
            workers=1,
            models=models,
        )
    assert Dataset.open(out).column("gloss") == ["WATER", None]


def test_a_varying_rate_is_kept_in_the_clip(
    models: dict[str, Path], tmp_path: Path
) -> None:
    gif = write_gif(tmp_path / "a.gif", [40, 40, 200, 40, 40, 40])
    clip = extract_video(gif, streams=("hands",), models=models)
    assert clip.times is not None
    assert clip.fps == pytest.approx(25)
    assert len(clip.evenly_timed()) == 10


SCRIPT = """
import sys
from pathlib import Path
from signnet.extraction import extract_folder

if __name__ == "__main__":
    videos, out = map(Path, sys.argv[1:])
    try:
        extract_folder(videos, out, workers=2, streams=["pose"])
    except KeyboardInterrupt:
        sys.exit(130)
"""


def test_an_interrupt_leaves_whole_files_and_no_process(
    models: dict[str, Path], tmp_path: Path
) -> None:
    videos, out = tmp_path / "videos", tmp_path / "out"
    for number in range(40):
        write_video(videos / f"{number}.mp4")
    (tmp_path / "run.py").write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, tmp_path / "run.py", videos, out],
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
        # A shell's background jobs ignore Ctrl-C, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while not list(out.glob("*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C in a terminal does
    # This waits until the workers, too, have let go of standard error.
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == ""
    kept = len(Dataset.open(out))
    assert 0 < kept < 40
    assert not [path for path in out.iterdir() if path.suffix != ".parquet"]
    report = extract_folder(
        videos, out, limit=40, streams=("pose",), workers=2, models=models
    )
    assert (report.done, report.skipped) == (40 - kept, kept)


ONE = """
import sys
from pathlib import Path
from signnet.extraction import extract_video

extract_video(Path(sys.argv[1]))
"""


@pytest.mark.usefixtures("models")
def test_extraction_writes_nothing_to_standard_error(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4")
    run = subprocess.run(
        [sys.executable, "-c", ONE, video],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (run.stdout, run.stderr) == ("", "")


def test_a_broken_model_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "pose.task"
    broken.write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"pose\.task.*signnet models"):
        extract_video(
            write_video(tmp_path / "a.mp4"), streams=("pose",), models={"pose": broken}
        )


def test_importing_extraction_does_not_import_mediapipe() -> None:
    code = "import sys, signnet.extraction; sys.exit('mediapipe' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# Real recordings


@pytest.fixture(scope="session")
def house(models: dict[str, Path], data: Path) -> Clip:
    return extract_video(data / "videos" / "asl_house.gif", models=models)


def test_a_real_sign_has_its_parts_where_they_belong(house: Clip) -> None:
    assert len(house) == 73
    assert house.missing()["pose"] < 0.1 > house.missing()["face"]
    both = house.seen("left_hand") & house.seen("right_hand")
    across = np.nanmean(hands_of(house)[both, :, 0, 0], axis=0)
    assert across[0] > across[1]
    for side in ("left", "right"):
        hand = house.landmarks[:, PARTS[f"{side}_hand"].joints]
        assert np.nanmean(arm_agreement(house.landmarks, hand, side)) > 0.8


def test_a_real_face_has_true_proportions(house: Clip) -> None:
    face = house.landmarks[:, PARTS["face"].joints, :2]
    width, height = np.nanmean(face.max(axis=1) - face.min(axis=1), axis=0)
    assert 0.7 < width / height < 1.0


def test_a_mirrored_recording_gives_the_mirrored_sign(
    house: Clip, models: dict[str, Path], data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mirrored.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (320, 240))
    for picture, _ in Video(data / "videos" / "asl_house.gif"):
        writer.write(cv2.cvtColor(picture[:, ::-1], cv2.COLOR_RGB2BGR))
    writer.release()
    mirrored = extract_video(path, streams=("pose", "hands"), models=models)
    for side, other in (("left", "right"), ("right", "left")):
        here = house.landmarks[:, PARTS[f"{side}_hand"].joints, 0].mean(axis=1)
        there = mirrored.landmarks[:, PARTS[f"{other}_hand"].joints, 0].mean(axis=1)
        difference = here - (320 / 240 - there)
        assert np.nanmedian(np.abs(difference)) < 0.03


def test_a_bad_file_among_real_ones_is_reported_and_the_rest_done(
    models: dict[str, Path], data: Path, tmp_path: Path
) -> None:
    clips = sorted((data / "wlasl_videos" / "clips").glob("who__6323[67].mp4"))
    for clip in clips:
        shutil.copy(clip, tmp_path)
    empty(tmp_path)
    out = tmp_path / "out"
    report = extract_folder(tmp_path, out, workers=2, streams=["hands"], models=models)
    assert (report.done, len(report.failures)) == (2, 1)
    assert report.missing["right_hand"] < 0.1
    assert clip_path(out, clips[0].stem).exists()
