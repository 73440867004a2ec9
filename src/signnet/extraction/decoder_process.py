"""Decode one film in a process of its own; `signnet.extraction.decoder` starts it.

A foreign file may attack its decoder, so FFmpeg (PyAV) works here, where it can be
limited and killed:

- memory is limited before a byte of the file is read, pixels before a picture is
  decoded, and those of all pictures by the bytes that hold them; the parent limits
  the time;
- Python opens the file: no name reaches FFmpeg, where it could mean an address, a
  pattern or a list of other files, and FFmpeg cannot open a second one;
- only containers of films are read. A playlist (HLS, DASH, concat) or a session
  description (SDP) is refused.

Standard output carries lines of JSON; a line with `size` is followed by that many
bytes, the pixels of a picture. The file imports nothing of signnet, so that it starts
fast. It ends when standard input is closed, as it is when the parent dies, and after a
film that could not be read.
"""

import contextlib
import gc
import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from queue import SimpleQueue
from struct import unpack
from typing import Any, NoReturn

import av
import av.logging
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from av.sidedata.sidedata import Type
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

_CONTAINERS = (
    "apng,asf,av1,avi,dv,flv,gif,gxf,h261,h263,h264,hevc,ivf,m4v,matroska,mjpeg,mov,"
    "mpeg,mpegts,mpegvideo,mxf,nut,obu,ogg,rm,vc1,wtv,yuv4mpegpipe"
)
"""FFmpeg's names of file formats that hold pictures themselves."""

_LENGTH_STATED = {"asf", "avi", "flv", "matroska", "mov", "mxf"}
"""Containers whose header says how long the film is."""

_NO_FILM = (
    Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
)
"""Kinds of video streams that are pictures beside a film, such as a cover."""

_WIDEST = 4
"""The widest pixel in pixel heights that is believed; films have at most 2."""

_PART_OF_INDEX = 0.05
"""Share of an index that may lie behind the end of the file: a cut last picture."""


class _Refusal(Exception):
    """A reason not to decode a film: a kind, and the facts of its message."""

    def __init__(self, kind: str, **facts: Any) -> None:
        super().__init__(kind)
        self.message = {"error": kind, **facts}


def main() -> NoReturn:
    """Decode the films that standard input names, one object of JSON a line."""
    av.logging.set_level(av.logging.ERROR)  # errors carry the last line
    orders = SimpleQueue[dict[str, Any]]()
    threading.Thread(target=_take_orders, args=[orders], daemon=True).start()
    gc.freeze()  # what is there now is not searched after each picture
    while _serve(orders.get()):
        gc.collect()
    os._exit(0)  # without freeing what the system frees faster


def _take_orders(orders: SimpleQueue[dict[str, Any]]) -> None:
    """Take orders until the parent dies or has no more; then end at once."""
    for line in sys.stdin.buffer:
        orders.put(json.loads(line))
    os._exit(1)


def _serve(order: dict[str, Any]) -> bool:
    """Decode one film; return whether it was read to its end."""
    try:
        _limit_memory(order["memory"])
        _send(_decode_film(order))
        return True
    except _Refusal as refusal:
        _send(refusal.message)
    except MemoryError:
        _send({"error": "memory"})
    except BrokenPipeError:
        pass
    except Exception as error:  # whatever a foreign file may cause
        _send(_explain(error))
    return False


def _explain(error: Exception) -> dict[str, Any]:
    """Tell a picture that is too large from other reasons; only FFmpeg's log does."""
    log = str(getattr(error, "log", ""))
    if found := re.search(r"Picture size (\d+)x(\d+)", log):
        return {"error": "pixels", "width": int(found[1]), "height": int(found[2])}
    return {"error": "unreadable", "reason": f"{type(error).__name__}: {error}"}


