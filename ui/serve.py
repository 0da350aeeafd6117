"""Runs the hub's ASGI application under uvicorn, tuned as measured in `bench/`.

One process, one event loop; more processes stand behind a sticky balancer.
"""

from __future__ import annotations

import gc
import socket
import sys

import uvicorn
from fastapi import FastAPI

from core.settings import Settings
from ui.guards.transports import LimitedSocket
from ui.http_limits import LimitedHttp

# Full collections walk every page's elements and stop the loop for 160 to 280 ms; what was made
# at start never dies, and the oldest generation is looked at 1,000 times less often.
# The middle one never walks more than 20,000 young objects (10 to 30 ms; 200,000 took 130).
_GC_THRESHOLDS = (5_000, 4, 2_500)
_SECONDS_TO_STOP = 3
_LARGEST_FRAME = 1 << 20


def serve(app: FastAPI, settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; prints one ready line with the address."""
    config = uvicorn.Config(
        app,
        host=settings.bind_host,
        port=settings.port,
        loop="uvloop",
        http=LimitedHttp,
        ws=LimitedSocket,
        # Frames are small; deflating each costs more than it saves, per page 300 KiB as well.
        ws_per_message_deflate=False,
        # Pages send small frames; the largest is a file's preview that is pasted.
        ws_max_size=_LARGEST_FRAME,
        # The guards decide whom to believe (`ui.guards.hosts`).
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=_SECONDS_TO_STOP,
    )
    _Server(config, f"Ready: {settings.base_url}").run()


def require_free(port: int) -> None:
    """Ends the process with one sentence when somebody else listens there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"Port {port} is in use; stop what runs there or set HUB_PORT.")


class _Server(uvicorn.Server):
    """Tells when it listens, and calms the garbage collector at that moment."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            calm_garbage_collector()
            sys.stdout.write(self._ready + "\n")
            sys.stdout.flush()


def calm_garbage_collector() -> None:
    """Take what lives now out of every later collection, and look at the oldest rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
