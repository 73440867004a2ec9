"""The command that serves the page and the HTTP interface."""

import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from signnet.cli.console import app
from signnet.errors import ModelError, needs_extra


@app.command
def serve(*, model: str = "bdsl55", host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the page and the HTTP interface on this computer.

    Parameters
    ----------
    model
        A run folder, an exported folder, or the name of a shipped model.
    host
        The address to listen at. Any other than 127.0.0.1 admits other computers.
    port
        The port; 0 for any free one.
    """
    from signnet.recognise.recogniser import Recogniser

    with needs_extra("serve"):
        from signnet.server import serve
    recogniser = Recogniser.open(model)
    # On SIGTERM, as when the system shuts down, clean up as on Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with TemporaryDirectory(prefix="signnet-site-") as folder:
        site = _written(Path(folder) / "site", model)
        serve(recogniser, host=host, port=port, site=site, tell=_tell)


def _written(folder: Path, model: str) -> Path | None:
    """Write the page; if a file is missing, only the HTTP interface works."""
    from signnet.web.build import write_site

    try:
        write_site(folder, model)
    except ModelError as error:
        print(f"signnet: without the page, since {error}", file=sys.stderr)
        return None
    return folder


def _tell(address: str) -> None:
    print(f"signnet is at {address}; stop it with Ctrl-C", file=sys.stderr, flush=True)
