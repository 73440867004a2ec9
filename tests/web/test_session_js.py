"""One run of a camera: it is on only while its pictures are wanted."""

from typing import Any

import pytest

from node import needs_node, run_node

pytestmark = needs_node

SETUP = """
    import { Session } from "./recognise/session.js";
    class Track extends EventTarget {
      isLive = true;
      stop() { this.isLive = false; }
      getSettings() { return { deviceId: "front" }; }
    }
    const tracks = [], asked = [];
    let allow = null;                     // lets a camera open that was asked for
    const getUserMedia = async ({ video }) => {
      asked.push(video.deviceId?.exact ?? null);
      if (given.isSlow) await new Promise((resolve) => (allow = resolve));
      const track = new Track();
      tracks.push(track);
      return { getVideoTracks: () => [track], getTracks: () => [track] };
    };
    Object.defineProperty(globalThis, "navigator",
      { value: { mediaDevices: { getUserMedia } } });
    const video = Object.assign(new EventTarget(), {
      play: async () => {}, pause() {}, removeAttribute() {},
      requestVideoFrameCallback() {}, srcObject: null,
    });
    const stream = () => ({ flush: async () => [{ kind: "rest" }] });
    const told = [];
    const session = new Session(video, { reset: async () => {}, stream }, {}, {
      onEvents: (events) => told.push(...events.map(({ kind }) => kind)),
      onFault: ({ code }) => told.push(code),
    });
    const live = () => tracks.map(({ isLive }) => isLive);
    const settle = () => new Promise((resolve) => setTimeout(resolve));
"""


def run(code: str, **given: Any) -> Any:
    return run_node(SETUP + code, given)


def test_a_pause_turns_the_camera_off_and_the_same_one_comes_back() -> None:
    code = """
    await session.startCamera(null);
    const running = live();
    await session.pause(true);
    const paused = [live(), video.srcObject !== null];
    await session.pause(false);
    say([running, paused, live(), asked, told]);
    """
    expected = [[True], [[False], True], [False, True], [None, "front"], ["rest"]]
    assert run(code) == expected


@pytest.mark.parametrize(
    "stop", ["session.close()", "session.startFilm({})"], ids=["close", "film"]
)
def test_a_camera_that_opens_too_late_is_turned_off_at_once(stop: str) -> None:
    code = f"""
    URL.createObjectURL = () => "blob:film";
    const started = session.startCamera(null).catch(({{ code }}) => code);
    await settle();
    {stop};
    await settle();
    allow();
    say([await started, live(), session.kind]);
    process.exit();
    """
    assert run(code, isSlow=True) == ["superseded", [False], None]


def test_a_camera_that_comes_back_after_another_pause_is_turned_off_again() -> None:
    code = """
    const started = session.startCamera(null);
    await settle();
    allow();
    await started;
    await session.pause(true);
    const resumed = session.pause(false).catch(({ code }) => code);
    await settle();
    await session.pause(true);
    allow();
    say([await resumed, live(), session.isPaused]);
    """
    assert run(code, isSlow=True) == ["superseded", [False, False], True]
