"""How far the landmarks of other tools lie from our own extraction of the same film.

    python benchmarks/importers.py --data FORMATS [--model bdsl55]

FORMATS is a folder that holds films beside other tools' results of them, as `FILMS`
below lists. Each file is imported with the film's size and rate, frame by frame; a
distance is that of one joint in one frame, in our shoulder widths of the clip. The
tables show its median and 95th percentile by part, and what the model and the base
make of each.
"""

import argparse
from pathlib import Path

import numpy as np

from signnet.clip import Clip
from signnet.formats import ImportSettings, read
from signnet.recognise.inputs import read_one
from signnet.recognise.recogniser import Answer, Recogniser
from signnet.skeleton import PARTS, index

FILMS = {
    "SOUP": ("mmpose_coco_wholebody/SOUP.mp4", (320, 240)),
    "FOOTBALL": ("mmpose_coco_wholebody/FOOTBALL.mp4", (640, 360)),
    "OpenPose's sample": ("openpose_json/video.mp4", (1280, 720)),
}
"""Films by name, with the width and height of their pictures."""

OTHERS = {
    "SOUP": {
        "MMPose's JSON": ("coco-wholebody", "mmpose_coco_wholebody/SOUP.json"),
        "MMPose's .pose": ("pose", "mmpose_coco_wholebody/SOUP.mmpose.pose"),
    },
    "FOOTBALL": {
        "MMPose's JSON": ("coco-wholebody", "mmpose_coco_wholebody/FOOTBALL.json"),
        "MMPose's .pose": ("pose", "mmpose_coco_wholebody/FOOTBALL.mmpose.pose"),
        "MediaPipe's .pose": ("pose", "mmpose_coco_wholebody/FOOTBALL.mediapipe.pose"),
    },
    "OpenPose's sample": {"OpenPose's JSON": ("openpose", "openpose_json")},
}

ARMS = [
    index(f"{side}_{joint}")
    for side in ("left", "right")
    for joint in ("shoulder", "elbow", "wrist")
]
JOINTS = {
    "shoulders, arms": ARMS,
    "left hand": list(range(553))[PARTS["left_hand"].joints],
    "right hand": list(range(553))[PARTS["right_hand"].joints],
}


def main() -> None:
    """Print a table of distances, and one of the model's answers."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--model", default="bdsl55")
    given = asked.parse_args()
    model, base = Recogniser.open(given.model), Recogniser.open("base")
    ours = {film: read_one(given.data / place) for film, (place, _) in FILMS.items()}
    known = {film: embedding(base, clip) for film, clip in ours.items()}
    distances, answers = list[str](), list[str]()
    for film, (_, size) in FILMS.items():
        settings = ImportSettings(size=size, fps=ours[film].fps)
        first = model.recognise(ours[film])
        answers.append(row(film, "our extraction", *answer(first, first), film, "1"))
        for tool, (form, path) in OTHERS[film].items():
            (theirs,) = read(given.data / path, form, settings)
            near = [distance(ours[film], theirs, joints) for joints in JOINTS.values()]
            distances.append(row(film, tool, *near))
            told = answer(model.recognise(theirs), first)
            answers.append(row(film, tool, *told, *nearest(base, theirs, known)))
    print(head("film", "file", *JOINTS), *distances, sep="\n")
    titles = ("film", "file", "gloss", "probability", "of our best five")
    found = ("nearest extraction by the base", "similarity")
    print("", head(*titles, *found), *answers, sep="\n")


def nearest(
    base: Recogniser, clip: Clip, known: dict[str, np.ndarray]
) -> tuple[str, str]:
    """Return the film whose extraction is nearest to a clip, and the similarity."""
    vector = embedding(base, clip)
    similarity = {film: float(vector @ other) for film, other in known.items()}
    best = max(similarity, key=similarity.__getitem__)
    return best, f"{similarity[best]:.2f}"


def head(*cells: str) -> str:
    """Return the first two lines of a table."""
    return f"{row(*cells)}\n{row(*('---' for _ in cells))}"


def row(*cells: str) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(cells)} |"


def answer(found: Answer, first: Answer) -> tuple[str, str, str]:
    """Return the gloss, its probability and how many of the best five agree."""
    ours = {one.gloss for one in first.top}
    shared = sum(one.gloss in ours for one in found.top)
    return found.gloss, f"{found.probability:.2f}", f"{shared} of {len(found.top)}"


def embedding(base: Recogniser, clip: Clip) -> np.ndarray:
    """Return the base's embedding of a clip, of length 1."""
    vector = base.see(clip.evenly_timed().landmarks).embedding
    return vector / np.linalg.norm(vector)


def distance(ours: Clip, theirs: Clip, joints: list[int]) -> str:
    """Return median and 95th percentile of distances, and where both see the joint."""
    frames = min(len(ours), len(theirs))
    one, other = (c.landmarks[:frames, :, :2] for c in (ours, theirs))
    width = np.nanmedian(
        np.linalg.norm(
            one[:, index("left_shoulder")] - one[:, index("right_shoulder")], axis=-1
        )
    )
    apart = np.linalg.norm(one[:, joints] - other[:, joints], axis=-1) / width
    seen = np.isfinite(apart)
    if not seen.any():
        return "not seen by both"
    middle, high = np.percentile(apart[seen], [50, 95])
    return f"{middle:.3f} ({high:.3f}) in {seen.mean():.0%}"


if __name__ == "__main__":
    main()
