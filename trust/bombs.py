"""Small files that ask for much: huge canvases, endless films, lying headers."""

import struct
import zlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from filming import huge_png, write_film, write_gif_header, write_png_film

__all__ = ["film_bombs"]

Maker = Callable[[Path], object]
"""Writes a bomb to a path."""

_MOST = 0x7FFFFFFF


def film_bombs() -> Iterator[tuple[str, Maker]]:
    """Give the name of each film, whose ending is its format, and who writes it."""
    yield from _canvases()
    yield from _pictures_in_films()
    yield from _headers()
    yield from _long_films()


def _canvases() -> Iterator[tuple[str, Maker]]:
    sides = (4097, 5000, 8000, 16000, 30000, 65535)
    for width, height in [(side, side) for side in sides] + [
        (65535, 300),
        (300, 65535),
    ]:
        yield (
            f"canvas_{width}_{height}.gif",
            lambda path, w=width, h=height: write_gif_header(path, w, h),
        )
    for side, frames in ((4096, 2), (4096, 1000), (2048, 5000), (1000, 4000)):
        yield (
            f"frames_{side}_{frames}.gif",
            lambda path, s=side, f=frames: write_gif_header(path, s, s, f),
        )


def _pictures_in_films() -> Iterator[tuple[str, Maker]]:
    for width, height in ((4097, 4097), (9000, 3000), (12_000, 12_000)):
        for kind in ("mov", "avi", "nut"):
            yield (
                f"png_{width}_{height}.{kind}",
                lambda path, w=width, h=height: write_png_film(path, huge_png(w, h)),
            )
        yield (
            f"png_{width}_{height}.mkv",
            lambda path, w=width, h=height: path.write_bytes(
                png_in_matroska(huge_png(w, h))
            ),
        )
    for side in (20_000, 65_535, _MOST):
        for kind in ("mov", "avi"):
            yield (
                f"png_{side}_empty.{kind}",
                lambda path, s=side: write_png_film(path, _png_claim(s)),
            )
        yield (
            f"png_{side}_empty.mkv",
            lambda path, s=side: path.write_bytes(png_in_matroska(_png_claim(s))),
        )
        yield f"apng_{side}.apng", lambda path, s=side: path.write_bytes(_apng(s, 3))
    for frames in (10, 20):
        yield (
            f"png_4096_{frames}.mov",
            lambda path, f=frames: write_png_film(path, huge_png(4096, 4096), f),
        )
    yield (
        "apng_of_many.apng",
        lambda path: path.write_bytes(_apng(4000, 1_000_000)),
    )
    for side in (5000, 30_000, 65_500):
        for kind in ("avi", "mkv"):
            yield f"jpeg_{side}.{kind}", lambda path, s=side: _lying_jpeg_film(path, s)


def _headers() -> Iterator[tuple[str, Maker]]:
    for box in (b"stts", b"stsz", b"stsc", b"stco"):
        for count in (1 << 24, _MOST):
            yield (
                f"{box.decode()}_{count}.mp4",
                lambda path, b=box, c=count: _lying_table(path, b, c),
            )
    for size in (1 << 29, _MOST):
        yield (
            f"packed_header_{size}.mov",
            lambda path, s=size: path.write_bytes(_packed_header(s)),
        )
    for ratio in (4, 1000):
        yield (
            f"pixels_{ratio}.mkv",
            lambda path, r=ratio: write_film(
                path, sizes=((4096, 64),), frames=2, pixel=Fraction(1, r)
            ),
        )
    yield "claims.mp4", _lying_size


