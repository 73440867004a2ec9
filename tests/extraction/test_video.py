import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from filming import huge_png, write_film, write_gif_header, write_png_film
from signnet.errors import MediaError
from signnet.extraction.decoder import DecodeLimits
from signnet.extraction.tracker import Sighting, assemble
from signnet.extraction.video import Video, check_length


def read(path: Path, limits: DecodeLimits | None = None) -> tuple[np.ndarray, list]:
    """Read a film whose pictures have one size; give the pictures and their times."""
    pictures, times = zip(*Video(path, limits), strict=True)
    return np.stack(pictures), list(times)


def refusal(path: Path, limits: DecodeLimits | None = None) -> str:
    """Give the one line in which a film is refused."""
    with pytest.raises(MediaError) as caught:
        list(Video(path, limits))
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What the file says about its pictures


@pytest.mark.parametrize(
    ("matrix", "corner", "size"),
    [
        ((1, 0, 0, 1), "upper left", (48, 64)),
        ((-1, 0, 0, 1), "upper right", (48, 64)),
        ((1, 0, 0, -1), "lower left", (48, 64)),
        ((-1, 0, 0, -1), "lower right", (48, 64)),
        ((0, 1, -1, 0), "upper right", (64, 48)),
        ((0, -1, 1, 0), "lower left", (64, 48)),
        ((0, 1, 1, 0), "upper left", (64, 48)),
        ((0, -1, -1, 0), "lower right", (64, 48)),
    ],
)
def test_turned_and_mirrored_films_are_shown_as_their_matrix_says(
    tmp_path: Path, matrix: tuple[int, ...], corner: str, size: tuple[int, int]
) -> None:
    pictures, _ = read(write_film(tmp_path / "a.mp4", frames=2, matrix=matrix))
    assert pictures.shape[1:3] == size
    rows, columns = corner.split()
    row, column = {"upper": 2, "lower": -3}[rows], {"left": 2, "right": -3}[columns]
    corners = [pictures[0, y, x].mean() for y in (2, -3) for x in (2, -3)]
    assert pictures[0, row, column].mean() == max(corners)
    assert sorted(corners)[-2] < 50 < 200 < max(corners)


@pytest.mark.parametrize(
    ("pixel", "size"),
    [
        (Fraction(4, 3), (48, 85)),
        (Fraction(3, 4), (64, 64)),
        (Fraction(1), (48, 64)),
        (Fraction(60), (48, 64)),
    ],
)
def test_pixels_are_made_square(
    tmp_path: Path, pixel: Fraction, size: tuple[int, int]
) -> None:
    pictures, _ = read(write_film(tmp_path / "a.mkv", frames=2, pixel=pixel))
    assert pictures.shape[1:3] == size


def test_the_default_film_of_a_file_is_read(tmp_path: Path) -> None:
    sizes = ((64, 48), (128, 96))
    path = write_film(tmp_path / "a.mkv", sizes=sizes, default=0)
    assert read(path)[0].shape[1:3] == (48, 64)


def test_the_largest_film_is_read_if_none_is_the_default_one(tmp_path: Path) -> None:
    sizes = ((64, 48), (128, 96), (32, 32))
    path = write_film(tmp_path / "a.ts", codec="mpeg2video", sizes=sizes)
    assert read(path)[0].shape[1:3] == (96, 128)


def test_a_film_may_change_its_size(tmp_path: Path) -> None:
    parts = [
        write_film(tmp_path / f"{width}.ts", codec="mpeg2video", sizes=((width, 48),))
        for width in (64, 96)
    ]
    film = tmp_path / "both.ts"
    film.write_bytes(b"".join(part.read_bytes() for part in parts))
    widths = [picture.shape[1] for picture, _ in Video(film)]
    assert widths == [64] * widths.count(64) + [96] * widths.count(96)
    assert min(widths.count(64), widths.count(96)) >= 11


def test_each_picture_has_its_own_shape() -> None:
    pose = np.full((33, 3), 0.5, np.float32)
    landmarks = assemble([Sighting(pose=pose)] * 2, [2.0, 1.5])
    assert [float(frame[0, 0]) for frame in landmarks] == [1.0, 0.75]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi"])
def test_titles_that_are_not_utf_8_do_not_matter(suffix: str, tmp_path: Path) -> None:
    film = write_film(tmp_path / f"film.{suffix}", title="TITLE", handler="HANDLER")
    content = film.read_bytes()
    assert content.count(b"TITLE") >= 1
    content = content.replace(b"TITLE", b"\xe6\xb0TL\xe6")
    film.write_bytes(content.replace(b"HANDLER", b"HANDLE\xe6"))
    assert len(list(Video(film))) == 12


