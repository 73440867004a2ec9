"""Commands that make datasets: their choices are those of the library."""

from typing import get_args, get_type_hints

import pytest

from commands import Command, assert_one_line
from signnet.cli import data
from signnet.extraction import BACKENDS
from signnet.formats import FORMATS, FormatName


def test_the_command_line_offers_every_format_and_backend() -> None:
    formats = get_type_hints(data.import_)["format"]
    assert get_args(formats) == get_args(FormatName) == tuple(FORMATS)
    backends = get_type_hints(data.extract)["backend"]
    assert get_args(backends) == tuple(BACKENDS)


@pytest.mark.parametrize(
    ("command", "choice"),
    [
        (("import", "gisler", "in", "out"), "gislr"),
        (("extract", "in", "out", "--backend", "best"), "solutions"),
        (("extract", "in", "out", "--streams", "feet"), "pose, hands, face"),
    ],
)
def test_an_unknown_choice_is_refused_with_those_there_are(
    signnet: Command, command: tuple[str, ...], choice: str
) -> None:
    assert_one_line(signnet(*command), choice)
