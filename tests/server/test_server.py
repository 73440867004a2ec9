"""The server, as a program of its own on a free port, asked like any other would."""

import contextlib
import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from commands import Command
from served import PATIENCE, Server
from signnet.errors import SettingsError
from signnet.extraction import extract_video
from signnet.recognise.recogniser import Recogniser
from signnet.server.run import listen
from signnet.server.settings import ServerSettings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(usual_server: Server) -> Server:
    return usual_server


@pytest.fixture(scope="module")
def video(data: Path) -> Path:
    return data / "videos" / "pose_test_video.mp4"


# Questions


def test_it_says_that_it_is_well(server: Server) -> None:
    status, health, _ = server.ask("GET", "/v1/health")
    assert (status, health["status"]) == (200, "ok")


def test_it_lists_its_model_with_all_glosses(server: Server) -> None:
    status, (model,), _ = server.ask("GET", "/v1/models")
    assert status == 200
    assert model["vocabulary"] == list(Recogniser.open().vocabulary)


def test_it_describes_its_interface(server: Server) -> None:
    _, description, _ = server.ask("GET", "/v1/openapi.json")
    assert set(description["paths"]) == {"/v1/health", "/v1/models", "/v1/recognise"}


def test_no_page_of_it_loads_a_foreign_script(server: Server) -> None:
    for path in ("/docs", "/redoc"):
        assert server.ask("GET", path)[0] == 404


# Uploads


def test_landmarks_get_the_answer_of_predict(
    server: Server, dataset_folder: Path, signnet: Command
) -> None:
    file = dataset_folder / "all.parquet"
    expected = json.loads(signnet("predict", file, "--json").out)
    status, found = server.upload("all.parquet", file.read_bytes())
    assert (status, len(found)) == (200, 24)
    for one, other in zip(found, expected, strict=True):
        assert one.pop("seconds") > 0
        assert other.pop("seconds") > 0
        assert other.pop("file").endswith(one["file"])
        assert one.pop("file").startswith("all.parquet#")
        assert one == other


def test_a_video_gets_the_answer_of_predict(server: Server, video: Path) -> None:
    status, (found,) = server.upload("C:\\films\\my sign.MP4", video.read_bytes())
    model = Recogniser.open()
    clip = extract_video(video, pace=model.pace)
    expected = model.recognise(clip)
    frames = len(clip)
    assert (status, found["file"], found["frames"]) == (200, "my sign.mp4", frames)
    assert [one["gloss"] for one in found["predictions"]] == [
        one.gloss for one in expected.top
    ]
    assert [one["probability"] for one in found["predictions"]] == pytest.approx(
        [one.probability for one in expected.top], abs=1e-4
    )


def wave() -> bytes:
    size, rate = 1600, 8000
    header = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt "
    header += (16).to_bytes(4, "little") + b"\1\0\1\0" + rate.to_bytes(4, "little")
    return header + rate.to_bytes(4, "little") + b"\1\0\x08\0data" + bytes(size + 4)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.mp4", b""),
        ("text.mp4", b"no video\n" * 500),
        ("sound.wav", wave()),
        ("broken.parquet", b"PAR1" + bytes(100)),
        ("broken__a__b__c__d.npz", b"PK\3\4" + bytes(100)),
        ("../../etc/passwd", b"root"),
        ("নাম.webm", b"\x1aE\xdf\xa3" + bytes(50)),
    ],
)
def test_a_bad_file_is_refused_in_one_line(
    server: Server, name: str, content: bytes
) -> None:
    status, answer = server.upload(name, content)
    assert status == 422
    assert set(answer) == {"detail"}
    assert name.split("/")[-1] in answer["detail"]
    assert "\n" not in answer["detail"]
    assert str(server.folder) not in answer["detail"]
    assert server.ask("GET", "/v1/health")[0] == 200


def test_a_form_without_a_file_is_told_what_to_send(server: Server) -> None:
    status, answer = server.upload("a.mp4", b"x", field="video")
    assert status == 422
    assert "field `file`" in answer["detail"]


def test_a_video_of_minutes_is_refused(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    made = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 5.0, (64, 64))
    for _ in range(5 * 62):
        made.write(np.zeros((64, 64, 3), np.uint8))
    made.release()
    status, answer = server.upload("long.mp4", path.read_bytes())
    assert (status, answer["detail"]) == (
        422,
        "long.mp4: longer than 60 s; cut it to one sign",
    )


