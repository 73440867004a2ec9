"""The page and the recogniser over HTTP, by default for this computer only."""

from signnet.server.app import create_app
from signnet.server.run import serve
from signnet.server.settings import ServerSettings

__all__ = ["ServerSettings", "create_app", "serve"]
