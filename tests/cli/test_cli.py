"""The command line: what it prints, where, and one line for every mistake."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from commands import Command, assert_one_line
from signnet.clip import Clip
from signnet.dataset import Dataset, write_clips
from signnet.splits import make_split, write_split
from signnet.training.folder import load_state

pytestmark = pytest.mark.slow

torch.set_num_threads(1)


@pytest.fixture
def without_gloss(four_signs: Dataset, tmp_path: Path) -> Path:
    clips = list(four_signs)
    bare = replace(clips[0], name="bare-clip", gloss=None)
    write_clips([*clips, bare], tmp_path / "bare" / "all.parquet")
    return tmp_path / "bare"


def bad_video(kind: str, folder: Path) -> Path:
    path = folder / "bad.mp4"
    if kind == "missing":
        return path
    path.write_bytes({"empty": b"", "text": b"this is no video\n" * 99}.get(kind, b""))
    if kind in ("truncated", "audio only"):
        made = cv2.VideoWriter(
            str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25.0, (64, 64)
        )
        for shade in range(20):
            made.write(np.full((64, 64, 3), shade * 9, np.uint8))
        made.release()
        path.write_bytes(path.read_bytes()[:300])
    if kind == "audio only":
        size, rate = 1600, 8000
        header = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt "
        header += (16).to_bytes(4, "little") + b"\1\0\1\0" + rate.to_bytes(4, "little")
        header += rate.to_bytes(4, "little") + b"\1\0\x08\0data"
        path.write_bytes(header + size.to_bytes(4, "little") + bytes(size))
    return path


BAD_VIDEOS = pytest.mark.parametrize(
    "kind", ["missing", "empty", "truncated", "audio only", "text"]
)


@BAD_VIDEOS
def test_predict_refuses_a_bad_video_in_one_line(
    signnet: Command, finished_run: Path, tmp_path: Path, kind: str
) -> None:
    video = bad_video(kind, tmp_path)
    assert_one_line(signnet("predict", video, "--model", finished_run), "bad.mp4")


@BAD_VIDEOS
def test_extract_names_a_bad_video(signnet: Command, tmp_path: Path, kind: str) -> None:
    video = bad_video(kind, tmp_path)
    ended = signnet("extract", video, tmp_path / "out", "--workers", 1)
    assert ended.status in (1, 2)
    assert "bad.mp4" in ended.err
    assert "Traceback" not in ended.err


def test_extract_refuses_a_folder_without_a_video(
    signnet: Command, tmp_path: Path
) -> None:
    assert_one_line(signnet("extract", tmp_path, tmp_path / "out"), "holds no video")


def npz(kind: str, path: Path) -> Path:
    arrays: dict[str, np.ndarray] = {
        "pose_sequence": np.zeros((150, 33, 3), np.float16),
        "left_hand": np.zeros((150, 21, 3), np.float16),
        "right_hand": np.zeros((150, 21, 3), np.float16),
        "face": np.zeros((150, 478, 3), np.float16),
        "raw_length": np.array(22),
        "stats": np.array("{}"),
    }
    if kind == "missing keys":
        del arrays["pose_sequence"]
    if kind == "wrong shape":
        arrays["left_hand"] = np.zeros((150, 20, 3), np.float16)
    if kind == "pickled":
        arrays["pose_sequence"] = np.array([{"a": 1}], object)
    if kind == "infinite":
        arrays["pose_sequence"] = np.full((150, 33, 3), np.inf, np.float16)
    np.savez(path, allow_pickle=True, **arrays)
    return path


@pytest.mark.parametrize("kind", ["missing keys", "wrong shape", "pickled", "infinite"])
def test_predict_refuses_a_bad_npz_in_one_line(
    signnet: Command, finished_run: Path, tmp_path: Path, kind: str
) -> None:
    file = npz(kind, tmp_path / "WORD__S01__sess01__rep01__sad.npz")
    ended = signnet("predict", file, "--model", finished_run)
    assert_one_line(ended, "WORD__S01")


def test_predict_does_not_answer_a_clip_of_zeros(
    signnet: Command, finished_run: Path, tmp_path: Path
) -> None:
    file = npz("zeros", tmp_path / "WORD__S01__sess01__rep01__sad.npz")
    ended = signnet("predict", file, "--model", finished_run, "--json")
    assert "Traceback" not in ended.err
    if ended.status == 0:
        assert json.loads(ended.out)[0]["abstained"] is True
    else:
        assert_one_line(ended, "WORD__S01")


def test_files_that_fail_do_not_stop_the_others(
    signnet: Command, finished_run: Path, dataset_folder: Path, tmp_path: Path
) -> None:
    video = bad_video("text", tmp_path)
    good = dataset_folder / "all.parquet"
    ended = signnet("predict", video, good, "--model", finished_run, "--json")
    assert ended.status == 2
    assert len(json.loads(ended.out)) == 24
    assert "bad.mp4" in ended.err.splitlines()[0]
    assert "1 file failed; all others are done" in ended.err


def test_predict_prints_a_list_with_the_five_best(
    signnet: Command, finished_run: Path, clip: Clip, tmp_path: Path
) -> None:
    write_clips([clip], tmp_path / "one.parquet")
    file = tmp_path / "one.parquet"
    ended = signnet("predict", file, "--model", finished_run, "--json")
    (found,) = json.loads(ended.out)
    assert set(found) == {
        "file", "frames", "predictions", "abstained", "expression", "hand",
        "seconds",
    }  # fmt: skip
    assert set(found["expression"]) == {"label", "probability", "probabilities"}
    assert (found["file"], found["frames"]) == (str(file), len(clip))
    assert set(found["predictions"][0]) == {"gloss", "probability"}
    assert ended.err == ""
    shown = signnet("predict", file, "--model", finished_run).out
    assert f"; face: {found['expression']['label']} " in shown


def test_info_prints_one_object(signnet: Command, dataset_folder: Path) -> None:
    found = json.loads(signnet("info", dataset_folder, "--json").out)
    assert (found["clips"], found["glosses"], found["signers"]) == (24, 4, 3)
    assert {"sessions", "frames", "per_gloss", "per_signer", "missing"} <= set(found)
    assert "24 clips, 4 glosses" in signnet("info", dataset_folder).out


def test_no_code_for_the_terminal_is_printed(
    signnet: Command, clip: Clip, tmp_path: Path
) -> None:
    write_clips([replace(clip, gloss="\x1b[31mRED")], tmp_path / "one.parquet")
    assert "per gloss: \\x1b[31mRED 1" in signnet("info", tmp_path).out


def test_evaluate_prints_one_object_and_writes_a_report(
    signnet: Command, finished_run: Path, dataset_folder: Path, tmp_path: Path
) -> None:
    ended = signnet(
        "evaluate", finished_run, dataset_folder, "--json", "--out", tmp_path / "report"
    )
    found = json.loads(ended.out)
    assert {
        "clips", "top1", "top1_ci95", "top5", "macro_f1", "held_out", "per_signer",
        "per_expression", "per_gloss", "expression",
    } <= set(found)  # fmt: skip
    low, high = found["top1_ci95"]
    assert 0 <= low <= found["top1"] <= high <= 1
    assert found["held_out"] == "nothing: 16 of 24 clips were trained on"
    assert list((tmp_path / "report").glob("*.html"))
    written = (tmp_path / "report" / "evaluation.json").read_text("utf-8")
    facts = json.loads(written)["facts"]
    graph = (finished_run / "model.onnx").read_bytes()
    assert facts["sha256 of model.onnx"] == hashlib.sha256(graph).hexdigest()
    names = "".join(f"{name}\n" for name in sorted(Dataset(dataset_folder).names))
    assert (
        facts["sha256 of the clip names"] == hashlib.sha256(names.encode()).hexdigest()
    )
    assert facts["Signers measured, with clips"] == "P01 8, P02 8, P03 8"
    counts = re.findall(r" (\d+)", facts["Signers in training, with clips"])
    assert sum(map(int, counts)) == 16
    assert facts["Version of signnet"] == signnet("--version").out.split()[-1]


def test_evaluate_says_why_a_figure_says_little(
    signnet: Command, finished_run: Path, four_signs: Dataset, tmp_path: Path
) -> None:
    clips = list(four_signs)
    foreign = [replace(clip, name=f"x{clip.name}", gloss="RIVER") for clip in clips[:3]]
    write_clips(foreign, tmp_path / "foreign" / "all.parquet")
    write_clips(clips + foreign, tmp_path / "both" / "all.parquet")
    alone = signnet("evaluate", finished_run, tmp_path / "foreign").out
    assert "the glosses of all 3 clips are outside the model's vocabulary" in alone
    assert "remembers its training clips" not in alone
    both = signnet("evaluate", finished_run, tmp_path / "both").out
    assert "the glosses of 3 of 27 clips are outside" in both
    assert re.search(r"^sure of \d+ of 27 clips: .*; right in .* of these", both, re.M)
    assert "remembers its training clips" in both


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_clips_without_a_gloss_are_refused_by_name(
    signnet: Command,
    finished_run: Path,
    without_gloss: Path,
    tmp_path: Path,
    command: str,
) -> None:
    words = {
        "train": ("train", without_gloss, "--out", tmp_path / "run"),
        "evaluate": ("evaluate", finished_run, without_gloss),
    }[command]
    assert_one_line(signnet(*words), "1 clips have no gloss", "bare-clip")


def test_a_clip_without_a_gloss_is_predicted(
    signnet: Command, finished_run: Path, without_gloss: Path
) -> None:
    ended = signnet("predict", without_gloss, "--model", finished_run, "--json")
    assert "bare-clip" in json.loads(ended.out)[20]["file"] + ended.out


def test_a_split_is_made_and_read(
    signnet: Command, finished_run: Path, dataset_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "split.json"
    ended = signnet(
        "split", dataset_folder, "--by", "signer", "--folds", 3, "--out", file
    )
    assert ended.status == 0
    assert len(ended.out.splitlines()) == 3
    ended = signnet(
        "evaluate", finished_run, dataset_folder, "--split", file, "--fold", 1, "--json"
    )
    assert json.loads(ended.out)["clips"] == 8
    ended = signnet(
        "evaluate", finished_run, dataset_folder, "--split", file, "--fold", 3
    )
    assert_one_line(ended, "folds 0 to 2, not 3")


def test_a_split_with_unknown_clips_is_refused(
    signnet: Command, dataset_folder: Path, corpus: list[Clip], tmp_path: Path
) -> None:
    file = tmp_path / "split.json"
    write_split(make_split(Dataset.of_clips(corpus), "clip"), file)
    ended = signnet("train", dataset_folder, "--out", tmp_path / "run", "--split", file)
    assert_one_line(ended, "not in the dataset, for example")


def test_a_signer_on_both_sides_is_refused(
    signnet: Command, dataset_folder: Path, four_signs: Dataset, tmp_path: Path
) -> None:
    file = tmp_path / "split.json"
    write_split(make_split(four_signs, "clip"), file)
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(content | {"by": "signer"}), encoding="utf-8")
    ended = signnet("train", dataset_folder, "--out", tmp_path / "run", "--split", file)
    assert_one_line(ended, "hold out by signer", "is on both sides")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--preset", "best"), ("best", "default", "exemplars")),
        (("--streams", "pose,feet"), ("feet", "pose,hands,face")),
        (("--epochs", "0"), ("epochs is 0",)),
        (("--ensemble", "0"), ("ensemble of 0",)),
        (("--threads", "-1"), ("-1 threads",)),
        (("--split", "nowhere.json"), ("nowhere.json is not a split",)),
        (("--epochs", "many"), ("--epochs", "many")),
        (("--fancy", "1"), ("--fancy",)),
    ],
)
def test_options_without_meaning_are_refused_in_one_line(
    signnet: Command,
    dataset_folder: Path,
    tmp_path: Path,
    options: tuple[str, ...],
    words: tuple[str, ...],
) -> None:
    ended = signnet("train", dataset_folder, "--out", tmp_path / "run", *options)
    assert_one_line(ended, *words)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("words", [("dance",), ("train",), ("predict",), ("info",)])
def test_missing_and_unknown_words_are_refused_in_one_line(
    signnet: Command, words: tuple[str, ...]
) -> None:
    assert_one_line(signnet(*words))


@pytest.mark.parametrize("command", ["info", "evaluate", "train", "split", "pack"])
def test_a_folder_that_is_no_dataset_is_refused_in_one_line(
    signnet: Command, finished_run: Path, tmp_path: Path, command: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    words = {
        "evaluate": (finished_run, empty),
        "train": (empty, "--out", tmp_path / "run"),
        "split": (empty, "--by", "clip", "--out", tmp_path / "s.json"),
        "pack": (empty, tmp_path / "packed"),
    }.get(command, (empty,))
    assert_one_line(signnet(command, *words), "empty")


@pytest.mark.parametrize("damage", ["format", "truncated", "missing"])
def test_export_refuses_a_checkpoint_that_it_cannot_read(
    signnet: Command, finished_run: Path, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "checkpoint.pt"
    if damage == "format":
        torch.save({"format": 99}, file)
    elif damage == "truncated":
        file.write_bytes((finished_run / "checkpoint.pt").read_bytes()[:9999])
    assert_one_line(signnet("export", tmp_path, tmp_path / "out"), "checkpoint.pt")


def test_a_model_that_is_not_there_is_refused_in_one_line(
    signnet: Command, dataset_folder: Path
) -> None:
    ended = signnet("predict", dataset_folder, "--model", "nowhere")
    assert_one_line(ended, "no model at nowhere")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_costs_one_line(
    signnet: Command, dataset_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "split.json").symlink_to("/dev/full")
    ended = signnet(
        "split", dataset_folder, "--by", "clip", "--out", tmp_path / "split.json"
    )
    assert_one_line(ended, "cannot write", "No space left")


def test_a_full_disk_in_training_costs_one_line(
    signnet: Command, dataset_folder: Path, tmp_path: Path
) -> None:
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("a small disk needs the right to mount")
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        ended = signnet(
            "train", dataset_folder, "--out", disk / "run", "--epochs", 1,
            "--threads", 1,
        )  # fmt: skip
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
    assert ended.status == 1
    assert "Traceback" not in ended.err
    assert "cannot write" in ended.err.splitlines()[-1]


def test_naming_a_clip_loads_nothing_heavy(clip: Clip, tmp_path: Path) -> None:
    write_clips([clip], tmp_path / "one.parquet")
    code = (
        "import sys; from signnet.cli import app\n"
        f"try: app(['predict', {str(tmp_path / 'one.parquet')!r}])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'mediapipe', 'cv2', 'av', 'pandas', 'scipy', 'asyncio', "
        "'jaxtyping', 'pyarrow.compute', 'rich', 'signnet.cli.train', "
        "'signnet.formats', 'signnet.synthetic', 'signnet.evaluation'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "%" in run.stdout


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from signnet.cli import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'mediapipe', 'pyarrow', 'numpy', 'onnxruntime', "
        "'rich.markdown', 'rich.progress'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    for command in ("extract", "import", "train", "evaluate", "predict", "export"):
        assert command in run.stdout


def hear_ctrl_c() -> None:
    """Undo what a shell does to its background jobs, which ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_loses_nothing(
    dataset_folder: Path, four_signs: Dataset, tmp_path: Path
) -> None:
    split = tmp_path / "split.json"
    write_split(make_split(four_signs, "clip"), split)

    words = ["train", str(dataset_folder), "--out", str(tmp_path / "run")]
    words += ["--preset", "spoter", "--split", str(split), "--threads", "1"]
    stopped = subprocess.Popen(
        [sys.executable, "-c", "from signnet.cli import main; main()", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,
    )
    last = tmp_path / "run" / "member-0" / "last.pt"
    deadline = time.monotonic() + 90
    while not last.is_file() and time.monotonic() < deadline:
        time.sleep(0.005)
    stopped.send_signal(signal.SIGINT)
    _, err = stopped.communicate(timeout=90)
    assert stopped.returncode == 130, err
    assert "Traceback" not in err
    assert "stopped" in err.splitlines()[-1]
    assert "--resume" in err.splitlines()[-1]
    assert load_state(last)["epoch"][0] > 0  # going on exactly is another test's


def test_a_reader_that_stops_early_ends_it_quietly(dataset_folder: Path) -> None:
    command = f"{sys.executable} -m signnet info {dataset_folder} --json | true"
    done = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        timeout=90,
        env={key: x for key, x in os.environ.items() if key != "PYTHONUNBUFFERED"},
    )
    told = [one for one in done.stderr.splitlines() if not one.startswith("clips: ")]
    assert (done.returncode, told) == (0, [])  # but for progress, when it takes long
