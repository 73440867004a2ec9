"""The command that serves the page and the HTTP interface."""

import signal
import sys
from pathlib import Path

from signnet.errors import ModelError, needs_extra


def serve(
    *,
    model: str = "bdsl55",
    host: str = "127.0.0.1",
    port: int = 8000,
    name: list[str] | None = None,
) -> None:
    """Serve the page and the HTTP interface on this computer.

    Parameters
    ----------
    model
        A run folder, an exported folder, or the name of a shipped model.
    host
        The address to listen on. Any other than 127.0.0.1 lets in other computers, if
        they send the token that is printed.
    port
        The port; 0 for any free one.
    name
        Another host name of this computer that requests may use; may be repeated.
    """
    from signnet.recognise.recogniser import Recogniser

    with needs_extra("serve"):
        from signnet.server.access import is_loopback
        from signnet.server.run import serve
        from signnet.server.scratch import scratch_folder
    Recogniser.open(model)  # a wrong one is said before anything is written
    # On SIGTERM, as when the system shuts down, clean up as on Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not is_loopback(host):
        _warn(host)
    with scratch_folder() as folder:
        site = _written(folder / "site", model)
        serve(
            model,
            folder,
            host=host,
            port=port,
            names=name or (),
            site=site,
            tell=_tell,
        )


def _written(folder: Path, model: str) -> Path | None:
    """Write the page; if a file is missing, only the HTTP interface works."""
    from signnet.web.build import write_site

    try:
        write_site(folder, model)
    except ModelError as error:
        print(f"signnet: serving without the page: {error}", file=sys.stderr)
        return None
    return folder


def _warn(host: str) -> None:
    print(
        f"signnet: warning: at {host} other computers can reach this one; they need "
        "the token in the address below, and what they send is not encrypted",
        file=sys.stderr,
    )


def _tell(address: str) -> None:
    print(f"signnet is at {address}; stop it with Ctrl-C", file=sys.stderr, flush=True)
