"""The states of every page: a walk brings a page from one to the next."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote
from wave import open as open_wave

from browser import wait_until
from scenes import WORDS, play
from visitor import Visitor

__all__ = ["WALKS", "Walk"]

_PATIENCE = 90_000

Walk = Callable[[Visitor], Iterator[str]]
"""Brings a page to states, and gives the name of each when it is there."""

SHOWN = "document.querySelector('{}')?.checkVisibility()"
SAYS = "document.querySelector('{}').textContent !== ''"


def welcome(one: Visitor) -> Iterator[str]:
    one.go()
    one.page.wait_for_selector("#sign-next:not([hidden])")
    one.page.wait_for_timeout(1500)
    yield "first visit"
    one.page.focus(".skip")
    yield "keyboard focus"
    one.go("#/yours")
    one.page.click("[data-yours=goOn]")
    one.page.click("[data-yours=same]")
    one.go()
    yield "returning"
    one.go(site="bare")
    yield "a model without words"
    one.go("#/about")
    yield "about"


def live(one: Visitor) -> Iterator[str]:
    page = one.page
    one.go()
    held: list[Any] = []
    page.route("**/large/hands*", lambda route: held.append(route))
    page.click("#welcome [data-action=camera]")
    page.wait_for_selector("#stage[data-state=preview]")
    yield "loading"
    for route in held:
        route.continue_()
    page.wait_for_selector("#stage[data-state=running]")
    yield "running"
    one.sign("বই", "document.querySelector('#subtitle').textContent === 'বই'")
    yield "recognised"
    page.click("#veil")
    page.click("#mirror")
    page.wait_for_timeout(300)
    yield "skeleton only"
    play(page, "raised")
    page.wait_for_timeout(300)
    yield "signing"
    play(page, "rest")
    page.click("#veil")
    page.click("#mirror")
    one.sign(
        "unknown",
        "document.querySelector('#subtitle').textContent === ''"
        " && document.querySelector('#guesses.open') !== null",
    )
    yield "unsure"
    page.click("#guesses li:nth-child(2) button")
    yield "corrected"
    page.click("#remember")
    page.wait_for_selector("#remember-says:not(:empty)")
    yield "remembered"
    for word in WORDS:
        one.sign(word, f"document.querySelector('#subtitle').textContent === '{word}'")
    yield "long transcript"
    for name, change in {
        "too dark": "scene.isDark = true",
        "several people": "Object.assign(scene, {isDark: false, people: 2})",
        "nobody": "scene.people = 0",
    }.items():
        page.evaluate(change)
        page.evaluate("document.querySelector('#hint').textContent = ''")
        page.wait_for_timeout(2600)
        yield name
    page.evaluate("scene.people = 1")
    page.wait_for_timeout(6000)
    yield "no hands"
    page.click("#pause")
    yield "paused"


def trouble(one: Visitor) -> Iterator[str]:
    page = one.page
    one.go()
    page.route("**/large/model*", lambda route: route.fulfill(body=b"\0" * 1000))
    page.click("#welcome [data-action=camera]")
    page.wait_for_selector("#problem:not([hidden])")
    yield "damaged model"
    page.unroute("**/large/model*")
    page.route("**/large/model*", lambda route: route.abort())
    page.click("#retry")
    wait_until(page, "document.querySelector('#retry').checkVisibility()")
    yield "network lost"
    page.unroute("**/large/model*")
    for name in ("NotAllowedError", "NotFoundError", "NotReadableError"):
        one.go()
        page.evaluate("(name) => { scene.refusal = name }", name)
        page.click("#welcome [data-action=camera]")
        page.wait_for_selector("#problem:not([hidden])")
        yield f"camera {name}"
    page.evaluate("scene.refusal = null")
    page.click("#retry")
    page.wait_for_selector("#stage[data-state=running]")
    lost = "const [track] = document.getElementById('video').srcObject.getTracks();"
    page.evaluate(lost + "track.stop(); track.dispatchEvent(new Event('ended'))")
    yield "camera lost"
    one.go()
    page.evaluate(
        "navigator.mediaDevices.getUserMedia = () => {"
        " globalThis.isAsked = true; return new Promise(() => {}); }; 0"
    )
    page.click("#welcome [data-action=camera]")
    wait_until(page, "globalThis.isAsked === true")
    yield "waiting for the camera"
    page.route("**/model.json", lambda route: route.fulfill(status=404))
    page.goto(f"{one.root}site/#/")
    page.reload()
    page.wait_for_selector("#view-broken:not([hidden])")
    yield "missing file"


def old_browser(one: Visitor) -> Iterator[str]:
    one.page.add_init_script("delete globalThis.Worker")
    one.go()
    one.page.click("#welcome [data-action=camera]")
    one.page.wait_for_selector("#problem:not([hidden])")
    yield "a browser too old"


def film(one: Visitor) -> Iterator[str]:
    page = one.page
    one.go()
    sound, broken = one.folder / "a.wav", one.folder / "b.mp4"
    with open_wave(str(sound), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16000))
    broken.write_bytes(b"not a film" * 100)
    for name, file in (("sound only", sound), ("bad file", broken)):
        page.set_input_files("#file", file)
        page.wait_for_selector("#problem:not([hidden])")
        wait_until(page, SAYS.format("#problem-title"))
        page.wait_for_timeout(300)
        yield name
    page.set_input_files("#file", one.folder / "empty.webm")
    page.wait_for_selector("#signing[data-is=ended]", timeout=_PATIENCE)
    yield "film without hands"
    page.set_input_files("#file", one.folder / "long.webm")
    page.wait_for_selector("#seek-row:not([hidden])", timeout=_PATIENCE)
    page.wait_for_timeout(1500)
    yield "long film playing"


def real_film(one: Visitor) -> Iterator[str]:
    """Open a film of a person, before the real tracker."""
    if one.films is None:
        return
    page = one.page
    one.go()
    page.set_input_files("#file", one.films / "clips" / "like__33269.mp4")
    page.wait_for_selector("#stage[data-state=running]", timeout=_PATIENCE)
    page.wait_for_timeout(1500)
    yield "film playing"
    page.wait_for_selector("#signing[data-is=ended]", timeout=_PATIENCE)
    yield "film ended"


def words(one: Visitor) -> Iterator[str]:
    page = one.page
    one.go("#/words")
    yield "list"
    page.fill("#search", "boi")
    yield "found by text"
    page.fill("#search", "zzz")
    yield "nothing found by text"
    page.route("**/large/motions*", lambda route: route.abort())
    one.go(f"#/words/{quote('ধন্যবাদ')}")
    page.wait_for_timeout(500)
    yield "a word whose figure is not loaded"
    page.unroute("**/large/motions*")
    one.go(f"#/words/{quote('ধন্যবাদ')}")
    page.wait_for_timeout(1200)
    yield "a word"


def practise(one: Visitor) -> Iterator[str]:
    page = one.page
    one.go(f"#/practise/{quote('বই')}")
    page.wait_for_timeout(800)
    yield "before the camera"
    one.start()
    yield "idle"
    one.sign("বই", "document.querySelector('#verdict').dataset.is === 'right'")
    yield "right"
    one.sign("ধন্যবাদ", "document.querySelector('#verdict').dataset.is === 'other'")
    yield "wrong"
    one.sign("unknown", "document.querySelector('#verdict').dataset.is === 'unseen'")
    yield "not recognised"
    page.click("#practise-remember")
    page.wait_for_selector("#practise-says:not(:empty)")
    yield "kept"


def find(one: Visitor) -> Iterator[str]:
    page = one.page
    one.go("#/find")
    yield "before the camera"
    one.start()
    yield "idle"
    one.sign("unknown", SHOWN.format("#gallery li"))
    page.wait_for_timeout(1000)
    yield "found"
    page.click("#finds li:nth-child(3) button")
    page.wait_for_selector("#finds li:first-child:not(:has(button))")
    yield "kept"


def teach(one: Visitor) -> Iterator[str]:
    page = one.page
    one.go("#/teach")
    yield "empty"
    page.fill("#teach-word", "পাখি")
    page.fill("#teach-reading", "pakhi")
    page.fill("#teach-meaning", "bird")
    yield "a new word"
    page.click("#teach-record")
    page.wait_for_selector("#stage[data-state=running]")
    yield "countdown"
    page.wait_for_timeout(3000)
    for count, name in enumerate(("unknown", "unknown", "বই"), 1):
        one.sign(name, f"document.querySelectorAll('#takes li').length >= {count}")
        if count == 1:
            page.wait_for_timeout(300)
            yield "recording"
    page.wait_for_selector("#teach-decide:not([hidden])")
    page.wait_for_timeout(500)
    yield "doubtful"
    page.click("#teach-add")
    page.wait_for_selector("#taught li")
    page.wait_for_timeout(500)
    yield "taught, with a reminder"
    page.click("#taught button")
    page.wait_for_selector("#taught-undo:not([hidden])")
    yield "forgotten"
    one.bring(one.lesson("নদী", "বিশ্ববিদ্যালয়", "W" * 40))
    page.wait_for_selector("#taught li:nth-child(3)")
    page.wait_for_timeout(500)
    yield "imported"
    one.bring(b"\x89PNG")
    page.wait_for_timeout(500)
    yield "import refused"
    page.fill("#teach-word", "বই")
    yield "a known word"


def yours(one: Visitor) -> Iterator[str]:
    page = one.page

    def press(button: str) -> None:
        page.click(f"#yours-buttons [data-yours={button}]")

    one.go("#/yours")
    yield "start"
    press("goOn")
    page.wait_for_timeout(1200)
    yield "a word"
    press("otherwise")
    page.wait_for_selector("#stage[data-state=running]")
    yield "countdown"
    page.wait_for_timeout(3200)
    yield "asked to sign"
    one.sign("unknown", SHOWN.format("[data-yours=next]"))
    page.wait_for_selector("#yours-says[data-is=done]")
    page.wait_for_timeout(500)
    yield "kept"
    press("next")
    page.wait_for_timeout(800)
    yield "next word, with a reminder"
    one.go("#/yours")
    yield "resumed"
    press("goOn")
    while page.is_visible("[data-yours=same]"):
        press("same")
        page.wait_for_timeout(50)
    yield "everyday words done"
    press("try")
    page.wait_for_selector("#stage[data-state=running]")
    page.wait_for_timeout(3200)
    yield "trial"
    asked = page.inner_text("#yours-says")
    said = "document.querySelector('#yours-says').textContent !== " + json.dumps(asked)
    one.sign("বই", said)
    yield "trial, one signed"
    press("stop")
    page.wait_for_timeout(300)
    yield "result"
    press("goOn")
    while page.is_visible("[data-yours=same]"):
        press("same")
        page.wait_for_timeout(30)
    yield "all done"


def collect(one: Visitor) -> Iterator[str]:
    page = one.page
    one.go("#/collect")
    yield "set-up"
    page.fill("#collect-words", "\n".join(("পানি", "র‍্যাব", "MOTHER")))
    page.fill("#collect-signer", "S07")
    page.fill("#collect-session", "স্কুল")
    page.fill("#collect-repetitions", "2")
    page.check("#collect-agrees")
    page.check("#collect-video")
    page.click("#collect-form summary")
    yield "filled in"
    page.fill("#collect-repetitions", "1")
    page.click("#collect-form [type=submit]")
    page.wait_for_selector("#collect-record:not([hidden])")
    yield "begun"
    page.click("#collect-go")
    page.wait_for_selector("#stage[data-state=running]")
    page.wait_for_selector("#prompt[data-is=sign]")
    yield "asked to sign"
    left = "document.querySelector('#collect-bar').value >= {}"
    one.sign("unknown", left.format(1))
    page.wait_for_timeout(300)
    yield "one kept"
    page.click("#collect-all summary")
    yield "all signs"
    for count in (2, 3):
        one.sign("unknown", left.format(count))
        page.wait_for_timeout(1500)
    yield "complete"
    page.click("[data-collect=finish]")
    page.wait_for_selector("#collect-sessions li")
    yield "kept list"
    with page.expect_download():
        page.click("#collect-sessions button:nth-child(2)")
    page.wait_for_selector("#collect-kept-says:not(:empty)")
    yield "exported"
    page.click("#collect-sessions button:last-child")
    page.wait_for_timeout(200)
    yield "deletion asked"


def offline(one: Visitor) -> Iterator[str]:
    one.go()
    one.page.context.set_offline(True)
    one.page.wait_for_selector("#offline:not([hidden])")
    yield "banner"
    one.page.click("[data-route=words]")
    yield "words"


def papers(one: Visitor) -> Iterator[str]:
    """Pages that commands write, and the documentation's first."""
    page = one.page
    is_bangla = page.evaluate("navigator.language").startswith("bn")
    names = ("report/report", "comparison/comparison", "info/info", "review/review")
    for name in (*names, "docs/index", "example/signnet/example/index"):
        if not (one.folder / f"{name}.html").is_file():
            continue
        page.goto(f"{one.root}{name}.html?model=../../../site/")
        if is_bangla and page.query_selector("label[for=in-bn]"):
            page.click("label[for=in-bn]")
        page.wait_for_timeout(500)
        yield name.partition("/")[0]


WALKS: dict[str, Walk] = {
    walk.__name__: walk
    for walk in (
        welcome, live, trouble, old_browser, film, real_film, words, practise, find,
        teach, yours, collect, offline, papers,
    )
}  # fmt: skip
