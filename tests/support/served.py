"""An ASGI app under uvicorn on a free port of this machine, in a thread of the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from tests.support.waiting import wait_for
from ui.raw_targets import RawTargets


@contextmanager
def served(app: Any, port: int = 0) -> Iterator[int]:
    """The port; requests are parsed as `ui.serve` has them parsed."""
    config = uvicorn.Config(
        app, port=port, http=RawTargets, ws="none", log_level="error", proxy_headers=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for(lambda: server.started, seconds=10)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(timeout=10)
