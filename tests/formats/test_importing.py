import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from signnet.clip import Clip
from signnet.dataset import Dataset
from signnet.errors import DatasetError, MediaError, SettingsError
from signnet.formats import bdsl_npz, hands_npz, import_clips, open_clips
from signnet.geometry import SIDES, arm_agreement, face_proportion
from signnet.skeleton import HAND_COUNT, PARTS, index
from signnet.synthetic import make_corpus

ASPECT = 16 / 9
NAME = "পানি__S01__sess01__rep01__neutral"
Arrays = dict[str, np.ndarray]


# The corpus' own way, step by step: what `bdsl_npz` has to undo.
def as_the_corpus_stores_it(clip: Clip, swapped: np.ndarray) -> Arrays:
    """Squeeze, swap, normalise and pad a clip as the BdSL-55 corpus does."""
    parts = {name: clip.landmarks[:, part.joints] for name, part in PARTS.items()}
    parts = {name: part / (ASPECT, 1, ASPECT) for name, part in parts.items()}
    hands = {"left_hand": parts["right_hand"], "right_hand": parts["left_hand"]}
    for name, other in (("left_hand", "right_hand"), ("right_hand", "left_hand")):
        mixed = np.where(swapped[:, None, None], hands[other], hands[name])
        parts[name] = normalise_hand(mixed)
    arrays = {
        "pose_sequence": normalise_pose(parts["pose"]),
        "left_hand": parts["left_hand"],
        "right_hand": parts["right_hand"],
        "face": normalise_face(parts["face"]),
    }
    padding = ((0, 150 - len(clip)), (0, 0), (0, 0))
    content = {k: np.pad(np.nan_to_num(v), padding) for k, v in arrays.items()}
    content = {key: array.astype(np.float16) for key, array in content.items()}
    return content | {"raw_length": np.array(len(clip)), "stats": np.array("{}")}


def normalise_pose(pose: np.ndarray) -> np.ndarray:
    shoulders = pose[:, 11:13, :2]
    width = np.linalg.norm(shoulders[:, 0] - shoulders[:, 1], axis=-1)
    flat = (pose[..., :2] - shoulders.mean(axis=1, keepdims=True)) / width[
        :, None, None
    ]
    return np.concatenate([flat, pose[..., 2:]], axis=-1)


def normalise_hand(hand: np.ndarray) -> np.ndarray:
    tips = hand[:, [0, 4, 8, 12, 16, 20], :2]
    spread = np.linalg.norm(tips - tips.mean(axis=1, keepdims=True), axis=-1).mean(1)
    flat = (hand[..., :2] - hand[:, :1, :2]) / spread[:, None, None]
    return np.concatenate([flat, hand[..., 2:]], axis=-1)


def normalise_face(face: np.ndarray) -> np.ndarray:
    flat = face[..., :2]
    extent = (flat.max(axis=1) - flat.min(axis=1)).max(axis=-1)
    shifted = flat - flat.mean(axis=1, keepdims=True) / extent[:, None, None]
    return np.concatenate([shifted, face[..., 2:]], axis=-1)


def in_shoulder_frame(clip: Clip, part: str) -> np.ndarray:
    """Place a part against the mid-shoulder point, in picture heights."""
    shoulders = [index(f"{side}_shoulder") for side in SIDES]
    origin = clip.landmarks[:, shoulders].mean(axis=1, keepdims=True)
    return clip.landmarks[:, PARTS[part].joints] - origin * (1, 1, 0)


