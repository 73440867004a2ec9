"""Kill signnet while it writes, and see that nothing is lost or taken for whole.

`python trust/kills.py` kills each work of `works.py` at some of its writes, renames,
unlinks and fsyncs, and at random moments; `--long` at nearly all. After each kill the
output is read as a user would: it must be refused, or be what was there before, or be
whole. Then the work is run again: it must end well, with exactly what an undisturbed
run writes, and leave no other file. Other faults follow: a full disk, a folder that
cannot be written, an input that is gone, a clock that jumps, and two runs at once.
"""

import ctypes
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LIMIT_SECONDS = 300.0

LATER = (
    *("pandas", "signnet.api.evaluate", "signnet.evaluation.evaluation"),
    *("signnet.reports.evaluation", "signnet.reports.learning"),
    *("signnet.training.run", "signnet.training.pretrain", "signnet.api.demo"),
    *("sklearn.linear_model", "tensorboard.summary", "onnxscript", "torch._dynamo"),
)
"""What commands import when they need it; a forked process finds it there."""


@dataclass
class Counts:
    """What the harness did."""

    kills: dict[str, int] = field(default_factory=dict[str, int])
    others: dict[str, int] = field(default_factory=dict[str, int])
    refused: int = 0
    earlier: int = 0
    whole: int = 0
    faults: list[str] = field(default_factory=list[str])

    def fault(self, text: str) -> None:
        """Note a fault, and show it at once."""
        self.faults.append(text)
        print(f"FAULT {text}", flush=True)


class Child:
    """A forked process that runs a function; it may be killed at any point."""

    def __init__(
        self, function: Callable[[], Any], root: Path, at: int = 0, log: int = -1
    ) -> None:
        self.pipe, end = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(end)
            return
        os.setpgid(0, 0)
        if at or log >= 0:
            _faults().trust_arm(os.fsencode(root), at, log)
        os.write(end, pickle.dumps(_outcome(function)))
        os._exit(0)

    def end(self, seconds: float = LIMIT_SECONDS) -> tuple[str, Any]:
        """Wait, kill after some seconds, and return what became of it."""
        deadline = time.monotonic() + seconds
        content = b""
        os.set_blocking(self.pipe, False)
        while True:
            with suppress(BlockingIOError):
                while part := os.read(self.pipe, 65536):
                    content += part
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                with suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
                _, status = os.waitpid(self.pid, 0)
                break
            time.sleep(0.002)
        with suppress(BlockingIOError):
            while part := os.read(self.pipe, 65536):
                content += part
        os.close(self.pipe)
        if os.WIFSIGNALED(status):
            return f"signal {os.WTERMSIG(status)}", None
        return pickle.loads(content)  # our own child wrote it


def _outcome(function: Callable[[], Any]) -> tuple[str, Any]:
    from signnet.errors import SignnetError

    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    try:
        return "done", function()
    except SignnetError as error:
        return "refused", str(error)
    except BaseException as error:
        import traceback

        where = traceback.format_exc().strip().splitlines()[-3:]
        return "traceback", f"{type(error).__name__}: {' / '.join(where)}"


def _faults() -> ctypes.CDLL:
    return ctypes.CDLL(os.environ["LD_PRELOAD"])


def _names(folder: Path) -> list[str]:
    volatile = ("events.out", ".matplotlib")
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.name.startswith(volatile)
    )


