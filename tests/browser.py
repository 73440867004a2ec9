"""A real Chromium for the tests of the live page, and how they talk to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any

from signnet.web import build as site

__all__ = [
    "AXE",
    "PATIENCE",
    "SWITCHES",
    "Quiet",
    "check_barriers",
    "forget_events",
    "new_page",
    "next_event",
    "outside",
    "served",
    "start_camera",
    "visit",
    "wait_for_text",
    "wait_for_title",
    "wait_for_word",
    "wait_until",
]

AXE = Path(site.__file__).parent / "node_modules" / "axe-core" / "axe.min.js"

SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update "
    "--use-fake-device-for-media-stream --use-fake-ui-for-media-stream"
).split()
PATIENCE = 60_000
"""Milliseconds; on a busy machine the tracker is slow to start."""


class Quiet(SimpleHTTPRequestHandler):
    """Serve files and say nothing."""

    def log_message(self, *_: Any) -> None:
        """Keep the tests' output readable."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine, and give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def new_page(browser: Any, *, width: int = 1280, **options: Any) -> Any:
    """Open a page that notes what it asks for and what goes wrong in it."""
    settings = {"locale": "en-GB", "permissions": ["camera"], **options}
    context = browser.new_context(viewport={"width": width, "height": 844}, **settings)
    page = context.new_page()
    page.add_init_script(
        "globalThis.heard = []; document.addEventListener('signnet', "
        "({detail}) => heard.push(detail))"
    )
    page.asked, page.faults = [], []
    context.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda line: note_error(page, line))
    page.set_default_timeout(PATIENCE)
    return page


def note_error(page: Any, line: Any) -> None:
    is_ours = "blocked by Playwright" in line.text  # we asked for that
    if line.type in ("error", "warning") and not is_ours:
        page.faults.append(line.text)


def outside(page: Any, address: str) -> list[str]:
    own = (address, f"blob:{address}")
    return [url for url in page.asked if not url.startswith(own)]


def check_barriers(page: Any) -> None:
    """Let axe look at the page as it is, where axe is installed."""
    if not AXE.is_file():
        return
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == [], page.url


def visit(page: Any, address: str) -> None:
    """Go to a page, and wait until it listens: a file that comes earlier is lost."""
    page.goto(address)
    page.wait_for_selector("[aria-current=page]", state="attached")


def start_camera(page: Any) -> None:
    page.click("#welcome [data-action=camera]")
    page.wait_for_selector("#stage[data-state=running]")


def wait_until(page: Any, claim: str, *given: Any) -> Any:
    """Wait for a claim to hold; the page's policy forbids Playwright's own way."""
    end = monotonic() + PATIENCE / 1000
    while not (answer := page.evaluate(claim, *given)):
        assert monotonic() < end, f"never true: {claim}"
        page.wait_for_timeout(100)
    return answer


def wait_for_title(page: Any, title: str) -> None:
    shown = "title => document.getElementById('problem-title').textContent === title"
    wait_until(page, shown, title)


def next_event(page: Any, kinds: str) -> dict[str, Any]:
    """Wait for an event of one of the kinds that was not given before."""
    heard = """kinds => {
        const next = heard.findIndex(({kind}) => kinds.split(' ').includes(kind));
        return next < 0 ? null : heard.splice(0, next + 1).pop();
    }"""
    return wait_until(page, heard, kinds)


def wait_for_word(page: Any, gloss: str) -> None:
    """Wait until a gloss is recognised; seen from its middle, a sign may differ."""
    wait_until(page, "gloss => heard.some((one) => one.gloss === gloss)", gloss)


def forget_events(page: Any) -> None:
    page.evaluate("heard.length = 0")


def wait_for_text(page: Any, element: str, text: str) -> None:
    """Wait until an element, named by its id, shows a text."""
    shown = "([id, text]) => document.getElementById(id).innerText.includes(text)"
    wait_until(page, shown, [element, text])
