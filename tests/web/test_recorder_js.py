"""Recording clips: hands go down first, then each movement is a clip, or is refused."""

from typing import Any

from node import needs_node, run_node

pytestmark = needs_node

SETUP = """
    import { Recorder } from "./teach/recorder.js";
    let begin = null, camera = true;
    globalThis.setTimeout = (run) => (begin = run, 1);
    globalThis.clearTimeout = () => (begin = null);
    const told = [];
    const live = {
      ensureCamera: async () => camera,
      restartStream: () => told.push("restarted"),
    };
    const recorder = new Recorder(live, { clipOf: () => "clip" }, {
      onState: () => told.push(recorder.state),
      onClip: (clip) => told.push(clip),
      onRefused: () => told.push("refused"),
      wantsFilm: () => given.wantsFilm ?? false,
    });
    const hear = (kinds, isFilm = false) =>
      kinds.split(" ").forEach((kind) => recorder.onEvent({ kind }, isFilm));
"""


def run(code: str, **given: Any) -> Any:
    return run_node(SETUP + code, given)


def test_what_moves_before_the_hands_are_down_is_no_clip() -> None:
    code = """
    const started = recorder.start();
    hear("start sign rest");
    await started;
    hear("start sign rest");
    begin();
    hear("start sign rest start rest start unsure rest");
    recorder.stop();
    hear("start sign rest");
    say(told);
    """
    states = ["starting", "countdown", "restarted", "recording"]
    assert run(code) == [*states, "clip", "refused", "clip", "idle"]


def test_no_camera_or_a_stop_meanwhile_ends_it() -> None:
    code = """
    camera = false;
    await recorder.start();
    camera = true;
    const started = recorder.start();
    recorder.stop();
    await started;
    say([told, begin]);
    """
    assert run(code) == [["starting", "idle"] * 2, None]


def test_a_camera_that_is_lost_or_paused_ends_it_without_a_clip() -> None:
    code = """
    await recorder.start();
    begin();
    hear("start interrupted sign rest start sign");
    say(told.slice(-2));
    """
    assert run(code) == ["recording", "idle"]


def test_a_film_is_a_clip_only_where_one_is_wanted() -> None:
    code = """
    hear("start sign end", true);
    hear("start sign rest", false);
    hear("start end", true);
    say(told);
    """
    assert run(code, wantsFilm=True) == ["clip", "refused"]
    assert run(code, wantsFilm=False) == []