@pytest.fixture
def stored(clip: Clip) -> Arrays:
    """Store the faultless clip as the corpus would, every fourth frame swapped."""
    return as_the_corpus_stores_it(clip, np.arange(len(clip)) % 4 == 1)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write arrays as an npz file of the corpus."""

    def write_npz(content: Arrays, name: str = NAME) -> Path:
        np.savez_compressed(tmp_path / f"{name}.npz", **content)
        return tmp_path / f"{name}.npz"

    return write_npz


# Each of these fails if its repair is left out of `bdsl_npz`; seen to fail one by one.
@pytest.mark.parametrize(("part", "error"), [("pose", 0.01), ("face", 0.01)])
def test_the_body_and_the_face_come_back_as_they_were(
    clip: Clip, stored: Arrays, write: Callable[..., Path], part: str, error: float
) -> None:
    read = bdsl_npz.read_clip(write(stored))
    difference = in_shoulder_frame(read, part) - in_shoulder_frame(clip, part)
    assert np.abs(difference).max() < error


@pytest.mark.parametrize("side", SIDES)
def test_the_hands_come_back_on_their_own_arms(
    clip: Clip, stored: Arrays, write: Callable[..., Path], side: str
) -> None:
    read, part = bdsl_npz.read_clip(write(stored)), f"{side}_hand"
    before, after = in_shoulder_frame(clip, part), in_shoulder_frame(read, part)
    assert np.abs(after[:, 0] - before[:, 0]).max() < 0.01
    np.testing.assert_allclose(hand_shape(after), hand_shape(before), atol=0.02)
    # The corpus scaled hands frame by frame; only their usual size can come back.
    ratio = hand_size(after) / hand_size(before)
    assert 0.9 < np.median(ratio) < 1.1
    assert np.abs(after[..., 2] - before[..., 2]).max() < 0.01


def hand_size(hand: np.ndarray) -> np.ndarray:
    return np.linalg.norm(hand[:, :, :2] - hand[:, :1, :2], axis=(1, 2))


def hand_shape(hand: np.ndarray) -> np.ndarray:
    return (hand[..., :2] - hand[:, :1, :2]) / hand_size(hand)[:, None, None]


def test_every_mislabelled_frame_is_found(
    stored: Arrays, write: Callable[..., Path]
) -> None:
    read = bdsl_npz.read_clip(write(stored))
    for side in SIDES:
        hand = read.landmarks[:, PARTS[f"{side}_hand"].joints]
        assert arm_agreement(read.landmarks, hand, side).min() > 0.98


def test_between_parallel_arms_the_swapped_names_decide(
    clip: Clip, write: Callable[..., Path]
) -> None:
    content = as_the_corpus_stores_it(clip, np.zeros(len(clip), bool))
    pose = content["pose_sequence"]
    right = pose[:, index("right_index")] - pose[:, index("right_wrist")]
    pose[:, index("left_index")] = pose[:, index("left_wrist")] + right
    read = bdsl_npz.read_clip(write(content))
    for side in SIDES:
        hand = PARTS[f"{side}_hand"].joints
        shapes = [hand_shape(one.landmarks[:, hand]) for one in (clip, read)]
        np.testing.assert_allclose(*shapes, atol=0.02)


def test_shapes_lose_the_squeeze(stored: Arrays, write: Callable[..., Path]) -> None:
    squeezed = stored["face"][: stored["raw_length"]].astype(np.float32)
    width, height = np.moveaxis(np.ptp(squeezed, axis=1)[..., :2], -1, 0)
    assert 0.45 < np.median(width / height) < 0.55
    read = bdsl_npz.read_clip(write(stored))
    assert 0.8 < np.median(face_proportion(read.landmarks)) < 0.95


@pytest.mark.parametrize("part", ["left_hand", "right_hand", "face", "pose_sequence"])
def test_zeros_become_missing_only_where_they_stand(
    stored: Arrays, write: Callable[..., Path], part: str
) -> None:
    stored[part][5:9] = 0
    stored[part][20] = 0
    read = bdsl_npz.read_clip(write(stored))
    assert set(np.flatnonzero(~np.isfinite(read.landmarks).all(axis=(1, 2)))) == {
        *range(5, 9),
        20,
    }


def test_hands_without_an_arm_are_missing_rather_than_misplaced(
    stored: Arrays, write: Callable[..., Path]
) -> None:
    stored["pose_sequence"][7] = 0
    read = bdsl_npz.read_clip(write(stored))
    assert not read.seen("left_hand")[7]


def test_padding_is_cut_off(
    clip: Clip, stored: Arrays, write: Callable[..., Path]
) -> None:
    assert len(stored["face"]) == 150
    assert len(bdsl_npz.read_clip(write(stored))) == len(clip)


def test_a_face_without_irises_is_filled_up(
    stored: Arrays, write: Callable[..., Path]
) -> None:
    stored["face"] = stored["face"][:, :468]
    read = bdsl_npz.read_clip(write(stored))
    face = read.landmarks[:, PARTS["face"].joints]
    assert np.isfinite(face[:, :468]).all()
    assert np.isnan(face[:, 468:]).all()


def test_labels_come_from_the_name_as_composed_unicode(
    stored: Arrays, write: Callable[..., Path]
) -> None:
    gloss = "ক\u09c7\u09be\u09a8"
    read = bdsl_npz.read_clip(write(stored, f"{gloss}__S02__sess01__rep03__sad"))
    assert read.gloss == unicodedata.normalize("NFC", gloss) != gloss
    labels = (read.signer, read.session, read.repetition, read.expression)
    assert labels == ("S02", "sess01", "rep03", "sad")


def test_22_frames_are_a_third_of_the_rate(
    stored: Arrays, write: Callable[..., Path]
) -> None:
    stored["raw_length"] = np.array(22)
    assert bdsl_npz.read_clip(write(stored)).fps == 11


# Bad input: one line, and the rest is imported.
def broken_arrays() -> dict[str, Callable[[Arrays], object]]:
    return {
        "no array 'face'": lambda content: content.pop("face"),
        "no array 'raw_length'": lambda content: content.pop("raw_length"),
        "pose is": lambda c: c.update(pose_sequence=np.zeros((150, 17, 3))),
        "left_hand is": lambda c: c.update(left_hand=np.zeros((150, 21, 2))),
        "right_hand is": lambda c: c.update(right_hand=np.zeros((150, 63))),
        "for 0 frames": lambda c: c.update(raw_length=np.array(0)),
        "for -3 frames": lambda c: c.update(raw_length=np.array(-3)),
        "for 151 frames": lambda c: c.update(raw_length=np.array(151)),
        "raw_length is": lambda c: c.update(raw_length=np.array("many")),
        "not a readable": lambda c: c.update(face=np.array([{}, None])),
        "all landmarks are zero": lambda c: c.update(
            {key: 0 * array for key, array in c.items() if array.ndim == 3}
        ),
        "infinite": lambda c: c["face"].__setitem__((3, 7, 1), np.inf),
        "face is <U3": lambda c: c.update(face=np.full((150, 478, 3), "abc")),
        "complex": lambda c: c.update(face=c["face"].astype(np.complex64)),
    }


def one_failure(folder: Path, out: Path) -> str:
    """Import a folder of one good and one bad file; give the bad one's line."""
    report = import_clips("bdsl-npz", folder, out)
    assert report.clips == len(Dataset.open(out)) == 1
    (line,) = report.failures
    assert "\n" not in line
    return line


