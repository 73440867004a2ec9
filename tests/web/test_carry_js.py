"""Pictures on their way to the trackers: their brightness."""

import pytest

from node import run_node


def test_brightness_is_that_of_all_parts_of_the_picture() -> None:
    code = """
    const { brightnessOf } = await import("./capture/carry.js");
    const [width, height] = [640, 480];
    const filled = (colour) => {
      const data = new Uint8ClampedArray(width * height * 4);
      for (let at = 0; at < data.length; at += 4)
        data.set(colour((at / 4) % width, Math.floor(at / 4 / width)), at);
      return brightnessOf({ data });
    };
    const grey = (value) => [value, value, value, 255];
    say([
      filled(() => grey(0)), filled(() => grey(255)), filled(() => grey(51)),
      filled((x) => grey(x < width / 2 ? 0 : 255)),
      filled((x, y) => grey(y < height / 4 ? 255 : 0)),
      filled(() => [0, 255, 0, 255]),
    ]);
    """
    black, white, dim, half, quarter, green = run_node(code)
    assert black == 0
    assert white == pytest.approx(1)
    assert dim == pytest.approx(0.2)
    assert half == pytest.approx(0.5, abs=0.02)
    assert quarter == pytest.approx(0.25, abs=0.02)
    assert green == pytest.approx(0.7152)