def test_an_upload_over_the_limit_is_refused_before_it_is_read(server: Server) -> None:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    with contextlib.closing(line):
        line.putrequest("POST", "/v1/recognise")
        line.putheader("Content-Type", "multipart/form-data; boundary=x")
        line.putheader("Content-Length", str(ServerSettings().upload_bytes + 1))
        line.endheaders()
        answer = line.getresponse()
        assert answer.status == 413
        assert b"more than 50 MB" in answer.read()


def test_an_upload_that_hides_its_size_is_stopped(server: Server) -> None:
    def blocks() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"'
        yield b"\r\n\r\n"
        for _ in range(52):
            yield bytes(1_000_000)
        yield b"\r\n--x--\r\n"

    status, answer, _ = server.ask(
        "POST",
        "/v1/recognise",
        blocks(),
        content_type="multipart/form-data; boundary=x",
    )
    assert (status, answer["detail"][:15]) == (413, "more than 50 MB")


# Who may ask


@pytest.mark.parametrize("path", ["/v1/health", "/"])
def test_a_name_that_points_here_from_outside_is_refused(
    server: Server, path: str
) -> None:
    for name in ("rebound.example", "rebound.example:80", "localhost.example", "["):
        status, answer, _ = server.ask("GET", path, host=name)
        assert status == 421, name
        assert name in answer["detail"]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1:9", "LOCALHOST:1", "[::1]:5"])
def test_this_computer_s_names_are_answered(server: Server, name: str) -> None:
    assert server.ask("GET", "/v1/health", host=name)[0] == 200


def test_a_foreign_page_may_not_ask(server: Server) -> None:
    for origin in ("https://elsewhere.example", "null", "http://localhost:1"):
        assert server.ask("GET", "/v1/health", origin=origin)[0] == 403


def test_its_own_page_may_ask(server: Server) -> None:
    own = f"http://127.0.0.1:{server.port}"
    assert server.ask("GET", "/v1/health", origin=own)[0] == 200


@pytest.mark.parametrize(
    "origin", ["http://[", "null", "file:///", "http://evil@127.0.0.1", "x" * 2000]
)
def test_an_odd_origin_is_refused(server: Server, origin: str) -> None:
    assert server.ask("GET", "/v1/health", origin=origin)[0] == 403


@pytest.mark.parametrize("host", ["evil@127.0.0.1", "127.0.0.1@evil", "127.0.0.1:x"])
def test_an_odd_host_is_refused(server: Server, host: str) -> None:
    assert server.ask("GET", "/v1/health", host=host)[0] == 421


@pytest.mark.parametrize("path", ["/v1/health", "/v1/models", "/v1/openapi.json"])
def test_head_is_answered_without_a_body(server: Server, path: str) -> None:
    status, _, headers = server.ask("HEAD", path)
    _, _, expected = server.ask("GET", path)
    assert status == 200
    assert headers["content-length"] == expected["content-length"]
    with server.line() as line:
        line.sendall(f"HEAD {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        assert line.makefile("rb").read().endswith(b"\r\n\r\n")


def test_every_answer_has_the_security_headers(server: Server) -> None:
    for path, more in (("/v1/health", {}), ("/nowhere", {}), ("/", {"host": "x.y"})):
        headers = server.ask("GET", path, **more)[2]
        policy = headers["content-security-policy"]
        assert "connect-src 'self' blob:;" in policy
        assert "script-src 'self' 'wasm-unsafe-eval' blob:;" in policy
        assert "unsafe-inline" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["server"] is None


# Starting and stopping


def test_it_serves_the_page_where_the_browser_files_are(server: Server) -> None:
    status, page, headers = server.ask("GET", "/")
    if status == 404:
        pytest.skip("the browser files are not installed (make web)")
    assert b"<html" in page
    assert headers["cache-control"] == "no-cache"
    for path, kind in (
        ("/recognise/stream.js", "text/javascript"),
        ("/vendor/vision_bundle.mjs", "text/javascript"),
        ("/manifest.webmanifest", "application/manifest+json"),
    ):
        status, _, headers = server.ask("GET", path)
        assert (status, headers.get_content_type()) == (200, kind)


def test_a_port_that_is_taken_is_said_in_one_line(server: Server) -> None:
    with pytest.raises(SettingsError, match="choose another --port"):
        listen("127.0.0.1", server.port)