@pytest.mark.parametrize("reason", broken_arrays())
def test_a_bad_array_costs_one_clip_and_one_line(
    stored: Arrays, write: Callable[..., Path], tmp_path: Path, reason: str
) -> None:
    good, bad = write(stored), NAME.replace("rep01", "rep02")
    broken_arrays()[reason](stored)
    write(stored, bad)
    line = one_failure(good.parent, tmp_path / "out")
    assert reason in line
    assert bad in line


def test_half_a_nan_is_no_reason_to_refuse(
    stored: Arrays, write: Callable[..., Path]
) -> None:
    stored["face"][4] = np.nan
    assert not bdsl_npz.read_clip(write(stored)).seen("face")[4]


def damaged_files() -> dict[str, Callable[[bytes], bytes]]:
    return {
        "empty": lambda _: b"",
        "text": lambda _: b"pose_sequence,left_hand\n1,2\n",
        "truncated": lambda whole: whole[: len(whole) // 2],
        "without its end": lambda whole: whole[:-10],
        "with damaged data": lambda w: w[:5000] + bytes(9000) + w[14000:],
        "with a damaged header": lambda whole: whole[:20] + bytes(40) + whole[60:],
        "half a zip signature": lambda _: b"PK\x03\x04",
    }


@pytest.mark.parametrize("damage", damaged_files())
def test_a_damaged_file_costs_one_clip_and_one_line(
    stored: Arrays, write: Callable[..., Path], tmp_path: Path, damage: str
) -> None:
    good, bad = write(stored), write(stored, NAME.replace("rep01", "rep02"))
    bad.write_bytes(damaged_files()[damage](bad.read_bytes()))
    line = one_failure(good.parent, tmp_path / "out")
    assert f"{bad.name} is not a readable npz file" in line


def test_a_single_array_called_npz_costs_one_line(
    stored: Arrays, write: Callable[..., Path], tmp_path: Path
) -> None:
    good = write(stored)
    with good.with_name(NAME.replace("rep01", "rep02") + ".npz").open("wb") as file:
        np.save(file, stored["face"])
    assert "not a readable npz file" in one_failure(good.parent, tmp_path / "out")


def test_a_zip_of_something_else_costs_one_line(
    stored: Arrays, write: Callable[..., Path], tmp_path: Path
) -> None:
    good = write(stored)
    bad = good.with_name(NAME.replace("rep01", "rep02") + ".npz")
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("pose_sequence", "no array")
        archive.writestr("raw_length", "no array")
    one_failure(good.parent, tmp_path / "out")


def test_an_unfinished_array_header_costs_one_line(
    stored: Arrays, write: Callable[..., Path], tmp_path: Path
) -> None:
    good = write(stored)
    bad = good.with_name(NAME.replace("rep01", "rep02") + ".npz")
    header = b"{'descr': '<f2', 'fortran_order': False, 'shape': (3,\n"
    with zipfile.ZipFile(bad, "w") as archive:
        length = len(header).to_bytes(2, "little")
        archive.writestr("face.npy", b"\x93NUMPY\x01\x00" + length + header)
    assert "not a readable npz file" in one_failure(good.parent, tmp_path / "out")


def test_damaged_compression_costs_one_line(
    stored: Arrays, write: Callable[..., Path], tmp_path: Path
) -> None:
    good, bad = write(stored), write(stored, NAME.replace("rep01", "rep02"))
    with zipfile.ZipFile(bad) as archive:
        start = archive.getinfo("face.npy").header_offset + 60
    content = bytearray(bad.read_bytes())
    content[start] = 0xFF  # a deflate block of the reserved kind
    bad.write_bytes(content)
    assert "not a readable npz file" in one_failure(good.parent, tmp_path / "out")


def test_a_folder_called_npz_costs_one_line(
    stored: Arrays, write: Callable[..., Path], tmp_path: Path
) -> None:
    good = write(stored)
    good.with_name(NAME.replace("rep01", "rep02") + ".npz").mkdir()
    one_failure(good.parent, tmp_path / "out")


@pytest.mark.parametrize("name", ["clip", "WORD__S01__neutral", "a__b__c__d__e__f"])
def test_a_name_without_labels_costs_one_line(
    stored: Arrays, write: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    good = write(stored)
    write(stored, name)
    line = one_failure(good.parent, tmp_path / "out")
    assert "WORD__SIGNER__SESSION__REP__EXPRESSION" in line


def test_names_equal_in_unicode_cost_one_line(
    stored: Arrays, write: Callable[..., Path], tmp_path: Path
) -> None:
    labels = "__S01__sess01__rep01__neutral"
    good = write(stored, f"ক\u09cb{labels}")
    write(stored, f"ক\u09c7\u09be{labels}")
    assert "twice" in one_failure(good.parent, tmp_path / "out")


def test_an_unknown_format_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="choose one of: bdsl-npz"):
        import_clips("c3d", tmp_path, tmp_path / "out")


@pytest.mark.parametrize("format_name", ["bdsl-npz", "hands-npz"])
def test_a_folder_with_nothing_in_it_is_one_line(
    tmp_path: Path, format_name: str
) -> None:
    with pytest.raises(MediaError, match=r"\.npz"):
        import_clips(format_name, tmp_path, tmp_path / "out")


@pytest.mark.parametrize("format_name", ["bdsl-npz", "hands-npz"])
def test_a_path_that_does_not_exist_is_one_line(
    tmp_path: Path, format_name: str
) -> None:
    with pytest.raises(MediaError, match="nowhere"):
        import_clips(format_name, tmp_path / "nowhere", tmp_path / "out")


def test_importing_again_replaces_the_first_import(
    stored: Arrays, write: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write(stored).parent
    for _ in range(2):
        import_clips("bdsl-npz", folder, tmp_path / "out")
    assert len(Dataset.open(tmp_path / "out")) == 1


def test_clips_open_without_a_dataset(
    stored: Arrays, write: Callable[..., Path], tmp_path: Path
) -> None:
    file = write(stored)
    import_clips("bdsl-npz", file, tmp_path / "out")
    opened = [open_clips(path).table for path in (file, tmp_path, tmp_path / "out")]
    assert opened[0].to_pylist() == opened[1].to_pylist() == opened[2].to_pylist()
    with pytest.raises(DatasetError):
        open_clips(tmp_path / "nowhere")


# Hands alone.
def as_slots(clips: list[Clip], rng: np.random.Generator) -> Arrays:
    """Store clips as the hands benchmark does: two slots in random order."""
    hands = []
    for clip in clips:
        parts = [clip.landmarks[:, PARTS[f"{side}_hand"].joints] for side in SIDES]
        pair = np.stack(parts, axis=1) / (4 / 3, 1, 4 / 3)
        swap = rng.random(len(pair)) < 0.5
        pair = np.where(swap[:, None, None, None], pair[:, ::-1], pair)
        hands.append(pair.astype(np.float16))
    lengths = np.array([len(pair) for pair in hands])
    return {
        "hands": np.concatenate(hands),
        "offset": np.cumsum(lengths) - lengths,
        "length": lengths,
        "gloss": np.array([clip.gloss for clip in clips]),
        "signer": np.array([clip.signer for clip in clips]),
        "split": np.array(["train"] * len(clips)),
        "fps": np.array([clip.fps for clip in clips]),
        "video_id": np.array([f"{number:05d}" for number in range(len(clips))]),
    }


@pytest.fixture
def slots() -> Arrays:
    """Give two-handed clips of one signer as slots."""
    clips = [clip for clip in make_corpus(1, 2, seed=4) if "POINT" in clip.name]
    return as_slots(clips, np.random.default_rng(0))


def test_slots_become_left_and_right(slots: Arrays, write: Callable[..., Path]) -> None:
    clips = [c for source in hands_npz.sources(write(slots)) for c in source.read()]
    assert [clip.gloss for clip in clips] == slots["gloss"].tolist()
    for clip in clips:
        left, right = (
            clip.landmarks[:, index(f"{side}_hand_wrist"), 0] for side in SIDES
        )
        both = np.isfinite(left) & np.isfinite(right)
        assert (left - right)[both].mean() > 0
        assert not clip.seen("pose").any()


def mean_step(hands: np.ndarray) -> float:
    """Measure how far a slot's wrist moves between frames that both show it."""
    wrists = hands[:, :, 0, :2]
    return float(np.nanmean(np.linalg.norm(np.diff(wrists, axis=0), axis=-1)))


def test_slots_become_smooth_tracks(slots: Arrays, write: Callable[..., Path]) -> None:
    for number, source in enumerate(hands_npz.sources(write(slots))):
        (clip,) = source.read()
        tracks = clip.landmarks[:, 33:75].reshape(-1, 2, HAND_COUNT, 3)
        start = slots["offset"][number]
        raw = slots["hands"][start : start + len(clip)].astype(np.float32)
        assert mean_step(tracks) < 0.6 * mean_step(raw)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"hands": np.zeros((9, 2, 20, 3))}, "hands is"),
        ({"gloss": np.array(["a"])}, "gloss is missing or not of length"),
        ({"fps": np.array([1.0])}, "fps is"),
        ({"offset": np.array([["a"]])}, "offset is"),
    ],
)
def test_a_bad_file_of_hands_is_one_line(
    slots: Arrays, write: Callable[..., Path], change: Arrays, reason: str
) -> None:
    with pytest.raises(MediaError, match=reason) as error:
        hands_npz.sources(write(slots | change))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [("offset", 10**6, "lies outside"), ("length", 0, "lies outside")],
)
def test_a_bad_clip_of_hands_costs_one_line(
    slots: Arrays,
    write: Callable[..., Path],
    tmp_path: Path,
    key: str,
    value: int,
    reason: str,
) -> None:
    slots[key][1] = value
    report = import_clips("hands-npz", write(slots), tmp_path / "out")
    assert len(report.failures) == 1
    assert reason in report.failures[0]
    assert report.clips == len(slots["offset"]) - 1


