"""The people of each picture in the JSON that MMPose, AlphaPose and COCO write.

- MMPose's inferencer: a list of {"frame_id", "instances": [person]} for a film, a list
  of people for a picture; its demos: the same as "instance_info";
- MMPose's inferencer from Python, dumped: a list of {"predictions": [[person]]};
- MMPose 0.x: a list of pictures, each a list of people;
- COCO's results (HRNet, AlphaPose): a list of people with "image_id"; AlphaPose's may
  be "frames" beside "metadata";
- COCO's annotations: people with "image_id" as "annotations" beside "images".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from signnet.errors import MediaError

__all__ = ["Film", "Picture", "film_of"]

_EXPECTED = (
    "expected a list of frames or of people, or an object with instance_info, "
    "annotations or frames, as MMPose, AlphaPose and COCO write them"
)

_MOST_PEOPLE = 100
_NAMES = ("image_id", "frame_id", "frame", "image_name", "file_name", "image_path")


@dataclass
class Picture:
    """The people of one picture, as JSON has them."""

    number: int | None
    """Of the frame; None if the file does not tell."""

    people: list[Any]


@dataclass
class Film:
    """The pictures of one file, and what else it states."""

    pictures: list[Picture]
    size: tuple[int, int] | None = None
    """Width and height of the pictures in pixels."""

    fps: float | None = None
    alike: bool = field(default=False)
    """Whether the file lists people without a number: those of one picture."""


def film_of(content: Any, label: str) -> Film:
    """Sort the people of a file into pictures.

    Raises
    ------
    MediaError
        If it is none of the layouts, or shows another tool's.
    """
    if isinstance(content, dict):
        return _object(content, label)
    if isinstance(content, list):
        return _list(content, label)
    raise MediaError(f"{label}: {_EXPECTED}")


def _object(content: dict[str, Any], label: str) -> Film:
    for key in ("instance_info", "predictions"):
        if isinstance(content.get(key), list):
            return _list(content[key], label)
    if isinstance(content.get("annotations"), list):
        return _annotations(content, label)
    if isinstance(content.get("frames"), list):
        film = _list(content["frames"], label)
        about = content.get("metadata")
        about = about if isinstance(about, dict) else {}
        film.size, film.fps = _size(about), _rate(about.get("fps"))
        return film
    if "people" in content or "bodies" in content:
        raise MediaError(f"{label}: OpenPose's layout; import it as openpose")
    if "instances" in content or "keypoints" in content:
        return _list([content], label)
    raise MediaError(f"{label}: {_EXPECTED}")


def _list(content: list[Any], label: str) -> Film:
    if content and all(isinstance(entry, list) for entry in content):
        people = [Picture(n, _people(one, label)) for n, one in enumerate(content)]
        return Film(people)  # MMPose 0.x
    if not all(isinstance(entry, dict) for entry in content):
        raise MediaError(f"{label}: {_EXPECTED}")
    if any("people" in entry for entry in content):
        raise MediaError(f"{label}: OpenPose's layout; import it as openpose")
    if any("predictions" in entry for entry in content):
        found = [one for entry in content for one in _results(entry, label)]
        return Film([Picture(n, people) for n, people in enumerate(found)])
    if any("instances" in entry for entry in content):
        return Film(_frames(content, label))
    if all(_name(entry) is not None for entry in content) and content:
        return Film(_by_number(content, label))
    return Film([Picture(None, _people(content, label))], alike=len(content) > 1)


def _frames(content: list[dict[str, Any]], label: str) -> list[Picture]:
    """Read MMPose's frames; those without an id follow the one before."""
    pictures, found, number = list[Picture](), set[int](), -1
    for entry in content:
        named = _name(entry)
        number = number + 1 if named is None else _number(named, label)
        if number in found:
            raise MediaError(f"{label}: frame {number} is there twice; write one clip")
        found.add(number)
        pictures.append(Picture(number, _people(entry.get("instances"), label)))
    return pictures


def _results(entry: dict[str, Any], label: str) -> Iterable[list[Any]]:
    """Return the people of each picture in one result of MMPose's inferencer."""
    found = entry.get("predictions")
    if not isinstance(found, list):
        raise MediaError(f"{label}: predictions are not a list")
    nested = any(isinstance(one, list) for one in found)
    return [_people(one, label) for one in found] if nested else [_people(found, label)]


def _by_number(people: list[dict[str, Any]], label: str) -> list[Picture]:
    _refuse_folders([str(_name(person)) for person in people], label)
    by_number: dict[int, list[Any]] = {}
    for person in people:
        by_number.setdefault(_number(_name(person), label), []).append(person)
    return [Picture(n, _people(found, label)) for n, found in by_number.items()]


def _annotations(content: dict[str, Any], label: str) -> Film:
    """Read COCO's annotations; a picture without people shows nobody."""
    images = content.get("images")
    images = [one for one in images or () if isinstance(one, dict) and "id" in one]
    names = [str(one.get("file_name", one["id"])) for one in images]
    _refuse_folders(names, label)
    numbers = {_key(one["id"]): n for n, one in enumerate(images)}
    counted = [re.search(r"(\d{1,12})\D*$", name) for name in names]
    if images and all(counted):
        found = [int(match[1]) for match in counted if match]
        if len(set(found)) == len(found):
            numbers = dict(zip(numbers, found, strict=True))
    pictures = {n: Picture(n, []) for n in numbers.values()}
    for person in content["annotations"]:
        if not isinstance(person, dict):
            raise MediaError(f"{label}: an annotation is not an object; {_EXPECTED}")
        name = person.get("image_id")
        number = numbers.get(_key(name))
        number = _number(name, label) if number is None else number
        pictures.setdefault(number, Picture(number, [])).people.append(person)
    sizes = {_size(one) for one in images}
    return Film([*pictures.values()], size=sizes.pop() if len(sizes) == 1 else None)


def _refuse_folders(names: Iterable[str], label: str) -> None:
    """Refuse pictures of several folders: they are those of several clips."""
    folders = {name.rpartition("/")[0] for name in names}
    if len(folders) > 1:
        raise MediaError(
            f"{label}: pictures in {len(folders)} folders; expected one clip per file, "
            "so write one file for each folder"
        )


def _key(name: Any) -> str:
    return str(name)[:200]


def _people(people: Any, label: str) -> list[Any]:
    if isinstance(people, dict):
        people = [people]
    if not isinstance(people, list):
        raise MediaError(f"{label}: instances are not a list; {_EXPECTED}")
    return people[:_MOST_PEOPLE]


def _name(entry: dict[str, Any]) -> Any:
    """Return what tells the frame of an entry; None if nothing does."""
    return next((entry[key] for key in _NAMES if entry.get(key) is not None), None)


def _number(frame: Any, label: str) -> int:
    """Read the frame's number: 12, or the last digits of a picture's name."""
    if isinstance(frame, str) and (found := re.search(r"(\d{1,12})\D*$", frame)):
        return int(found[1])
    if type(frame) is int:
        return frame
    if type(frame) is float and frame.is_integer():  # pandas writes 12.0
        return int(frame)
    raise MediaError(f"{label}: a frame has no number, but {str(frame)[:40]!r}")


def _size(about: dict[str, Any]) -> tuple[int, int] | None:
    sides = about.get("width"), about.get("height")
    whole = all(type(side) is int and 0 < side <= 100_000 for side in sides)
    return (sides[0], sides[1]) if whole else None  # pyright: ignore[reportReturnType]


def _rate(fps: Any) -> float | None:
    number = isinstance(fps, int | float) and not isinstance(fps, bool)
    return float(fps) if number and 0 < fps < 1000 else None
