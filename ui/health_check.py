"""`python -m ui.health_check`: exit code 0 while the hub in this container can work.

Asks the web process for `/readyz`, or a worker for `/healthz` on its own port; an image need not
have a tool for that.
"""

from __future__ import annotations

import os
import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

_PATIENCE = 4  # seconds, below the time that the image allows


def target() -> tuple[int, str]:
    """Port and path to ask, from the settings of this container."""
    if worker := int(os.environ.get("HUB_WORKER_METRICS_PORT", "0") or "0"):
        return worker, "/healthz"
    return int(os.environ.get("HUB_PORT", "8082")), "/readyz"


def is_well(port: int, path: str) -> bool:
    connection = HTTPConnection("localhost", port, timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_well(*target()) else 1)
