"""Write a corpus of invented signs: `python -m signnet.synthetic OUT`."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from signnet.dataset import write_clips
from signnet.errors import SettingsError, SignnetError
from signnet.synthetic.performance import make_corpus
from signnet.synthetic.signs import signs

__all__ = ["main"]


def main() -> None:
    """Write the corpus; a user's mistake ends in one line and exit status 1."""
    parser = ArgumentParser("python -m signnet.synthetic", description=__doc__)
    parser.add_argument("out", type=Path, help="the dataset's folder")
    parser.add_argument("--signers", type=int, default=6, help="default: 6")
    parser.add_argument("--repetitions", type=int, default=4, help="default: 4")
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    options = parser.parse_args()
    try:
        clips = write(options.out, options.signers, options.repetitions, options.seed)
    except SignnetError as error:
        sys.exit(f"signnet: {error}")
    print(
        f"{clips} clips of {len(signs())} invented signs by {options.signers} signers "
        f"in {options.out}"
    )


def write(out: Path, signers: int, repetitions: int, seed: int) -> int:
    """Write a corpus into one Parquet file and return the number of its clips.

    Raises
    ------
    SettingsError
        If there are no signers, or no repetitions.
    DatasetError
        If the file cannot be written.
    """
    if signers < 1 or repetitions < 1:
        raise SettingsError(
            f"{signers} signers and {repetitions} repetitions make no clip; give at "
            "least one of each"
        )
    clips = make_corpus(signers, repetitions, seed)
    write_clips(clips, out / "synthetic.parquet")
    return len(clips)


if __name__ == "__main__":
    main()
