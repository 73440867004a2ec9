"""Films that tests make themselves, with FFmpeg's own writers."""

import struct
import zlib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from signnet.extraction.video import Pixels, Video

UNTURNED = (1, 0, 0, 1)


def picture(number: int, size: tuple[int, int]) -> np.ndarray:
    """Give a grey picture, lighter by number, with a white upper left corner."""
    width, height = size
    pixels = np.full((height, width, 3), 4 * number % 256, np.uint8)
    pixels[: height // 3, : width // 3] = 255
    return pixels


def write_film(
    path: Path,
    *,
    sizes: Sequence[tuple[int, int]] = ((64, 48),),
    frames: int = 12,
    codec: str = "mpeg4",
    matrix: Sequence[int] = UNTURNED,
    pixel: Fraction | None = None,
    times: Iterable[int] | None = None,
    default: int | None = None,
    title: str = "",
    handler: str = "",
    **options: str,
) -> Path:
    """Write a film of 25 pictures a second, with one stream for each size.

    Parameters
    ----------
    matrix
        a, b, c and d of the display matrix of ISO/IEC 14496-12.
    times
        Milliseconds of the pictures.
    default
        Number of the stream that is marked as the default one.
    title, handler
        Texts about the film and about each stream.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(path, "w", options=options) as film:
        streams = [film.add_stream(codec, rate=25) for _ in sizes]
        film.metadata["title"] = title
        for number, (stream, size) in enumerate(zip(streams, sizes, strict=True)):
            stream.width, stream.height = size
            stream.pix_fmt = {"png": "rgb24", "mjpeg": "yuvj420p"}.get(codec, "yuv420p")
            stream.time_base = Fraction(1, 1000 if times else 25)
            stream.codec_context.time_base = stream.time_base
            if tuple(matrix) != UNTURNED:
                a, b, c, d = (one << 16 for one in matrix)
                stream.set_display_matrix((a, b, 0, c, d, 0, 0, 0, 1 << 30))
            stream.metadata["handler_name"] = stream.metadata["title"] = handler
            if pixel:
                stream.codec_context.sample_aspect_ratio = pixel
                stream.sample_aspect_ratio = pixel
            if default is not None:
                kind = av.stream.Disposition
                stream.disposition = kind.default if number == default else kind(0)
        for number, time in enumerate(times or range(frames)):
            for stream, size in zip(streams, sizes, strict=True):
                frame = av.VideoFrame.from_ndarray(picture(number, size))
                frame.pts, frame.time_base = time, stream.codec_context.time_base
                film.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
        for stream in streams:
            film.mux(stream.encode(None))
    return path


def write_two(
    path: Path, signer: Path, other: Pixels, is_left: bool
) -> tuple[float, float]:
    """Film a signer beside a still picture; return the signer's sides in heights."""
    still = _of_height(other, 360)
    pictures = [_of_height(pixels, 360) for pixels, _ in Video(signer)]
    height, width, _ = pictures[0].shape
    size = (width + still.shape[1], height)
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, size)
    for pixels in pictures:
        both = [pixels, still] if is_left else [still, pixels]
        film.write(cv2.cvtColor(np.hstack(both), cv2.COLOR_RGB2BGR))
    film.release()
    start = 0 if is_left else still.shape[1]
    return start / height, (start + width) / height


def _of_height(pixels: Pixels, height: int) -> Pixels:
    width = round(pixels.shape[1] * height / pixels.shape[0])
    return cv2.resize(pixels, (width, height))


def huge_png(width: int, height: int) -> bytes:
    """Give a black picture that is tiny as a file and huge in memory."""
    packer = zlib.compressobj(9)
    rows = packer.compress(bytes(1 + 3 * width))
    rows += b"".join(packer.compress(bytes(1 + 3 * width)) for _ in range(height - 1))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", rows + packer.flush()),
        (b"IEND", b""),
    )
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, content in chunks:
        check = struct.pack(">I", zlib.crc32(name + content))
        parts += [struct.pack(">I", len(content)), name, content, check]
    return b"".join(parts)


def write_png_film(path: Path, content: bytes, frames: int = 2) -> Path:
    """Write a film of PNG pictures that claims to have small ones."""
    with av.open(path, "w") as film:
        stream = film.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        for number in range(frames):
            packet = av.Packet(content)
            packet.pts = packet.dts = number
            packet.time_base, packet.stream = Fraction(1, 25), stream
            packet.is_keyframe = True
            film.mux(packet)
    return path


def write_gif_header(path: Path, width: int, height: int, frames: int = 3) -> Path:
    """Write a GIF of single pixels on a canvas of any size."""
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0)
    colours = bytes([0, 0, 0, 255, 255, 255])
    control = b"\x21\xf9\x04\x00\x04\x00\x00\x00"
    image = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    path.write_bytes(screen + colours + (control + image) * frames + b"\x3b")
    return path
