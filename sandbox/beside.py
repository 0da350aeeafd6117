"""The sandbox as a child process of whoever starts it, gone when that one is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx

_START = 60.0  # seconds; a slow disk and a busy machine included


@contextmanager
def running(command: Sequence[str], url: str) -> Iterator[None]:
    """`command` runs and answers at `url` while the block lasts; exits when it cannot start."""
    # Its own session: Ctrl-C reaches the parent, which stops the child after itself.
    process = subprocess.Popen(command, start_new_session=True)  # noqa: S603
    try:
        _await_answer(process, url)
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)


def end_with_parent(parent: int) -> None:
    """A killed parent takes this process with it, so that its ports are free for the next start.

    `parent` is its process id, told by itself: it may be gone before this process asks.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _await_answer(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _START
    # One client: each would read the certificates anew, 40 ms that the sandbox needs to start.
    with httpx.Client(timeout=1, trust_env=False) as client:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                sys.exit(process.returncode or 1)  # it has said why
            try:
                if client.get(f"{url}/healthz").is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
    sys.exit(f"The sandbox did not answer within {_START:.0f} seconds.")
