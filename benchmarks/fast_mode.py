"""How many pictures a second the local fast mode answers.

    signnet serve --port 8000
    python benchmarks/fast_mode.py VIDEO [--address ws://127.0.0.1:8000/v1/stream]

Sends the video's frames as JPEGs, each after the answer to the one before, and prints
the rate, the time from sending to the answer, and the words that came back.
"""

import argparse
import json
import struct
import time
from pathlib import Path

import cv2
import numpy as np
from websockets.sync.client import connect


def main() -> None:
    """Measure and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", type=Path)
    parser.add_argument("--address", default="ws://127.0.0.1:8000/v1/stream")
    parser.add_argument("--height", type=int, default=480)
    parser.add_argument("--rounds", type=int, default=4)
    asked = parser.parse_args()
    pictures = list(jpegs(asked.video, asked.height)) * asked.rounds
    with connect(asked.address, max_size=None) as socket:
        vocabulary = json.loads(socket.recv())["vocabulary"]
        taken, events = list[float](), list[dict[str, object]]()
        for number, picture in enumerate(pictures):
            started = time.perf_counter()
            socket.send(struct.pack("<d", number / 30) + picture)
            events += json.loads(socket.recv())["events"]
            taken.append(time.perf_counter() - started)
    steady = np.array(taken[10:])
    low, middle, high = np.quantile(steady, (0.05, 0.5, 0.95)) * 1000
    size = np.mean([len(picture) for picture in pictures]) / 1000
    print(
        f"{len(pictures)} pictures of {size:.0f} kB: {1 / steady.mean():.1f} a second"
    )
    print(
        f"from sending to the answer: {middle:.0f} ms, 5 % {low:.0f}, 95 % {high:.0f}"
    )
    said = [vocabulary[one["index"]] for one in events if one["kind"] == "sign"]  # type: ignore[call-overload]
    print(f"events: {len(events)}; words: {', '.join(said) or 'none'}")


def jpegs(video: Path, height: int) -> list[bytes]:
    """Read a video's frames as JPEGs of a given height."""
    capture, found = cv2.VideoCapture(str(video)), list[bytes]()
    while True:
        there, frame = capture.read()
        if not there:
            return found
        width = round(frame.shape[1] * height / frame.shape[0])
        small = cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
        packed = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
        found.append(packed.tobytes())


if __name__ == "__main__":
    main()
