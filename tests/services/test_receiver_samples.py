"""The receivers in the partners' documentation, run as they stand there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bench.processes import free_ports
from core.integration.outbound.catalogue import BY_NAME
from core.integration.outbound.fanout import body_of
from core.integration.outbound.signatures import signature_headers
from tests.support.waiting import wait_for

SAMPLES = Path(__file__).parents[2] / "docs" / "partners" / "samples"
SECRET = "the-partners-platform-secret"
PYTHON = [sys.executable, str(SAMPLES / "receiver.py")]
NODE = [shutil.which("node") or "node", str(SAMPLES / "receiver.mjs")]


@contextmanager
def receiver(command: list[str]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The sample on a free port, its URL and its process."""
    (port,) = free_ports(1)
    environment = os.environ | {"PLATFORM_SECRET": SECRET, "PORT": str(port)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        url = f"http://127.0.0.1:{port}/hooks"

        def answers() -> bool:
            with suppress(httpx.TransportError):
                return httpx.post(url, content=b"{}").status_code == 401
            return False

        try:
            wait_for(answers)
            yield url, process
        finally:
            process.terminate()


@pytest.mark.parametrize(
    "command",
    [pytest.param(PYTHON, id="python"), pytest.param(NODE, id="node", marks=pytest.mark.node)],
)
def test_a_sample_takes_what_the_hub_signed_once_and_nothing_else(command: list[str]) -> None:
    body = body_of("e1", "channel_live", BY_NAME["channel_live"].example)
    now = int(datetime.now(UTC).timestamp())
    good = signature_headers([SECRET], "e1", now, body)
    old = signature_headers([SECRET], "e1", now - 3600, body)
    rotating = signature_headers([SECRET, "the-one-before"], "e1", now, body)
    forged = signature_headers(["another"], "e1", now, body)
    bare_only = good | {"webhook-signature": forged["webhook-signature"]}
    with receiver(command) as (url, process):
        statuses = [
            httpx.post(url, content=content, headers=headers).status_code
            for content, headers in (
                (body, good),
                (body, rotating),
                (body + b" ", good),
                (body, forged),
                (body, old),
                (body, bare_only),
                (body, {}),
            )
        ]
        process.terminate()
        assert process.stdout is not None
        told = process.stdout.read()
    assert statuses == [200, 200, 401, 401, 401, 401, 401]
    assert told == "channel_live Xw81bnCH\n"
