"""The real hub and the real sandbox as processes of their own, on ports and in a folder apart."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.support.waiting import wait_for

MAIN = Path(__file__).parents[2] / "main.py"
_START_SECONDS = 90  # migrations and demo data on a busy machine
_STOP_SECONDS = 20
_FREE = range(20_000, 30_000, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the hub, the sandbox and its mail server listen."""

    hub: int = 8082
    sandbox: int = 8083
    smtp: int = 8025

    @classmethod
    def after(cls, first: int) -> Ports:
        """The prescribed ports for 8082, else three in a row."""
        return cls() if first == cls().hub else cls(hub=first, sandbox=first + 1, smtp=first + 2)

    @classmethod
    def free(cls) -> Ports:
        """Three that nobody listens on now, and that the system gives to no connection."""
        while True:
            first = secrets.choice(_FREE)
            if all(map(_is_free, range(first, first + 3))):
                return cls.after(first)

    @property
    def hub_url(self) -> str:
        return f"http://localhost:{self.hub}"

    @property
    def sandbox_url(self) -> str:
        return f"http://localhost:{self.sandbox}"

    def environment(self, var_dir: Path) -> dict[str, str]:
        """Every setting that names an address, and a folder; nothing of the developer's own."""
        world = self.sandbox_url
        own = {
            "VAR_DIR": str(var_dir),
            "PORT": str(self.hub),
            "BASE_URL": self.hub_url,
            "OIDC_ISSUER": f"{world}/identity",
            "META_GRAPH_BASE": world,
            "META_DIALOG_BASE": world,
            "META_SDK_URL": f"{world}/sdk.js",
            "META_MESSAGE_ORIGINS": f'["{world}"]',
            "SMTP_URL": f"smtp://localhost:{self.smtp}",
        }
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("HUB_", "SANDBOX_"))}
        return inherited | {f"HUB_{name}": value for name, value in own.items()}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class CommandProcess:
    """`main.py <arguments>` with its output in a file; it can be killed and started again."""

    def __init__(self, ports: Ports, folder: Path, *arguments: str, port: int) -> None:
        self.ports = ports
        self.var_dir = folder / "var"
        self._folder = folder
        self._arguments = arguments
        self._port = port
        self._log = folder / f"{arguments[0]}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """All it wrote so far."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    @property
    def base_url(self) -> str:
        return self.ports.hub_url

    def start(self) -> None:
        """Run until it answers; raises RuntimeError with what it said when it does not."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, MAIN, *self._arguments],
                # A folder without anybody's `.env`.
                cwd=self._folder,
                env=self.ports.environment(self.var_dir),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_for(self._has_answered, seconds=_START_SECONDS, every=0.05)
        except AssertionError as error:
            # It may come up yet: nobody would stop it then.
            self.kill()
            raise RuntimeError(f"main.py did not answer in time:\n{self.log}") from error

    def kill(self) -> None:
        """kill -9, as a power cut would; returns when it is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ctrl-C; kills what has not ended by then."""
        try:
            self._end(signal.SIGINT)
        except subprocess.TimeoutExpired:
            self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(how)
        self._process.wait(_STOP_SECONDS)
        self._process = None

    def _has_answered(self) -> bool:
        assert self._process is not None
        if (code := self._process.poll()) is not None:
            raise RuntimeError(f"main.py {' '.join(self._arguments)} ended ({code}):\n{self.log}")
        with closing(HTTPConnection("localhost", self._port, timeout=2)) as connection:
            try:
                connection.request("GET", "/healthz")
                return connection.getresponse().status == HTTPStatus.OK
            except (OSError, HTTPException):
                return False


def whole_hub(ports: Ports, folder: Path) -> CommandProcess:
    """`main.py run`: hub, worker and, as its child, the sandbox."""
    return CommandProcess(ports, folder, "run", port=ports.hub)


def hub_alone(ports: Ports, folder: Path) -> CommandProcess:
    """Hub and worker in one process; the world outside has to be there."""
    return CommandProcess(ports, folder, "run", "--no-sandbox", port=ports.hub)


def sandbox_alone(ports: Ports, folder: Path) -> CommandProcess:
    """The world outside, which survives the hub."""
    return CommandProcess(ports, folder, "sandbox", port=ports.sandbox)
