"""The camera: another one for one that is gone, and one that gives no picture."""

from node import needs_node, run_node

pytestmark = needs_node

SETUP = """
    import { openCamera } from "./capture/camera.js";
    let due = null;
    globalThis.setTimeout = (run) => (due = run, 1);
    globalThis.clearTimeout = () => (due = null);
    const asked = [], told = [];
    const track = Object.assign(new EventTarget(),
      { stop: () => told.push("off"), getSettings: () => ({ deviceId: "built-in" }) });
    const stream = { getTracks: () => [track], getVideoTracks: () => [track] };
    const getUserMedia = async ({ video: { deviceId } }) => {
      asked.push(deviceId?.exact ?? "any");
      if (deviceId) throw new DOMException("", "OverconstrainedError");
      return stream;
    };
    const value = { mediaDevices: { getUserMedia } };
    Object.defineProperty(globalThis, "navigator", { value });
    const video = { removeAttribute: () => {}, play: async () => {} };
    const open = (device) => openCamera(video, device, ({ code }) => told.push(code));
    const hear = (name) => track.dispatchEvent(new Event(name));
"""


def test_another_camera_is_taken_for_one_that_is_gone() -> None:
    code = "say([(await open('unplugged')).device, asked]);"
    assert run_node(SETUP + code) == ["built-in", ["unplugged", "any"]]


def test_a_camera_without_a_picture_is_told_of_once_it_has_lasted() -> None:
    code = """
    const source = await open(null);
    hear("mute"); hear("unmute");
    const isCalm = due === null;
    hear("mute"); due(); hear("ended");
    source.release(); hear("mute");
    say([isCalm, told, due]);
    """
    assert run_node(SETUP + code) == [True, ["cameraBusy", "off"], None]
