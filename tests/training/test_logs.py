"""What a run leaves in TensorBoard and in Weights & Biases, offline."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from signnet.errors import SettingsError
from signnet.training.logs import MemberLog, WandbProject, confusion_picture
from signnet.training.progress import EpochReport

pytestmark = pytest.mark.slow

COUNTS = np.array([[4, 0, 0], [1, 1, 2], [0, 0, 0]])
VOCABULARY = ("পানি", "বই", "মা")


def report(epoch: int) -> EpochReport:
    return EpochReport(
        epoch, 1.0 / epoch, 0.5, 2.0, 0.25, 1e-3, 1.0, 50.0, 0.1, best=True
    )


def test_a_picture_shows_right_blue_wrong_red_and_missing_grey() -> None:
    picture = confusion_picture(COUNTS)
    assert picture.shape == (600, 600, 3)
    cells = picture[100::200, 100::200]
    np.testing.assert_array_equal(cells[0, 0], [20, 60, 160])
    np.testing.assert_array_equal(cells[0, 1], [255, 255, 255])
    assert cells[1, 2, 0] > cells[1, 2, 2] < cells[1, 0, 2]
    np.testing.assert_array_equal(cells[2], np.full((3, 3), 225))


def test_tensorboard_gets_curves_a_picture_and_the_confused_words(
    tmp_path: Path,
) -> None:
    with MemberLog(tmp_path, 0) as log:
        log.write(report(1))
        log.confusion(COUNTS, VOCABULARY)
    board = EventAccumulator(str(tmp_path)).Reload()
    assert [scalar.value for scalar in board.Scalars("train/loss")] == [1.0]
    (picture,) = board.Images("confusion")
    assert (picture.width, picture.height) == (600, 600)
    (event,) = board.Tensors("confusions/text_summary")
    table = event.tensor_proto.string_val[0].decode()
    assert table.splitlines()[2:] == ["| বই | মা | 2 |", "| বই | পানি | 1 |"]


def test_lines_of_epochs_that_are_repeated_are_dropped(tmp_path: Path) -> None:
    with MemberLog(tmp_path, 0) as log:
        log.write(report(1))
        log.write(report(2))
    with MemberLog(tmp_path, 1) as log:
        log.write(report(2))
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2]


def test_without_wandb_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    project = WandbProject(project="p", name="n", settings={})
    with pytest.raises(SettingsError, match=r"signnet\[wandb\]"):
        MemberLog(tmp_path, 0, project)


OFFLINE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_logs import COUNTS, VOCABULARY, report
from signnet.training.logs import MemberLog, WandbProject

project = WandbProject(project="signs", name="run", settings={"seed": 3})
with MemberLog(Path(sys.argv[1]) / "member-0", 0, project) as log:
    log.write(report(1))
    log.confusion(COUNTS, VOCABULARY)
"""


def test_wandb_keeps_a_run_in_the_folder_and_says_nothing(tmp_path: Path) -> None:
    pytest.importorskip("wandb")
    here = str(Path(__file__).parent)
    made = subprocess.run(
        [sys.executable, "-c", OFFLINE, str(tmp_path), here],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert (made.stdout, made.stderr) == ("", "")
    (run,) = (tmp_path / "member-0" / "wandb").glob("offline-run-*/run-*.wandb")
    content = run.read_bytes()
    assert b"validation/top1" in content
    pictures = list(run.parent.glob("files/media/images/confusion*.png"))
    assert len(pictures) == 1
