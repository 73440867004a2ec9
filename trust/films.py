"""Give the decoder damaged films and bombs, and count what it answers.

    python trust/films.py [--damaged 600] [--seed 0] [--kinds mkv,films]

Films of twelve formats are damaged at random bytes, cut, and mixed up; bombs are small
files that ask for much. All go through the door that every command uses. Each must be
read, or refused in one line; no process may need 1 GB, and no film 10 s of the
processor, its decoder's included. Between them an intact film must stay what it is.
Exit status 1 means that one of this did not hold; the inputs concerned are kept.
"""

import argparse
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from bombs import film_bombs  # noqa: E402
from filming import write_film, write_gif_header  # noqa: E402
from signnet.errors import SignnetError  # noqa: E402
from signnet.extraction.decoder import end_idle  # noqa: E402
from signnet.extraction.video import Video  # noqa: E402

FORMATS = {
    "mp4": "libx264",
    "mov": "png",
    "mkv": "mpeg4",
    "webm": "libvpx-vp9",
    "avi": "mjpeg",
    "ts": "mpeg2video",
    "mpg": "mpeg1video",
    "flv": "flv1",
    "wmv": "wmv2",
    "mxf": "mpeg2video",
    "nut": "libvpx",
    "gif": "gif",
}

BOMBS = ("films",)

MOST_SECONDS, MOST_BYTES = 10.0, 1_000_000_000


@dataclass
class Row:
    """What became of the inputs of one kind."""

    kind: str
    answers: Counter[str] = field(default_factory=Counter[str])
    seconds: float = 0.0
    """Processor seconds of the slowest input, and of its decoder."""

    clock: float = 0.0
    memory: int = 0
    """Bytes of the largest process, at its peak."""

    faults: list[str] = field(default_factory=list[str])


