"""Feed damaged files to every reader: a result or a SignnetError, and nothing else.

`python trust/fuzz.py` runs for a minute; `--inputs 1000000` is the long form. Each
reader starts from real files that signnet wrote, which are damaged in their bytes, in
the values of their JSON, or in their arrays and columns. A worker reads them with
limits of memory and time; what it raises, or dies of, is a fault, and its input can be
made again from the name of the reader and the input's number. `--engine atheris`
lets coverage guide the damage where atheris is installed.
"""

import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from readers import READERS, Reader, make_seeds
from signnet.errors import SignnetError

MEMORY = 2**30
"""Bytes that reading one input may add to a worker."""

SECONDS = 10
"""Longest time for one input."""

_TURN = 20
"""Seconds that a reader gets before the next one's turn."""

_ODD = (
    *(0, -1, 1, 2**31, -(2**63), 2**64, 1e308, 1e-320, float("nan"), float("inf")),
    *(True, None, "", "\0", "A" * 5000, "\ud800", "\x1b[2J", "../../x", "পানি"),
    *([], {}, [[]], {"a": {}}, [None] * 50),
)


def damage_bytes(content: bytes, rng: random.Random) -> bytes:
    """Flip, cut, repeat, insert and overwrite some bytes."""
    found = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        place = rng.randrange(len(found) + 1)
        length = rng.choice((1, 1, 2, 4, 8, 64))
        kind = rng.randrange(6)
        if kind == 0 and place < len(found):
            found[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del found[place : place + length]
        elif kind == 2:
            found[place:place] = found[place : place + length]
        elif kind == 3:
            found[place : place + length] = rng.randbytes(length)
        elif kind == 4:
            number = rng.choice((0, 1, 0x7F, 0xFF, 2**31 - 1, 2**32 - 1, 2**63 - 1))
            size = rng.choice((1, 2, 4, 8))
            value = number & (256**size - 1)
            found[place : place + size] = value.to_bytes(size, "little")
        else:
            del found[place:]
    return bytes(found)


def damage_json(content: bytes, rng: random.Random) -> bytes:
    """Replace, remove or repeat some values of a JSON text."""
    tree = json.loads(content)
    for _ in range(rng.choice((1, 1, 2, 3))):
        tree = _damage_value(tree, rng, rng.choice((1, 2, 3, 5, 8)))
    text = json.dumps(tree, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.02:
        depth = rng.choice((100, 3000, 100_000))
        text = '{"a":' * depth + text + "}" * depth
    return text.encode("utf-8", "surrogatepass")


def _damage_value(value: Any, rng: random.Random, depth: int) -> Any:
    if depth and isinstance(value, dict) and value:
        key = rng.choice(list(value))
        changed = dict(value)
        if rng.random() < 0.1:
            del changed[key]
        elif rng.random() < 0.05:
            changed[str(rng.choice(_ODD))] = changed.pop(key)
        else:
            changed[key] = _damage_value(value[key], rng, depth - 1)
        return changed
    if depth and isinstance(value, list) and value:
        place = rng.randrange(len(value))
        changed = list(value)
        if rng.random() < 0.1:
            changed.insert(place, changed[rng.randrange(len(changed))])
        elif rng.random() < 0.1:
            del changed[place]
        else:
            changed[place] = _damage_value(value[place], rng, depth - 1)
        return changed
    if isinstance(value, str) and value and rng.random() < 0.5:
        return damage_bytes(value.encode(), rng).decode("utf-8", "replace")
    return rng.choice(_ODD)


def damage_arrays(content: bytes, rng: random.Random) -> bytes:
    """Give arrays of an npz other values, types or shapes, or rename them."""
    arrays = dict(np.load(BytesIO(content)))
    key = rng.choice(list(arrays))
    array = arrays.pop(key)
    with np.errstate(all="ignore"):
        arrays[key if rng.random() < 0.95 else "other"] = _damage_array(array, rng)
    stored = BytesIO()
    (np.savez if rng.random() < 0.5 else np.savez_compressed)(stored, **arrays)
    return stored.getvalue()


def _damage_array(array: np.ndarray, rng: random.Random) -> np.ndarray:
    kind = rng.randrange(5)
    if kind == 0 and array.size and array.dtype.kind in "fiu":
        changed = array.copy().reshape(-1)
        odd = rng.choice((0, -1, 1e30, np.nan, np.inf, 2**31 - 1))
        if array.dtype.kind != "f":
            odd = rng.choice((0, -1, 2**31 - 1)) if array.dtype.kind == "i" else 0
        changed[rng.randrange(len(changed))] = odd
        return changed.reshape(array.shape)
    if kind == 1:
        return array[:0] if array.ndim else array.reshape(1)
    if kind == 2:
        return array.astype(rng.choice(("U5", "f2", "i8", "c16", "?")), copy=True)
    if kind == 3:
        return array[None]
    return np.zeros(rng.choice(((), (0,), (1,), (3, 3), (10**6,))), "f4")


def damage_columns(content: bytes, rng: random.Random) -> bytes:
    """Give a Parquet file odd values, types and rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(BytesIO(content))
    number = rng.randrange(table.num_columns)
    name = table.column_names[number]
    rows = table[name].to_pylist()
    rows[rng.randrange(len(rows))] = rng.choice(
        (None, -1, 2**31 - 1, 0, "", "x" * 300, b"", b"\xff" * 999, [0.0, 1e30], 1e30)
    )
    with suppress(pa.ArrowException, OverflowError, TypeError):
        made = pa.array(rows, table.schema.field(number).type)
        if rng.random() < 0.3:
            kind = rng.choice((pa.large_string(), pa.string(), pa.int64(), pa.binary()))
            made = made.cast(kind)
        table = table.set_column(number, name, made)
    if rng.random() < 0.1:
        table = pa.concat_tables([table] * rng.choice((2, 500)))
    if rng.random() < 0.1:
        table = table.drop_columns([name])
    stored = BytesIO()
    codec = rng.choice(("none", "snappy", "gzip", "zstd", "lz4"))
    pq.write_table(table, stored, compression=codec)
    found = stored.getvalue()
    return damage_bytes(found, rng) if rng.random() < 0.3 else found


DAMAGE: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "json": damage_json,
    "npz": damage_arrays,
    "parquet": damage_columns,
}


def input_of(reader: Reader, seeds: list[bytes], number: int) -> bytes:
    """Make one input; the same number gives the same input."""
    rng = random.Random(f"{reader.name}:{number}")
    content = rng.choice(seeds)
    by_kind = DAMAGE.get(reader.kind)
    if by_kind is not None and rng.random() < 0.6:
        with suppress(ValueError, TypeError, OverflowError, UnicodeError):
            return by_kind(content, rng)  # numpy and Arrow refuse some of the damage
    return damage_bytes(content, rng)


@dataclass
class Tally:
    """What one reader said."""

    inputs: int = 0
    read: int = 0
    faults: dict[str, int] = field(default_factory=dict[str, int])
    """A number of an input by the kind of its fault."""


def try_one(reader: Reader, content: bytes, place: Path) -> str:
    """Read one input: `read`, `refused`, or the fault."""
    file = place / reader.file
    file.write_bytes(content)
    signal.alarm(SECONDS)
    try:
        with (
            Path(os.devnull).open("w") as nowhere,
            redirect_stdout(nowhere),
            redirect_stderr(nowhere),
        ):
            reader.read(file)
        return "read"
    except SignnetError as error:
        lines = len(str(error).splitlines())
        return "refused" if lines == 1 else f"{lines} lines: {str(error)[:80]!r}"
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)
        ours = [one for one in where if "signnet" in one.filename] or list(where)
        last = ours[-1]
        return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    finally:
        signal.alarm(0)


def _too_slow(*_seen: object) -> None:
    raise TimeoutError


def _work(
    reader: Reader, seeds: list[bytes], place: Path, numbers: range, pipe: Any
) -> None:
    """Read inputs one after the other and tell what became of each."""
    signal.signal(signal.SIGALRM, _too_slow)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, held + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries in C complain there
    for number in numbers:
        before = sorted(place.parent.iterdir())
        found = try_one(reader, input_of(reader, seeds, number), place)
        if sorted(place.parent.iterdir()) != before:
            found = "a file outside the target"
        pipe.send((number, found))
    pipe.send(None)


def run_reader(
    reader: Reader, seeds: list[bytes], numbers: range, deadline: float, tally: Tally
) -> None:
    """Read inputs in workers; one that dies is replaced."""
    context = multiprocessing.get_context("fork")
    first = numbers.start
    while first < numbers.stop and time.monotonic() < deadline:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as made:
            place = Path(made) / "target"
            reader.prepare(place)
            ours, theirs = context.Pipe(duplex=False)
            arguments = (reader, seeds, place, range(first, numbers.stop), theirs)
            worker = context.Process(target=_work, args=arguments)
            worker.start()
            theirs.close()
            first = _listen(ours, worker, first, numbers.stop, deadline, tally)


def _listen(
    pipe: Any, worker: Any, first: int, stop: int, deadline: float, tally: Tally
) -> int:
    """Count what a worker tells; return the number of the next input."""
    while time.monotonic() < deadline:
        if not pipe.poll(3 * SECONDS):
            _note(tally, first, "hangs")
            break
        try:
            told = pipe.recv()
        except EOFError:
            worker.join()
            _note(tally, first, f"the process ended with {worker.exitcode}")
            return first + 1
        if told is None:
            worker.join()
            return stop
        number, found = told
        _note(tally, number, found)
        first = number + 1
    worker.kill()
    worker.join()
    return first + 1


def _note(tally: Tally, number: int, found: str) -> None:
    tally.inputs += 1
    tally.read += found == "read"
    if found not in ("read", "refused"):
        tally.faults.setdefault(found, number)


def run_atheris(reader: Reader, seeds: list[bytes]) -> None:
    """Let atheris damage the inputs of one reader until it finds a fault."""
    try:
        import atheris
    except ModuleNotFoundError:
        sys.exit(
            "atheris is not installed; `pip install atheris` (Python 3.11 to 3.13)"
        )
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    reader.prepare(folder / "target")
    (folder / "seeds").mkdir()
    for number, seed in enumerate(seeds):
        (folder / "seeds" / str(number)).write_bytes(seed)
    signal.signal(signal.SIGALRM, _too_slow)

    def one(content: bytes) -> None:
        found = try_one(reader, content, folder / "target")
        if found not in ("read", "refused"):
            raise RuntimeError(found)

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], str(folder / "seeds"), "-timeout=10"], one)
    atheris.Fuzz()


def _report(tallies: dict[str, Tally], seconds: float) -> int:
    total = sum(one.inputs for one in tallies.values())
    faults = sum(len(one.faults) for one in tallies.values())
    for name, one in tallies.items():
        print(f"{name}: {one.inputs} inputs, {one.read} could be read")
        for fault, number in one.faults.items():
            print(f"FAULT {name}, input {number}: {fault}")
    print(f"{total} inputs in {seconds:.0f} s, {faults} kinds of fault", flush=True)
    return int(bool(faults))


def main() -> None:
    """Damage, read, count; the status is 1 if a reader did not just refuse."""
    parser = ArgumentParser("python trust/fuzz.py", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="default: 60")
    parser.add_argument("--inputs", type=int, help="this number of inputs instead")
    parser.add_argument(
        "--first", type=int, default=0, help="number of the first input"
    )
    parser.add_argument("--only", help="readers to try, separated by commas")
    parser.add_argument("--engine", choices=("own", "atheris"), default="own")
    options = parser.parse_args()
    wanted = options.only.split(",") if options.only else [r.name for r in READERS]
    readers = [one for one in READERS if one.name in wanted]
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-seeds-"))
    try:
        seeds = make_seeds(folder, readers)
        if options.engine == "atheris":
            run_atheris(readers[0], seeds[readers[0].name])
        sys.exit(_fuzz(readers, seeds, options, begun))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fuzz(
    readers: list[Reader], seeds: dict[str, list[bytes]], options: Any, begun: float
) -> int:
    """Give each reader the same time in turn, so that a stopped run has tried all.

    Inputs of small files are read a hundred times as fast as those of large ones; a
    run that counts inputs gives each reader at least a hundredth of them.
    """
    tallies = {one.name: Tally() for one in readers}
    wanted = options.inputs or 10**12
    last = begun + (10**9 if options.inputs else options.seconds)
    turn = _TURN if options.inputs else min(_TURN, options.seconds / len(readers))
    first = {one.name: options.first for one in readers}
    while time.monotonic() < last and not _enough(tallies, wanted):
        for reader in readers:
            tally, start = tallies[reader.name], first[reader.name]
            until = min(last, time.monotonic() + turn)
            numbers = range(start, start + 10**9)
            run_reader(reader, seeds[reader.name], numbers, until, tally)
            first[reader.name] = options.first + tally.inputs
        if options.inputs:
            _report(tallies, time.monotonic() - begun)
    return _report(tallies, time.monotonic() - begun)


def _enough(tallies: dict[str, Tally], wanted: int) -> bool:
    counts = [one.inputs for one in tallies.values()]
    return sum(counts) >= wanted and min(counts) >= wanted / 100


if __name__ == "__main__":
    main()
