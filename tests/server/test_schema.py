"""The server's description of itself, and random requests made from it."""

import subprocess
import sys
from pathlib import Path

import pytest

from served import Server

pytestmark = pytest.mark.slow

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,unsupported_method,"
    "allow_header_conformance,negative_data_rejection,ignored_auth"
)


def test_every_refusal_is_described_as_it_is(usual_server: Server) -> None:
    described = usual_server.ask("GET", "/v1/openapi.json")[1]
    upload = described["paths"]["/v1/recognise"]["post"]
    assert set(upload["responses"]) == {
        *("200", "401", "403", "408", "413", "421", "422", "500", "503")
    }
    schema = upload["responses"]["422"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Problem"}
    form = upload["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["required"] == ["file"]
    assert "HTTPValidationError" not in described["components"]["schemas"]


def test_random_requests_get_what_the_description_says(
    usual_server: Server, tmp_path: Path
) -> None:
    pytest.importorskip("schemathesis")
    address = f"http://127.0.0.1:{usual_server.port}/v1/openapi.json"
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", address),
        *("--checks", CHECKS, "--max-examples", "15", "--seed", "1"),
        *("--generation-database", "none", "--request-timeout", "120"),
    ]
    run = subprocess.run(  # it keeps what it found in the folder in which it runs
        command, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