def main() -> None:
    """Try all kinds, print a table, and fail if one did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--damaged", type=int, default=600, help="damaged films")
    parser.add_argument("--kinds", help="only these, as ts,mkv,films")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("trust-films"))
    options = parser.parse_args()
    each = -(-options.damaged // len(FORMATS))
    kinds = options.kinds.split(",") if options.kinds else (*FORMATS, *BOMBS)
    orders = [(kind, each, options.seed, options.keep) for kind in kinds]
    head = "read | refused | decoder died | processor s | clock s | memory"
    print(f"| inputs | number | {head} |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    # A process for each kind, one after the other: peaks of memory never fall.
    context = multiprocessing.get_context("spawn")
    with context.Pool(1, maxtasksperchild=1) as pool:
        rows = list[Row]()
        for row in pool.imap(try_kind, orders):
            rows.append(row)
            print(line(row), flush=True)
    summarise(rows)


def line(row: Row) -> str:
    """Write a row of the table."""
    answers = [row.answers[one] for one in ("read", "refused", "died")]
    cells = (row.kind, row.answers.total(), *answers)
    times = f"{row.seconds:.1f} | {row.clock:.1f} | {row.memory / 1e6:.0f} MB"
    return f"| {' | '.join(map(str, cells))} | {times} |"


def summarise(rows: list[Row]) -> None:
    """Print the sums; exit with the faults if there are any."""
    total = Row("all")
    for row in rows:
        total.answers.update(row.answers)
        total.seconds = max(total.seconds, row.seconds)
        total.clock = max(total.clock, row.clock)
        total.memory = max(total.memory, row.memory)
        total.faults += row.faults
    print(line(total))
    sys.exit("\n".join(total.faults) if total.faults else 0)


def try_kind(order: tuple[str, int, int, Path]) -> Row:
    """Try the inputs of one kind."""
    kind, number, seed, keep = order
    with tempfile.TemporaryDirectory(prefix="signnet-") as folder:
        if kind == "films":
            row = try_films(Row("bombs"), make_bombs(Path(folder)), keep)
        else:
            row = try_damaged(Row(f"damaged {kind}"), Path(folder), number, seed, keep)
    end_idle()
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    row.memory = max(1024 * resource.getrusage(one).ru_maxrss for one in kinds)
    if row.memory >= MOST_BYTES:
        row.faults.append(f"{row.kind}: a process of {row.memory / 1e6:.0f} MB")
    return row


def make_bombs(folder: Path) -> Iterator[Path]:
    """Write the bombs, each where it is asked for."""
    for name, write in film_bombs():
        write(folder / name)
        yield folder / name
        (folder / name).unlink()


def try_films(
    row: Row, films: Iterable[Path], keep: Path, *, alone: bool = True
) -> Row:
    """Read films, and keep those that show a fault."""
    for film in films:
        try_one(row, film.name, lambda film=film: read(film), alone=alone)
        if row.faults and row.faults[-1].startswith(film.name):
            keep.mkdir(exist_ok=True)
            shutil.copy(film, keep)
    return row


def try_damaged(row: Row, folder: Path, number: int, seed: int, keep: Path) -> Row:
    """Read damaged films, and an intact one after every tenth."""
    kind = row.kind.rpartition(" ")[2]
    rng = np.random.default_rng([seed, *kind.encode()])
    intact = write_intact(folder / f"intact.{kind}")
    expected, content = digest(intact), intact.read_bytes()
    for turn in range(number):
        film = folder / f"{seed}_{turn}.{kind}"
        film.write_bytes(damage(content, rng))
        try_films(row, [film], keep, alone=False)
        if turn % 10 == 9 and digest(intact) != expected:
            row.faults.append(f"{film.name}: the film after it is another one")
        film.unlink()
    return row


def try_one(
    row: Row, name: str, task: Callable[[], object], *, alone: bool = True
) -> None:
    """Run one task and count its answer, its time and its faults.

    Where it is alone, the decoder is its own, and all of its time is counted; else a
    decoder that read a film to its end reads the next, as it does for users.
    """
    if alone:
        end_idle()
    started, before = time.perf_counter(), processor_seconds()
    try:
        task()
        answer = "read"
    except SignnetError as error:
        said = str(error)
        answer = "died" if "ended without an answer" in said else "refused"
        if len(said.splitlines()) != 1 or "status 1;" in said:
            row.faults.append(f"{name}: {said}")
    except Exception as error:
        answer = "traceback"
        row.faults.append(f"{name}: {type(error).__name__}: {error}")
    clock = time.perf_counter() - started
    if alone:
        end_idle()
    seconds = processor_seconds() - before
    row.answers[answer] += 1
    row.clock, row.seconds = max(row.clock, clock), max(row.seconds, seconds)
    if seconds > MOST_SECONDS:
        row.faults.append(f"{name}: {seconds:.1f} s of the processor")


def processor_seconds() -> float:
    """Give the processor time of this process and of its children that ended."""
    return sum(os.times()[:4])


def read(film: Path) -> int:
    """Read a film as every door does; the pictures are not kept."""
    return sum(1 for _ in Video(film))


def digest(film: Path) -> str:
    """Give a hash of all pictures and times of a film."""
    found = sha256()
    for picture, seconds in Video(film):
        found.update(picture.tobytes() + repr(seconds).encode())
    return found.hexdigest()


def write_intact(film: Path) -> Path:
    """Write a film of 25 pictures in the format of its ending."""
    kind = film.suffix[1:]
    if kind == "gif":
        return write_gif_header(film, 320, 240, 25)
    size = (720, 576) if kind == "mxf" else (320, 240)
    return write_film(film, sizes=[size], frames=25, codec=FORMATS[kind])


def damage(content: bytes, rng: np.random.Generator) -> bytes:
    """Change random bytes, anywhere or in the header; cut; or move a piece."""
    changed = bytearray(content)
    how = rng.integers(4)
    if how == 0:
        return content[: int(rng.integers(1, len(content)))]
    if how == 1:
        start, length = (int(one) for one in rng.integers(0, len(content), 2))
        piece = content[start : start + length // 4]
        place = int(rng.integers(len(content)))
        changed[place : place + int(rng.integers(2)) * len(piece)] = piece
        return bytes(changed)
    end = min(1024, len(content)) if how == 2 else len(content)
    count = int(2 ** rng.uniform(0, 7))
    for place in rng.integers(0, end, count):
        changed[-1 - place if rng.random() < 0.3 else place] = rng.integers(256)
    return bytes(changed)


if __name__ == "__main__":
    main()
