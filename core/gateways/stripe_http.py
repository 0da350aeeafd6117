"""The wire under the stripe SDK: short time-outs, no proxy of the environment, no telemetry.

The SDK's own client would wait 80 seconds for an answer, follow proxy variables, and tell Stripe
about this machine.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, ClassVar

import httpx
import stripe

from core.operations.way_out import OPEN, Result, WayOut, Whom

# Stripe answers a charge within a few seconds; whoever waits longer does not know what happened.
TIMEOUT = httpx.Timeout(20.0, connect=5.0)
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class StripeHttp(stripe.HTTPClient):
    """One pool of connections; thread-safe. `transport` is for tests."""

    name: ClassVar[str] = "httpx"

    def __init__(
        self,
        *,
        timeout: httpx.Timeout = TIMEOUT,
        way_out: WayOut = OPEN,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__()
        self._way_out = way_out
        stripe.enable_telemetry = False
        # Their lines hold addresses and, at the finest level, whole bodies.
        for logger in ("httpx", "httpcore", "stripe"):
            logging.getLogger(logger).setLevel(logging.WARNING)
        self._client = httpx.Client(
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
            transport=transport,
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=8),
        )

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Body, status and headers; raises APIConnectionError with the cause when there is none."""
        with self._way_out.calling(Whom.PAYMENTS) as call:
            try:
                answer = self._client.request(
                    method, url, headers=headers, content=post_data or None
                )
            except httpx.HTTPError as error:
                call.result = Result.UNAVAILABLE
                why = f"no answer ({type(error).__name__})"
                # Every call that changes something has a key, so the SDK may ask again.
                lost = stripe.APIConnectionError(why, should_retry=True)  # type: ignore[no-untyped-call]
                raise lost from error
            call.ended(well=answer.is_success)
        return answer.text, answer.status_code, answer.headers

    def close(self) -> None:
        """Close the pooled connections."""
        self._client.close()
