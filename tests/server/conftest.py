"""The server as it is started by a user, for all tests that need no other limits."""

from collections.abc import Iterator

import pytest

from served import Server, start, stop


@pytest.fixture(scope="session")
def usual_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run `signnet serve`; once all its tests are done, nothing of it may be left."""
    running = start(tmp_path_factory.mktemp("usual"))
    yield running
    rest = stop(running)
    assert running.process.returncode == 0
    assert "Traceback" not in rest
    assert list(running.folder.iterdir()) == []
