"""One run of a camera: it is on only while its pictures are wanted."""

from typing import Any

from node import needs_node, run_node

pytestmark = needs_node

SETUP = """
    import { SignStream } from "./engine/signstream.js";
    import { Turns } from "./engine/turns.js";
    class Track extends EventTarget {
      isLive = true;
      stop() { this.isLive = false; }
      getSettings() { return { deviceId: "front" }; }
    }
    const tracks = [], asked = [];
    let allow = null;                     // lets a camera open that was asked for
    let loaded = null;                    // ends the loading of the models
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
    const turns = new Turns();
    const isFree = () => Promise.race([turns.take().then(() => true), settle()]);
    const model = {
      engine: { reset: async () => {}, stream },
      parts: {},
      take: () => turns.take(),
      open: async () => {
        if (given.isLoading) await new Promise((resolve) => (loaded = resolve));
      },
      tell: ({ kind }) => (told.push(kind), { kind }),
    };
    const watched = new SignStream(model, null, { video });
    const live = () => tracks.map(({ isLive }) => isLive);
    const settle = () => new Promise((resolve) => setTimeout(resolve));
"""


def run(code: str, **given: Any) -> Any:
    return run_node(SETUP + code, given)


def test_a_pause_turns_the_camera_off_and_the_same_one_comes_back() -> None:
    code = """
    await watched.open();
    const running = live();
    await watched.pause();
    const paused = [live(), video.srcObject !== null];
    await watched.resume();
    await watched.resume();
    const again = await watched.open().catch(({ code }) => code);
    const resumed = live();
    await watched.close();
    await watched.resume();
    say([running, paused, resumed, live(), asked, told, again, await isFree()]);
    """
    lights = [[True], [[False], True], [False, True], [False, False]]
    assert run(code) == [*lights, [None, "front"], ["rest"], "busy", True]


def test_a_camera_that_opens_too_late_is_turned_off_at_once() -> None:
    code = """
    const started = watched.open().catch(({ code }) => code);
    await settle();
    await watched.close();
    const wasFree = await isFree();
    allow();
    await settle();
    say([await started, live(), wasFree]);
    """
    assert run(code, isSlow=True) == ["superseded", [False], True]


def test_the_camera_is_on_while_the_models_load_and_off_once_nobody_waits() -> None:
    code = """
    const codeOf = ({ code }) => code;
    const opened = [watched.open().catch(codeOf)];
    await settle();
    const loading = [live(), video.srcObject !== null];
    await watched.close();
    const closed = [live(), video.srcObject !== null, await opened[0]];
    const other = new SignStream(model, null, { video });
    opened.push(other.open().catch(codeOf));
    await settle();
    tracks[1].dispatchEvent(new Event("ended"));
    const lost = [await opened[1], live()];
    const third = new SignStream(model, null, { video });
    opened.push(third.open());
    await settle();
    loaded();
    say([loading, closed, lost, await opened[2], live()]);
    """
    loading, closed = [[True], True], [[False], False, "superseded"]
    lost, running = ["cameraLost", [False, False]], [False, False, True]
    assert run(code, isLoading=True) == [
        loading,
        closed,
        lost,
        {"device": "front"},
        running,
    ]


def test_a_loop_ends_with_its_camera_and_a_lost_one_is_a_problem() -> None:
    code = """
    const looped = (async () => { for await (const _ of watched) break; })();
    await settle();
    await watched.pause();
    await looped;
    const after = live();
    const other = new SignStream(model, null, { video });
    const lost = (async () => { for await (const _ of other); })();
    await settle();
    tracks[1].dispatchEvent(new Event("ended"));
    say([after, await lost.catch(({ code }) => code), await isFree()]);
    """
    assert run(code) == [[False], "cameraLost", True]


def test_a_camera_that_comes_back_after_another_pause_is_turned_off_again() -> None:
    code = """
    const started = watched.open();
    await settle();
    allow();
    await started;
    await watched.pause();
    const resumed = watched.resume().catch(({ code }) => code);
    await settle();
    await watched.pause();
    allow();
    say([await resumed, live(), watched.isPaused]);
    """
    assert run(code, isSlow=True) == ["superseded", [False, False], True]


def test_a_short_film_is_one_sign_and_leaves_the_tracker_until_it_is_played_again() -> (
    None
):
    code = """
    const { PARTS, STREAM } = await import("./engine/settings.js");
    URL.createObjectURL = () => "blob:film";
    URL.revokeObjectURL = () => {};
    globalThis.VideoFrame = class {};
    let time = 0;
    const [soon, seeked] = [(run) => setTimeout(run), () => new Event("seeked")];
    Object.defineProperties(video, {
      src: { set: () => soon(() => video.onloadeddata()) },
      currentTime: {
        get: () => time,
        set: (value) => (time = value, soon(() => video.dispatchEvent(seeked()))),
      },
    });
    Object.assign(video, { duration: 0.1, videoWidth: 4, videoHeight: 3 });
    const joints = new Float32Array(553 * 3).fill(0.5);
    Object.assign(model, { parts: PARTS });
    Object.assign(model.engine, {
      settings: STREAM,
      abstainBelow: 0.5,
      track: async () => ({ joints, people: 1, brightness: 0.5 }),
      classify: async (landmarks, frames, fps) => [frames / 10, Math.round(fps) / 100],
      stream: () => ({ push: async () => [{ kind: "start" }, { kind: "sign" }] }),
    });
    model.tell = ({ kind, predictions = [] }) =>
      [kind, ...predictions.map(({ probability }) => probability)];
    const film = new SignStream(model, new Blob(["film"]), { video });
    const events = [[], []];
    for await (const event of film) events[0].push(event);
    const { isEnded } = film;
    (await turns.take()).end();
    const replayed = film.resume();
    for await (const event of film) events[1].push(event);
    await replayed;
    say([events, isEnded]);
    """
    events = [["start"], ["start"], ["start"], ["unsure", 0.3, 0.25]]
    assert run(code) == [[events, events], True]