def test_times_that_vary_are_exact(tmp_path: Path) -> None:
    times = [0, 33, 67, 300, 301, 1000]
    _, found = read(write_film(tmp_path / "a.mkv", times=times))
    np.testing.assert_allclose(found, np.array(times) / 1000, atol=1e-9)


# Parts of films


def cut(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


@pytest.mark.parametrize("kind", ["mp4", "mkv", "avi", "flv"])
def test_how_much_of_a_cut_film_could_be_read_is_said(
    tmp_path: Path, kind: str
) -> None:
    options = {"movflags": "faststart"} if kind == "mp4" else {}
    codec = "flv1" if kind == "flv" else "mjpeg" if kind != "mp4" else "mpeg4"
    path = write_film(tmp_path / f"a.{kind}", frames=50, codec=codec, **options)
    said = refusal(cut(path, 0.4))
    assert "of 2.0 seconds could be read" in said
    assert 0.1 < float(said.split("only ")[1].split()[0]) < 1.2


def test_a_film_that_lacks_its_last_bytes_is_read(tmp_path: Path) -> None:
    options = {"movflags": "faststart"}
    path = cut(write_film(tmp_path / "a.mp4", frames=50, **options), 0.995)
    assert 48 <= len(list(Video(path))) <= 50


def test_a_format_that_states_no_length_is_read_to_its_end(tmp_path: Path) -> None:
    path = cut(write_film(tmp_path / "a.ts", frames=50, codec="mpeg2video"), 0.5)
    assert 10 < len(list(Video(path))) < 40


# Names and films of films


@pytest.mark.parametrize(
    "name", ["12:30.mp4", "http:a.mp4", "%03d.mp4", "concat:a|b.mp4", "-i.mp4", "পানি"]
)
def test_a_name_means_nothing_but_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write_film(tmp_path / "a.mp4", frames=2).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert len(list(Video(Path(name)))) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf_8_is_refused_in_a_printable_line(
    tmp_path: Path,
) -> None:
    film = write_film(tmp_path / "a.mp4", frames=2)
    odd = tmp_path / os.fsdecode(b"caf\xe9.mp4")
    film.rename(odd)
    said = refusal(odd)
    assert r"caf\xe9.mp4: the name is not valid UTF-8; rename" in said
    assert said.encode()


def test_a_name_that_no_file_can_have_is_one_line(tmp_path: Path) -> None:
    assert "check the path" in refusal(tmp_path / ("x" * 300 + ".mp4"))


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile a.ts\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 9 RTP/AVP 26\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>',
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("suffix", ["mp4", "m3u8", "ts"])
def test_a_list_of_films_is_no_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, suffix: str
) -> None:
    write_film(tmp_path / "a.ts", codec="mpeg2video")
    monkeypatch.chdir(tmp_path)
    playlist = Path(f"list.{suffix}")
    playlist.write_text(PLAYLISTS[kind])
    assert "not a readable video" in refusal(playlist)


def test_a_single_picture_or_sound_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(cv2.imencode(".jpg", np.zeros((48, 64, 3), np.uint8))[1].tobytes())
    assert "not a readable video" in refusal(path)


# Limits


def test_a_huge_picture_in_a_small_film_is_refused(tmp_path: Path) -> None:
    path = write_png_film(tmp_path / "a.mov", huge_png(9000, 3000))
    assert "pictures of 9000×3000 pixels" in refusal(path)
    small = write_png_film(tmp_path / "b.mov", huge_png(640, 480))
    assert read(small)[0].shape == (2, 480, 640, 3)


def test_a_huge_canvas_of_a_small_gif_is_refused(tmp_path: Path) -> None:
    path = write_gif_header(tmp_path / "a.gif", 16000, 16000)
    assert path.stat().st_size < 200
    assert "pictures of 16000×16000 pixels" in refusal(path)
    assert len(list(Video(write_gif_header(tmp_path / "b.gif", 40, 30)))) == 3


