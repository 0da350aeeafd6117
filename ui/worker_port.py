"""The small port of a worker, which serves no pages: `/healthz` and `/metrics`, for near machines.

`HUB_WORKER_METRICS_PORT` opens it; the same callers are answered as by a web process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from core.operations.meters import MEDIA_TYPE, Meters
from core.operations.scraping import may_scrape
from core.settings import Settings
from ui.guards.requests import was_forwarded

_TEXT = "text/plain; charset=utf-8"
# A scraper that says nothing for so long holds a thread for nothing; in *seconds*.
_PATIENCE = 5


@contextmanager
def answering(settings: Settings, meters: Meters) -> Iterator[int]:
    """While the block lasts; gives the port, 0 for none."""
    if not settings.worker_metrics_port:
        yield 0
        return
    address = (settings.bind_host, settings.worker_metrics_port)
    with ThreadingHTTPServer(address, _handler(settings, meters.text)) as server:
        thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(timeout=5)


def _handler(settings: Settings, text: Callable[[], bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE
        server_version, sys_version = "hub", ""

        def do_GET(self) -> None:
            if not self._is_near():
                self._answer(404, _TEXT, b"Not found")
            elif self.path == "/healthz":
                self._answer(200, _TEXT, b"ok")
            elif self.path == "/metrics":
                self._answer(200, MEDIA_TYPE, text())
            else:
                self._answer(404, _TEXT, b"Not found")

        def log_message(self, *_: object) -> None:
            """Scrapes are nothing to tell."""

        def _is_near(self) -> bool:
            return may_scrape(
                self.client_address[0],
                was_forwarded=was_forwarded(name.lower().encode() for name in self.headers),
                authorization=self.headers.get("authorization", ""),
                networks=settings.metrics_networks,
                token=settings.metrics_token.get_secret_value(),
            )

        def _answer(self, status: int, media_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
