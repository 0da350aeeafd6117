"""Starts what is measured as processes of their own: the hub with its sandbox, floors, peers.

Own ports and an own folder: a developer's hub is neither used nor disturbed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.measure import until

ROOT = Path(__file__).parents[1]
MAIN = ROOT / "main.py"
_START_SECONDS = 90.0  # migrations and demo data on a busy machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A process that answers HTTP on loopback."""

    pid: int
    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def app_secret(self) -> str:
        """With which Meta signs what it posts to this hub."""
        lines = (self.folder / "secrets.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)["HUB_META_APP_SECRET"]


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder for secrets, database and logs of a hub, deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="partner-hub-bench-", ignore_cleanup_errors=True) as it:
        yield Path(it)


@contextlib.asynccontextmanager
async def hub(
    place: Path, command: str = "run", *, database_url: str = "", program: Sequence[str] = ()
) -> AsyncIterator[Server]:
    """A hub on free ports; `program` replaces `main.py` (see `bench.variant`)."""
    port, sandbox, smtp = free_ports(3)
    environment = _hub_environment(place, port, f"http://localhost:{sandbox}", smtp, database_url)
    arguments = [*(program or [str(MAIN)])]
    if command == "web":  # the others bring the schema up to date themselves
        subprocess.run([sys.executable, *arguments, "migrate"], env=environment, check=True,
                       capture_output=True, cwd=place)  # fmt: skip
    server = Server(pid=0, port=port, folder=place)
    async with _process([*arguments, command], server, environment, "/readyz") as running:
        yield running


@contextlib.asynccontextmanager
async def module(name: str, place: Path, *arguments: str) -> AsyncIterator[Server]:
    """A floor or a peer: `python -m name PORT arguments...`."""
    (port,) = free_ports(1)
    server = Server(pid=0, port=port, folder=place)
    command = ["-m", name, str(port), *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    async with _process(command, server, environment, "/healthz") as running:
        yield running


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _hub_environment(
    place: Path, port: int, sandbox: str, smtp: int, database_url: str
) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "HUB_PORT": str(port),
        "HUB_BASE_URL": f"http://localhost:{port}",
        "HUB_VAR_DIR": str(place),
        "HUB_DATABASE_URL": database_url,
        "HUB_OIDC_ISSUER": f"{sandbox}/identity",
        "HUB_META_GRAPH_BASE": sandbox,
        "HUB_META_DIALOG_BASE": sandbox,
        "HUB_META_SDK_URL": f"{sandbox}/sdk.js",
        "HUB_META_MESSAGE_ORIGINS": json.dumps([sandbox]),
        "HUB_SMTP_URL": f"smtp://localhost:{smtp}",
    }


@contextlib.asynccontextmanager
async def _process(
    command: Sequence[str], server: Server, environment: dict[str, str], ready: str
) -> AsyncIterator[Server]:
    log_path = server.folder / f"{server.port}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command],
            env=environment,
            cwd=server.folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the bench, which stops what it started
        )
    try:
        await until(lambda: _answers(server.url + ready, process, log_path), ready,
                    seconds=_START_SECONDS)  # fmt: skip
        yield Server(pid=process.pid, port=server.port, folder=server.folder)
    finally:
        _stop(process)


async def _answers(url: str, process: subprocess.Popen[bytes], log: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"{process.args} ended:\n{log.read_text()[-2000:]}")
    with contextlib.suppress(httpx.HTTPError):
        async with httpx.AsyncClient() as client:
            return (await client.get(url, timeout=2)).is_success
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    if process.poll() is None:
        process.kill()
        process.wait()