def test_pixels_made_square_count(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mkv", frames=2, pixel=Fraction(4))
    assert len(list(Video(path, DecodeLimits(pixels=256 * 48)))) == 2
    assert "256×48 pixels" in refusal(path, DecodeLimits(pixels=256 * 48 - 1))


def test_few_bytes_may_hold_few_pixels(tmp_path: Path) -> None:
    path = write_gif_header(tmp_path / "a.gif", 640, 480, frames=12)
    bytes_of_ten = DecodeLimits(
        film_pixels=640 * 480 * 10 - path.stat().st_size, byte_pixels=1
    )
    seen = list[float]()
    with pytest.raises(MediaError, match="its few bytes unfold into more pictures"):
        seen += (seconds for _, seconds in Video(path, bytes_of_ten))
    assert len(seen) == 10
    assert len(list(Video(path))) == 12


@pytest.mark.skipif(sys.platform != "linux", reason="no limit of memory elsewhere")
def test_a_long_film_needs_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    # 40 pictures of 16 MiB each would need 640 MiB if they were kept.
    path = write_gif_header(tmp_path / "a.gif", 2048, 2048, frames=40)
    assert sum(1 for _ in Video(path, DecodeLimits(memory=400_000_000))) == 40


def test_more_pictures_than_allowed_are_refused(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4")
    assert len(list(Video(path, DecodeLimits(frames=12)))) == 12
    assert "more than 11 pictures" in refusal(path, DecodeLimits(frames=11))


@pytest.mark.skipif(sys.platform != "linux", reason="no limit of memory elsewhere")
def test_memory_is_limited(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", sizes=((2048, 2048),), frames=1)
    for process in decoders():  # it may have memory left over
        os.kill(process, signal.SIGKILL)
        wait_for_end(process)
    said = refusal(path, DecodeLimits(memory=1 << 26))
    assert "memory" in said
    assert len(list(Video(path))) == 1


@pytest.mark.parametrize("limit", ["picture_seconds", "film_seconds"])
def test_a_decoder_that_takes_too_long_is_killed(tmp_path: Path, limit: str) -> None:
    path = write_film(tmp_path / "a.mp4")
    said = refusal(path, DecodeLimits(**{limit: 1e-4}))
    assert "decoding takes too long" in said
    assert not decoders()


def test_a_long_film_is_refused_after_the_limit(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=50)
    check_length(path, 2.5)
    with pytest.raises(MediaError, match="longer than 1 s; cut it"):
        check_length(path, 1.0)


# The process


def decoders(parent: int | None = None) -> list[int]:
    """List the decoding processes of this process, or of another."""
    order = ["pgrep", "-P", str(parent or os.getpid()), "-f", "decoder_process"]
    listed = subprocess.run(order, capture_output=True, text=True, check=False).stdout
    return [int(line) for line in listed.split()]


def test_one_process_decodes_film_after_film(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4")
    with Video(path) as video:
        (process,) = decoders()
        assert len(list(video)) == 12
    assert decoders() == [process]
    with Video(path) as first, Video(path) as second:
        assert process in decoders()
        assert len(decoders()) == 2
        assert len(list(first)) == len(list(second)) == 12
    assert decoders() == [process]


def test_a_process_that_met_a_bad_film_is_ended(tmp_path: Path) -> None:
    bad, good = write_film(tmp_path / "a.mp4"), write_film(tmp_path / "b.mp4")
    cut(bad, 0.5)
    refusal(bad)
    assert not decoders()
    assert len(list(Video(good))) == 12
    (process,) = decoders()
    os.kill(process, signal.SIGKILL)
    wait_for_end(process)
    assert len(list(Video(good))) == 12
    assert decoders() != [process]


def test_a_film_that_is_left_early_leaves_no_process(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", sizes=((640, 480),), frames=50)
    for _ in Video(path):
        assert len(decoders()) == 1
        break
    assert not decoders()
    with Video(path):
        assert len(decoders()) == 1
    assert not decoders()


ABANDON = """
import sys, time
from pathlib import Path
from signnet.extraction.video import Video

with Video(Path(sys.argv[1])):
    print("started", flush=True)
    time.sleep(60)
"""


def test_a_killed_reader_takes_its_decoder_along(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", sizes=((640, 480),), frames=50)
    reader = subprocess.Popen(
        [sys.executable, "-c", ABANDON, path], stdout=subprocess.PIPE
    )
    assert reader.stdout is not None
    with reader.stdout:
        reader.stdout.readline()
        (decoder,) = decoders(reader.pid)
        os.kill(reader.pid, signal.SIGKILL)
        reader.wait()
    wait_for_end(decoder)


def wait_for_end(process: int) -> None:
    deadline = time.monotonic() + 60
    while is_alive(process):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(process: int) -> bool:
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return bool(listed.strip()) and not listed.startswith("Z")


def test_a_decoder_that_dies_costs_one_line(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", sizes=((640, 480),), frames=50)

    def read_and_kill() -> None:
        for _ in Video(path):
            for process in decoders():
                os.kill(process, signal.SIGKILL)

    with pytest.raises(MediaError, match=r"decoder ended without an answer \(status"):
        read_and_kill()