class Trial:
    """One work with its inputs, and what an undisturbed run of it gives."""

    def __init__(self, work: Any, inputs: Path, place: Path, counts: Counts) -> None:
        self.work, self.inputs, self.counts = work, inputs, counts
        self.place = place / work.name.replace(" ", "-")
        self.kept = self.place.with_suffix(".earlier")
        self.earlier = ""
        self.kept.mkdir()
        if work.earlier:
            self.place.mkdir()
            self._run(write=work.earlier).end()
            self.kept.rmdir()
            self.place.rename(self.kept)
        self._empty()
        self.earlier = self._read()[1] if work.earlier else ""
        log = os.open(place / "points", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        begun = time.monotonic()
        kind, what = self._run(log=log).end()
        self.seconds = time.monotonic() - begun
        if kind != "done":
            raise RuntimeError(f"{work.name} undisturbed: {kind} {what}")
        os.close(log)
        self.points = (place / "points").read_text().split()
        kind, self.whole = self._read()
        self.names = _names(self.place)
        if kind != "done" or self.whole == self.earlier:
            raise RuntimeError(f"{work.name} cannot be read: {kind} {self.whole}")

    def _empty(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.kept, self.place)

    def _run(self, at: int = 0, log: int = -1, write: Any = None) -> Child:
        write = write or self.work.write
        out = self.place / "out"
        return Child(lambda: bool(write(self.inputs, out)), self.place, at, log)

    def _read(self) -> tuple[str, Any]:
        out = self.place / "out"
        return Child(lambda: self.work.read(self.inputs, out), self.place).end()

    def kill_at(self, point: int) -> None:
        """Kill a run at a point, from 1, and check what is left."""
        self._empty()
        kind, _ = self._run(at=point).end()
        self._judge(kind, self.points[point - 1], f"point {point}")

    def kill_after(self, seconds: float) -> None:
        """Kill a run after some seconds, and check what is left."""
        self._empty()
        kind, _ = self._run().end(seconds)
        self._judge(kind, "at random", f"after {seconds:.3f} s")

    def _judge(self, kind: str, how: str, where: str) -> None:
        label = f"{self.work.name}, {how}, {where}"
        if kind != "signal 9":
            if kind == "traceback":
                self.counts.fault(f"{label}: {kind}")
            return  # it was done before
        kills = self.counts.kills
        kills[self.work.name] = kills.get(self.work.name, 0) + 1
        state, found = self._read()
        if state == "refused":
            self.counts.refused += 1
        elif state == "done" and found == self.whole:
            self.counts.whole += 1
        elif state == "done" and found == self.earlier:
            self.counts.earlier += 1
        else:
            self.counts.fault(f"{label}: read as {state} {str(found)[:200]}")
        self._complete(label, is_whole=found == self.whole)

    def _complete(self, label: str, *, is_whole: bool = False) -> None:
        """Run again; what is whole already may be refused."""
        state, what = self._run().end()
        if state != "done" and not (state == "refused" and is_whole):
            self.counts.fault(f"{label}: the next run: {state} {what}")
            return
        state, found = self._read()
        if (state, found) != ("done", self.whole):
            self.counts.fault(f"{label}: another result after the next run")
        if not is_whole and self._other_names():
            self.counts.fault(f"{label}: left {self._other_names()[:5]}")

    def _other_names(self) -> list[str]:
        """List files that an undisturbed run does not leave; shards may be renamed."""
        found = _names(self.place)
        if self.work.name.startswith("import"):
            strange = [one for one in found if "hands-npz-" not in one]
            return [one for one in strange if one not in self.names]
        return sorted(set(found) ^ set(self.names))

    def two_at_once(self) -> None:
        """Stop a run in its middle: a second one into the same place is refused."""
        self._empty()
        first = self._run(at=-max(1, len(self.points) // 2))
        os.waitpid(first.pid, os.WUNTRACED)
        state, what = self._run().end()
        os.kill(first.pid, signal.SIGCONT)
        end, _ = first.end()
        label = f"{self.work.name}, two at once"
        self._count("two at once")
        if self.work.name != "split" and (state != "refused" or "another" not in what):
            self.counts.fault(f"{label}: the second: {state} {what}")
        if end != "done" or self._read()[1] != self.whole:
            self.counts.fault(f"{label}: the first: {end}")

    def vanished_input(self) -> None:
        """Take an input away; the run says so in one line."""
        gone = self.inputs / self.work.taken_away
        away = gone.with_name("away")
        self._empty()
        gone.rename(away)
        try:
            state, what = self._run().end()
        finally:
            away.rename(gone)
        self._count("vanished input")
        if state not in ("refused", "done"):
            self.counts.fault(f"{self.work.name}, vanished input: {what}")
        self._complete(f"{self.work.name}, vanished input")

    def jumping_clock(self) -> None:
        """Let the clock jump by days, back and forth."""

        def write(inputs: Path, out: Path) -> object:
            real, rng = time.time, random.Random(0)
            time.time = lambda: real() + 86400 * rng.uniform(-3, 3)
            return self.work.write(inputs, out)

        self._empty()
        state, what = self._run(write=write).end()
        self._count("jumping clock")
        if state != "done" or self._read()[1] != self.whole:
            self.counts.fault(f"{self.work.name}, jumping clock: {what}")

    def full_disk(self, kilobytes: int, options: str, kind: str) -> None:
        """Give the output a small disk, or one that cannot be written."""
        self._empty()
        disk = self.place / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k{options}", "none"]
        if subprocess.run([*mount, disk], capture_output=True, check=False).returncode:
            print(f"{kind}: left out, mounting is not permitted here")
            return
        try:
            out = disk / "out"
            run = Child(lambda: bool(self.work.write(self.inputs, out)), self.place)
            state, what = run.end()
            read = Child(lambda: self.work.read(self.inputs, out), self.place).end()
            left = _names(disk)
        finally:
            subprocess.run(["umount", disk], check=True)
        self._count(kind)
        label = f"{self.work.name}, {kind} of {kilobytes} kB"
        if state == "traceback" or (state == "refused" and "\n" in what):
            self.counts.fault(f"{label}: {state} {what}")
        if state == "refused" and read[0] == "done":
            self.counts.fault(f"{label}: half of it was read as whole")
        if state == "refused" and any(".tmp" in one for one in left):
            self.counts.fault(f"{label}: left {left}")

    def _count(self, kind: str) -> None:
        self.counts.others[kind] = self.counts.others.get(kind, 0) + 1


def _chosen(points: int, most: int, rng: random.Random) -> list[int]:
    everything = list(range(1, points + 1))
    if points <= most:
        return everything
    ends = [1, points, points - 1]
    return sorted({*ends, *rng.sample(everything, most - len(ends))})


def _try_work(trial: Trial, long: bool, rng: random.Random) -> None:
    most = (16 if trial.work.slow else 60) if long else (3 if trial.work.slow else 8)
    for point in _chosen(len(trial.points), most, rng):
        trial.kill_at(point)
    for _ in range(most // 3):
        trial.kill_after(rng.uniform(0.02, trial.seconds))
    trial.two_at_once()
    if long or not trial.work.slow:
        if trial.work.name != "enrol":  # a taught clip states its date
            trial.jumping_clock()
        if trial.work.taken_away:
            trial.vanished_input()
        for kilobytes in (4, 64, 512):
            trial.full_disk(kilobytes, "", "full disk")
        trial.full_disk(64, ",ro", "read-only")


def _compile(folder: Path) -> Path:
    library = folder / "faults.so"
    command = [
        "cc",
        "-shared",
        "-fPIC",
        "-O1",
        "-o",
        library,
        HERE / "faults.c",
        "-ldl",
    ]
    subprocess.run(command, check=True)
    return library


def _again_with_faults() -> None:
    """Start this program once more, with the library that kills it."""
    if sys.platform != "linux" or not shutil.which("cc"):
        print("kills: left out, they need Linux and a C compiler (cc)")
        sys.exit(0)
    with tempfile.TemporaryDirectory(prefix="trust-") as made:
        environment = os.environ | {"LD_PRELOAD": str(_compile(Path(made)))}
        command = [sys.executable, *sys.argv]
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)


def _summary(counts: Counts, seconds: float) -> int:
    kills = ", ".join(f"{name} {n}" for name, n in counts.kills.items())
    others = ", ".join(f"{name} {n}" for name, n in counts.others.items())
    print(f"{sum(counts.kills.values())} kills while the work was under way: {kills}")
    print(
        f"read afterwards: refused {counts.refused}, as before {counts.earlier}, whole "
        f"{counts.whole}; other faults: {others}; {seconds:.0f} s"
    )
    print(f"{len(counts.faults)} faults")
    return int(bool(counts.faults))


def main() -> None:
    """Kill, check, count; the status is 1 if anything was lost."""
    parser = ArgumentParser("python trust/kills.py", description=__doc__)
    parser.add_argument("--long", action="store_true", help="nearly all points")
    parser.add_argument("--only", help="works to try, separated by commas")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if "faults.so" not in os.environ.get("LD_PRELOAD", ""):
        _again_with_faults()
    import works

    for name in LATER:
        with suppress(ImportError):
            import_module(name)
    begun, counts, rng = time.monotonic(), Counts(), random.Random(options.seed)
    wanted = options.only.split(",") if options.only else [w.name for w in works.WORKS]
    with tempfile.TemporaryDirectory(prefix="trust-") as made:
        inputs, place = Path(made) / "inputs", Path(made) / "place"
        inputs.mkdir()
        place.mkdir()
        Child(lambda: works.make_inputs(inputs), inputs).end()
        if any("export" in name for name in wanted):
            Child(lambda: works.make_runs(inputs), inputs).end()
        for work in works.WORKS:
            if work.name not in wanted:
                continue
            if work.missing == "videos" and (reason := works.make_videos(inputs)):
                print(f"{work.name}: left out ({reason})")
                continue
            try:
                trial = Trial(work, inputs, place, counts)
            except RuntimeError as error:
                if work.missing == "page" and "refused" in str(error):
                    print(f"{work.name}: left out ({error})")
                else:
                    counts.fault(str(error))
                continue
            _try_work(trial, options.long, rng)
            found = counts.kills.get(work.name, 0)
            print(
                f"{work.name}: {len(trial.points)} points, {found} kills, "
                f"{len(counts.faults)} faults so far",
                flush=True,
            )
    sys.exit(_summary(counts, time.monotonic() - begun))


if __name__ == "__main__":
    main()