def _long_films() -> Iterator[tuple[str, Maker]]:
    yield "many.mkv", lambda path: write_film(path, sizes=((16, 16),), frames=20_000)
    yield (
        "many.mp4",
        lambda path: write_film(
            path, sizes=((16, 16),), frames=20_000, codec="libx264"
        ),
    )
    yield (
        "still.mp4",
        lambda path: write_film(path, sizes=((4096, 4096),), frames=8),
    )
    yield (
        "far_times.mkv",
        lambda path: write_film(
            path, codec="mjpeg", times=(0, 1, 10**9, 10**12, 10**12 + 1)
        ),
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def _png_claim(side: int) -> bytes:
    """Give a PNG whose header claims a size that its pixels do not fill."""
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1 << 20))))
    parts = (_chunk(*chunk) for chunk in (*chunks, (b"IEND", b"")))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _apng(side: int, frames: int) -> bytes:
    """Give an animated PNG of empty pictures that claims a number of them."""
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    control = struct.pack(">IIIIIHHBB", 0, side, side, 0, 0, 1, 25, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"acTL", struct.pack(">II", frames, 0)),
        (b"fcTL", control),
        (b"IDAT", zlib.compress(bytes(1 << 16))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _lying_jpeg(side: int) -> bytes:
    """Give a JPEG of 64×48 pixels that claims more."""
    made = cv2.imencode(".jpg", np.zeros((48, 64, 3), np.uint8))[1].tobytes()
    place = made.index(b"\xff\xc0") + 5
    return made[:place] + struct.pack(">HH", side, side) + made[place + 4 :]


def _lying_jpeg_film(path: Path, side: int) -> None:
    content = write_film(path, frames=3, codec="mjpeg").read_bytes()
    marker, size = b"\xff\xc0\x00\x11\x08", struct.pack(">HH", 48, 64)
    assert marker + size in content
    claimed = struct.pack(">HH", side, side)
    path.write_bytes(content.replace(marker + size, marker + claimed))


def _lying_table(path: Path, box: bytes, count: int) -> None:
    """Let a table of an mp4 claim a number of entries."""
    content = bytearray(write_film(path).read_bytes())
    place = content.index(box) + 8 + (4 if box == b"stsz" else 0)
    struct.pack_into(">I", content, place, count)
    path.write_bytes(content)


def _lying_size(path: Path) -> None:
    """Let an mp4 claim pictures of 65535×65535 pixels."""
    content = bytearray(write_film(path, codec="mjpeg").read_bytes())
    struct.pack_into(">HH", content, content.index(b"stsd") + 44, 65_535, 65_535)
    path.write_bytes(content)


def _packed_header(size: int) -> bytes:
    """Give a QuickTime film whose compressed header unfolds to 100 MB or more."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    packed = b"".join(packer.compress(block) for _ in range(100)) + packer.flush()
    content = _box(b"dcom", b"zlib") + _box(b"cmvd", struct.pack(">I", size) + packed)
    return _box(b"ftyp", b"qt  " + bytes(4)) + _box(b"moov", _box(b"cmov", content))


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def png_in_matroska(picture: bytes, frames: int = 2) -> bytes:
    """Give a Matroska film of PNG pictures, which claims that they are small."""
    bitmap = struct.pack("<IiiHH4sIiiII", 40, 64, 48, 1, 24, b"MPNG", 0, 0, 0, 0, 0)
    track = (
        _element("d7", b"\x01")
        + _element("73c5", b"\x01")
        + _element("83", b"\x01")
        + _element("86", b"V_MS/VFW/FOURCC")
        + _element("63a2", bitmap)
        + _element("e0", _element("b0", b"\x40") + _element("ba", b"\x30"))
    )
    blocks = b"".join(
        _element("a3", b"\x81" + struct.pack(">hB", 40 * number, 0x80) + picture)
        for number in range(frames)
    )
    return _element("1a45dfa3", _element("4282", b"matroska")) + _element(
        "18538067",
        _element("1549a966", _element("2ad7b1", b"\x0f\x42\x40"))
        + _element("1654ae6b", _element("ae", track))
        + _element("1f43b675", _element("e7", b"\x00") + blocks),
    )


def _element(name: str, content: bytes) -> bytes:
    size = struct.pack(">Q", len(content) | 1 << 56)
    return bytes.fromhex(name) + size + content
