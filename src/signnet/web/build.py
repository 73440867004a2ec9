"""The page that recognises signs in a browser, as files for any static host.

The large files are packed (.gz) and named after their content: many hosts do not
compress types that they do not know, and a browser may keep such a file for ever. All
addresses are relative. `docs/design.md` says how the page works.
"""

import gzip
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from signnet.dataset import Progress, no_progress
from signnet.errors import ModelError
from signnet.recognise.stream import StreamSettings
from signnet.recognise.taught_file import TAUGHT
from signnet.skeleton import BONES, BROWS, EYES, LIPS, PARTS
from signnet.web.folder import INDEX, check_place, digest_of, replaced_at_once
from signnet.web.motions import pack_motions
from signnet.web.parts import VENDOR, WEB, Parts

__all__ = ["Site", "write_site"]

_LEVEL = 6
"""Compression level; 9 takes twice as long and saves one part in a thousand."""

_DRAFT = 'const VERSION = "draft";'
"""Line of the service worker that is replaced by the version."""


_GALLERY = "gallery"
"""The large file that a first visit does not load."""


@dataclass(frozen=True)
class Site:
    """Summary of a site that was written."""

    folder: Path
    files: int
    words: int
    """Glosses that the page answers, with those that `taught.json` adds."""

    motions: int
    """Glosses with a motion of the model's; taught words bring their own."""

    download: int
    """Bytes of a first visit, packed."""


def write_site(
    out: Path,
    model: str = "bdsl55",
    clips: Path | None = None,
    progress: Progress = no_progress,
) -> Site:
    """Write the page, what it runs on and one model into a folder.

    Parameters
    ----------
    out
        A new or empty folder, or an earlier site, which is replaced if it is unchanged.
        Nothing is left of a site that could not be finished.
    model
        A run folder, an exported folder, or the name of a shipped model.
    clips
        A dataset whose average motions the words' pages show, for a model that has no
        motions of its own. Its words that the model does not know become a gallery, in
        which the page finds a word by its sign; this takes up to 0.1 s a clip.
    progress
        Callback `(done, total)` before each of these clips.

    Raises
    ------
    ModelError
        If the model, the landmark models or the browser files are missing.
    SettingsError
        If the folder holds something else, or cannot be written.
    DatasetError
        If the clips cannot be read.
    """
    parts = Parts.gather(model, clips, progress)
    check_place(out)
    with replaced_at_once(out) as draft:
        download = _fill(draft, parts)
        count = sum(1 for file in draft.rglob("*") if file.is_file())
    return Site(out, count, len(parts.glosses), len(parts.motions), download)


def _fill(draft: Path, parts: Parts) -> int:
    """Write all files of a site and return the bytes of a first visit."""
    ignored = shutil.ignore_patterns("*.md", ".*")
    shutil.copytree(WEB / "page", draft, dirs_exist_ok=True, ignore=ignored)
    (draft / "vendor").mkdir()
    for name in VENDOR:
        shutil.copyfile(WEB / "vendor" / name, draft / "vendor" / name)
    _write_json(draft / "model.json", _page_card(parts))
    _write_json(draft / "words.json", parts.words)
    _write_json(draft / "stream.json", _stream_settings(parts))
    _write_json(draft / "skeleton.json", _skeleton())
    if parts.taught is not None:
        (draft / TAUGHT).write_text(parts.taught, "utf-8", newline="")
    large = {name: path.read_bytes() for name, path in parts.large.items()}
    large["motions"] = pack_motions(parts.motions)
    if parts.gallery is not None:
        large[_GALLERY] = parts.gallery
    if parts.anchors is not None:
        large["anchors"] = parts.anchors.astype("<f4").tobytes()
    (draft / "large").mkdir()
    stored = {name: _store(draft, name, content) for name, content in large.items()}
    shell = _shell(draft)
    version = _version(draft, shell, stored)
    worker = draft / "service-worker.js"
    code = worker.read_text("utf-8")
    if _DRAFT not in code:
        raise ModelError("service-worker.js has no place for its version; reinstall")
    worker.write_text(code.replace(_DRAFT, f'const VERSION = "{version}";'), "utf-8")
    files = (path for path in sorted(draft.rglob("*")) if path.is_file())
    written = {path.relative_to(draft).as_posix(): digest_of(path) for path in files}
    index = {"version": version, "large": stored, "shell": shell, "written": written}
    _write_json(draft / INDEX, index)
    first = [entry for name, entry in stored.items() if name != _GALLERY]
    return sum(entry["bytes"] for entry in first) + sum(
        len(gzip.compress((draft / name).read_bytes())) for name in shell
    )


def _store(draft: Path, name: str, content: bytes) -> dict[str, Any]:
    """Write a packed file and return how the page finds and checks it."""
    digest = hashlib.sha256(content).hexdigest()
    packed = gzip.compress(content, _LEVEL, mtime=0)
    path = f"large/{name}.{digest[:12]}.gz"
    (draft / path).write_bytes(packed)
    return {"path": path, "bytes": len(packed), "sha256": digest}


def _shell(draft: Path) -> list[str]:
    """List what a visit needs at once, and what works offline from then on."""
    paths = sorted(
        path.relative_to(draft).as_posix()
        for path in draft.rglob("*")
        if path.is_file() and path.suffix not in (".gz", ".txt")
    )
    return [path for path in paths if path != "service-worker.js"]


def _version(draft: Path, shell: list[str], stored: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(stored, sort_keys=True).encode())
    for path in shell:
        digest.update(path.encode() + b"\0" + (draft / path).read_bytes())
    return digest.hexdigest()[:12]


def _write_json(path: Path, content: Any) -> None:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text, encoding="utf-8")


def _page_card(parts: Parts) -> dict[str, Any]:
    """Return what the page needs of a model's card; its list of clips is too long."""
    kept = ("name", "created", "vocabulary", "abstain_below", "parameters", "held_out")
    known = {key: getattr(parts.card, key) for key in (*kept, "metrics")} | {
        "embedding": parts.embedding,
        "clips": len(parts.card.trained_on),
        "people": len({signer for _, signer, _ in parts.card.trained_on if signer}),
    }
    return {key: one for key, one in known.items() if one is not None}


def _stream_settings(parts: Parts) -> dict[str, Any]:
    return asdict(StreamSettings(abstain_below=parts.card.abstain_below))


def _skeleton() -> dict[str, Any]:
    return {
        "parts": {part.name: [part.start, part.stop] for part in PARTS.values()},
        "bones": BONES,
        "face": {"lips": sorted(LIPS), "eyes": sorted(EYES), "brows": sorted(BROWS)},
    }
