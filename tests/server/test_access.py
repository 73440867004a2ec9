"""Who may ask: hosts, pages and tokens."""

import http.client
import signal
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from served import PATIENCE, Server, start_without_page, stop
from signnet.server.access import (
    has_token,
    is_known_host,
    is_loopback,
    is_own_page,
    names_of,
    new_token,
)
from signnet.server.settings import ServerSettings

laws = settings(deadline=None, derandomize=True)

OPEN = ServerSettings(hosts=names_of("0.0.0.0", ["school.example"]), any_address=True)


@pytest.mark.parametrize(
    "asked",
    [
        *(
            "evil@127.0.0.1",
            "127.0.0.1:80@evil",
            "localhost.evil",
            "[",
            "",
            " localhost",
        ),
        *("127.0.0.1:", "localhost:80:80", "127.0.0.1#x", "localhost/", "[::1", "::1"),
        *("localhost:x", "127.0.0.1\\@evil", "localhost, evil", "locálhost"),
    ],
)
def test_a_host_that_is_not_exactly_this_computer_is_refused(asked: str) -> None:
    assert not is_known_host(asked, ServerSettings())
    assert not is_known_host(asked, OPEN)


@pytest.mark.parametrize("asked", ["LOCALHOST", "localhost.", "127.0.0.1:1", "[::1]:9"])
def test_names_of_this_computer_are_known_in_any_form(asked: str) -> None:
    assert is_known_host(asked, ServerSettings())


@pytest.mark.parametrize("asked", ["192.168.1.7:80", "[fe80::1]", "school.example"])
def test_other_addresses_and_names_are_known_where_others_may_ask(asked: str) -> None:
    assert is_known_host(asked, OPEN)
    assert not is_known_host(asked, ServerSettings())


def test_a_name_that_can_be_pointed_here_is_unknown_where_others_may_ask() -> None:
    assert not is_known_host("rebound.example", OPEN)
    assert not is_known_host("192.168.1.7.rebound.example", OPEN)


@laws
@given(st.text())
def test_no_text_ends_the_check_of_hosts_and_pages(text: str) -> None:
    assert not is_own_page(text, "localhost:80") or text.lower().startswith("http")
    is_known_host(text, OPEN)


@pytest.mark.parametrize(
    "origin", ["http://[", "null", "", "file://", "http://x@localhost", "//localhost"]
)
def test_an_origin_of_another_form_is_foreign(origin: str) -> None:
    assert not is_own_page(origin, "localhost")


def test_loopback_addresses_need_no_token_and_others_do() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "::1", "localhost", "127.1.2.3")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.1.7", "my-computer")))


def asks(token: str | None, headers: dict[str, str], query: str = "") -> bool:
    scope = {"query_string": query.encode()}
    return has_token(scope, Headers(headers), ServerSettings(token=token))


def test_a_token_is_taken_from_three_places() -> None:
    token = new_token()
    assert asks(token, {"authorization": f"Bearer {token}"})
    assert asks(token, {"authorization": f"bearer  {token}"})
    assert asks(token, {"cookie": f"a=b; signnet-token={token}"})
    assert asks(token, {}, f"a=b&token={token}")
    assert asks(None, {})


@laws
@given(st.text(st.characters(max_codepoint=255)))
def test_no_other_text_is_a_token(text: str) -> None:
    headers = {"authorization": f"Bearer {text}", "cookie": f"signnet-token={text}"}
    assert not asks("the-token", headers, f"token={text}")
    assert not asks("the-token", {"authorization": text, "cookie": text}, text)


def test_tokens_are_long_and_differ() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 32


# A server that other computers can reach


@pytest.fixture(scope="module")
def reachable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    words = ("--host", "0.0.0.0", "--name", "School.example")
    running = start_without_page(tmp_path_factory.mktemp("server"), *words)
    yield running
    rest = stop(running, signal.SIGTERM)
    assert running.process.returncode == 0
    assert "Traceback" not in rest
    assert list(running.folder.iterdir()) == []


@pytest.mark.slow
def test_it_warns_and_prints_its_token_once(reachable: Server) -> None:
    warnings = [line for line in reachable.said if "warning" in line]
    assert len(warnings) == 1
    assert "other computers can reach this one" in warnings[0]
    assert "".join(reachable.said).count(reachable.token) == 1


@pytest.mark.slow
def test_nothing_is_answered_without_the_token(reachable: Server) -> None:
    for path in ("/", "/v1/health", "/v1/models", "/v1/openapi.json", "/nowhere"):
        for more in (
            {},
            {"authorization": "Bearer wrong"},
            {"cookie": "signnet-token="},
        ):
            status, answer, headers = reachable.ask("GET", path, **more)
            assert status == 401, (path, more)
            assert "token" in answer["detail"]
            assert headers["www-authenticate"] == "Bearer"
    assert reachable.upload("a.mp4", b"x")[0] == 401


@pytest.mark.slow
def test_the_token_opens_the_interface(reachable: Server) -> None:
    bearer = f"Bearer {reachable.token}"
    assert reachable.ask("GET", "/v1/health", authorization=bearer)[0] == 200
    assert reachable.ask("GET", f"/v1/health?token={reachable.token}")[0] == 200


@pytest.mark.slow
def test_the_page_keeps_the_token_and_drops_it_from_the_address(
    reachable: Server,
) -> None:
    for path in ("/", "//evil.example/", "/\\evil.example"):
        line = http.client.HTTPConnection("127.0.0.1", reachable.port, timeout=PATIENCE)
        line.request("GET", f"{path}?token={reachable.token}")
        answer = line.getresponse()
        assert answer.status == 303
        assert answer.headers["location"].replace("//", "/").startswith("/")
        assert not answer.headers["location"].startswith(("//", "/\\", "http"))
        cookie = answer.headers["set-cookie"]
        line.close()
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
    kept = cookie.partition(";")[0]
    assert reachable.ask("GET", "/v1/health", cookie=kept)[0] == 200
    assert reachable.ask("GET", "/", cookie=kept)[0] == 404  # allowed, but not there


@pytest.mark.slow
def test_hosts_and_pages_are_checked_even_with_the_token(reachable: Server) -> None:
    bearer = f"Bearer {reachable.token}"
    for host, status in {
        "rebound.example": 421,
        "evil@127.0.0.1": 421,
        "school.example:8000": 200,
        "192.168.1.7": 200,
    }.items():
        found = reachable.ask("GET", "/v1/health", host=host, authorization=bearer)
        assert found[0] == status, host
    for origin in ("https://elsewhere.example", "http://[", "null"):
        found = reachable.ask("GET", "/v1/health", origin=origin, authorization=bearer)
        assert found[0] == 403, origin