def test_a_clip_without_any_hand_costs_one_line(
    slots: Arrays, write: Callable[..., Path], tmp_path: Path
) -> None:
    slots["hands"][: slots["length"][0]] = np.nan
    report = import_clips("hands-npz", write(slots), tmp_path / "out")
    assert len(report.failures) == 1
    assert "no hand in any frame" in report.failures[0]


# The real files.
@pytest.fixture(scope="session")
def bangla(data: Path) -> list[Clip]:
    """Read the clips of the Bangla corpus."""
    folder = data / "bdsl55" / "clips"
    return [clip for source in bdsl_npz.sources(folder) for clip in source.read()]


@pytest.mark.parametrize("signer", ["S01", "S02"])
@pytest.mark.parametrize("side", SIDES)
def test_real_hands_continue_their_own_arms(
    bangla: list[Clip], signer: str, side: str
) -> None:
    hand = PARTS[f"{side}_hand"].joints
    agreement = [
        arm_agreement(clip.landmarks, clip.landmarks[:, hand], side)
        for clip in bangla
        if clip.signer == signer
    ]
    assert np.nanmean(np.concatenate(agreement)) > 0.85


def test_real_faces_have_human_proportions(bangla: list[Clip]) -> None:
    assert len(bangla) == 546
    proportions = np.concatenate([face_proportion(clip.landmarks) for clip in bangla])
    assert 0.8 < np.nanmedian(proportions) < 0.95


@pytest.mark.slow
def test_real_hands_follow_smoother_tracks_than_slots(
    data: Path, tmp_path: Path
) -> None:
    source = data / "wlasl100_hands"
    report = import_clips("hands-npz", source, tmp_path)
    assert (report.clips, report.failures) == (1006, [])
    with np.load(source / "wlasl100_hands.npz", allow_pickle=False) as archive:
        raw = archive["hands"].astype(np.float32) * np.float32([4 / 3, 1, 4 / 3])
        bounds = zip(archive["offset"], archive["length"], strict=True)
        slots = [raw[start : start + length] for start, length in bounds]
    breaks = np.full((1, 2, HAND_COUNT, 3), np.nan, np.float32)
    before = np.concatenate([part for clip in slots for part in (clip, breaks)])
    tracks = [
        clip.landmarks[:, 33:75].reshape(-1, 2, HAND_COUNT, 3)
        for clip in Dataset.open(tmp_path)
    ]
    after = np.concatenate([part for clip in tracks for part in (clip, breaks)])
    assert np.isfinite(after).sum() == np.isfinite(before).sum()
    assert mean_step(after) < mean_step(before)