def _limit_memory(memory: int) -> None:
    """Limit this process, where the system can: macOS and Windows cannot."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (memory, most))


def _send(message: dict[str, Any], pixels: Any = b"") -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.write(pixels)
    sys.stdout.buffer.flush()


def _decode_film(order: dict[str, Any]) -> dict[str, Any]:
    """Send all pictures; return the last message, which says how much was read."""
    path, pixels = Path(order["path"]), order["pixels"]
    size = path.stat().st_size
    left = order["film_pixels"] + order["byte_pixels"] * size
    with path.open("rb") as file, _open(file, pixels) as container:
        stream = _choose(container)
        _check_size(stream.width, stream.height, pixels)
        seconds = _stated_seconds(container, stream)
        _check_index(stream, size, seconds)
        stream.codec_context.options = _codec_limits(pixels)
        stream.codec_context.thread_count = 1  # each thread has pictures of its own
        rate = stream.guessed_rate
        _send({"fps": float(rate) if rate else None})
        whole, damaged, span = 0, 0, _Span()
        for frame in _frames(container, stream):
            if frame is None:
                damaged += 1
                continue
            if whole == order["frames"]:
                raise _Refusal("frames")
            left -= _send_picture(frame, _pixel_width(stream), pixels, left)
            whole += 1
            span.include(frame)
            gc.collect()  # a frame and its side data refer to each other
        share = whole / max(whole + damaged, 1)
        return {"end": whole, "read": span.seconds * share, "seconds": seconds}


class _Span:
    """The time between the beginning of the first picture and the end of the last."""

    def __init__(self) -> None:
        self._start, self._end = None, 0.0

    def include(self, frame: VideoFrame) -> None:
        """Include a picture, if the film states its time."""
        start = _milliseconds(frame)
        if start is not None:
            self._start = start if self._start is None else self._start
            held = (frame.duration or 0) * float(frame.time_base or 0)
            self._end = max(self._end, start / 1000 + held)

    @property
    def seconds(self) -> float:
        """The length; endless if no picture has a time."""
        return float("inf") if self._start is None else self._end - self._start / 1000


def _open(file: Any, pixels: int) -> InputContainer:
    options = {
        "format_whitelist": _CONTAINERS,
        "protocol_whitelist": "none",
        **_codec_limits(pixels),
    }
    container = av.open(
        file,
        "r",
        options=options,
        metadata_errors="replace",  # titles may be in any encoding
        io_open=_refuse_another_file,
    )
    assert isinstance(container, InputContainer)
    return container


def _codec_limits(pixels: int) -> dict[str, str]:
    """Limit a decoder, with room for the edges of whole blocks that codecs add."""
    return {"max_pixels": str(2 * pixels + (1 << 16))}


def _refuse_another_file(*_: Any) -> NoReturn:
    raise _Refusal("unreadable", reason="the film refers to another file")


def _choose(container: InputContainer) -> VideoStream:
    """Choose the default film; of several or none, the largest."""
    films = [one for one in container.streams.video if not one.disposition & _NO_FILM]
    if not films:
        raise _Refusal("unreadable", reason="no film in it")

    def rank(stream: VideoStream) -> tuple[bool, int]:
        is_default = bool(stream.disposition & Disposition.default)
        return is_default, stream.width * stream.height

    return max(films, key=rank)


def _check_size(width: int, height: int, pixels: int) -> None:
    if width * height > pixels:
        raise _Refusal("pixels", width=width, height=height)


def _stated_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    """Return the length that the file states, None if it does not.

    Formats without a header of the whole film get an estimate from FFmpeg, which is no
    statement. The container's length covers the sound as well, and the stream's what an
    editor has cut off, so the shorter one counts.
    """
    kind = container.format.name.partition(",")[0]
    if kind not in _LENGTH_STATED:
        return None
    if kind == "avi" and stream.frames and stream.guessed_rate:
        return float(stream.frames / stream.guessed_rate)  # FFmpeg shortens the other
    stated = list[float]()
    if stream.duration and stream.time_base:
        stated.append(float(stream.duration * stream.time_base))
    if container.duration:
        stated.append(container.duration / 1e6)
    with contextlib.suppress(KeyError, ValueError):  # Matroska: 00:00:01.440000000
        hours, minutes, seconds = stream.metadata["DURATION"].split(":")
        stated.append(int(hours) * 3600 + int(minutes) * 60 + float(seconds))
    return min(stated, default=None)


def _check_index(stream: VideoStream, size: int, seconds: float | None) -> None:
    """Refuse a film whose index names pictures behind the end of the file."""
    entries = [entry.pos + entry.size <= size for entry in stream.index_entries]
    here = sum(entries) / len(entries) if entries else 1.0
    if seconds and here < 1 - _PART_OF_INDEX:
        raise _Refusal("part", read=here * seconds, seconds=seconds)


def _frames(
    container: InputContainer, stream: VideoStream
) -> Iterator[VideoFrame | None]:
    """Yield the pictures, and None for each piece of the file that is damaged."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (MemoryError, _Refusal):
            raise
        except (FFmpegError, ValueError):  # the rest of the file is lost
            packet = None
        try:
            yield from stream.decode(packet)
        except EOFError:
            return
        except InvalidDataError as error:
            if _explain(error)["error"] == "pixels":
                raise
            yield None
        if packet is None:
            return


def _pixel_width(stream: VideoStream) -> Fraction:
    """Return the width of a pixel in pixel heights; 1 if stated as nonsense."""
    ratio = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
    believed = ratio and 1 / _WIDEST <= ratio <= _WIDEST
    return ratio if ratio and believed else Fraction(1)


def _send_picture(frame: VideoFrame, ratio: Fraction, pixels: int, left: int) -> int:
    """Send a picture with square pixels, and how to turn it upright; count its pixels.

    `left` is the number of pixels that the film may still show.
    """
    width, height = frame.width, frame.height
    if ratio > 1:
        width = round(width * ratio)
    else:
        height = round(height / ratio)
    _check_size(width, height, pixels)
    if width * height > left:
        raise _Refusal("unfolds")
    picture = frame.reformat(width=width, height=height, format="rgb24", threads=1)
    plane = picture.planes[0]
    message = {
        "size": plane.buffer_size,
        "width": width,
        "height": height,
        "stride": plane.line_size,
        "milliseconds": _milliseconds(frame),
        "turn": _turn(frame),
    }
    _send(message, memoryview(plane))
    return width * height


def _milliseconds(frame: VideoFrame) -> float | None:
    if frame.pts is None or not frame.time_base:
        return None
    return frame.pts * float(frame.time_base) * 1000


def _turn(frame: VideoFrame) -> tuple[bool, bool, bool]:
    """Return whether to swap rows and columns, and then to mirror them.

    Notes
    -----
    A display matrix (ISO/IEC 14496-12, 8.3.2) moves (x, y) to (ax + cy, bx + dy). Its
    angle is rounded to quarter turns.
    """
    side_data: Any = frame.side_data
    matrix = side_data.get(Type.DISPLAYMATRIX)
    if matrix is None:
        return False, False, False
    a, b, _, c, d = unpack("=9i", bytes(matrix))[:5]
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return False, a < 0, d < 0
    return True, c < 0, b < 0


if __name__ == "__main__":
    main()
