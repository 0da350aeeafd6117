"""The member states' VAT registers through VIES, the Commission's REST API.

`POST {base}/check-vat-number` answers `{"valid": true, ...}`, and with `errorWrappers` when the
state's register is down or busy: that says nothing about the ID. Source:
https://ec.europa.eu/taxation_customs/vies/#/technical-information
"""

from __future__ import annotations

from typing import Any

import httpx

from core.errors import Unavailable
from core.operations.way_out import OPEN, WayOut, Whom
from core.settings import Settings

_TIMEOUT = httpx.Timeout(20.0, connect=5.0)  # *seconds*; registers answer late, not never
# The only error that is an answer: the number has not the form of that state's numbers.
_NOT_A_NUMBER = "INVALID_INPUT"


class Vies:
    """`core.billing.invoices.ports.VatRegister`."""

    def __init__(
        self,
        settings: Settings,
        way_out: WayOut = OPEN,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._way_out = way_out
        self._client = httpx.Client(
            timeout=_TIMEOUT, follow_redirects=False, trust_env=False, transport=transport
        )
        self._url = f"{settings.vies}/check-vat-number"

    def is_registered(self, vat_id: str) -> bool:
        """Raises Unavailable (`vat_register`) with the register's `reason`."""
        asked = {"countryCode": vat_id[:2], "vatNumber": vat_id[2:]}
        with self._way_out.calling(Whom.VAT_REGISTER):
            try:
                answer = self._client.post(self._url, json=asked).json()
            except (httpx.HTTPError, ValueError) as error:
                raise _unavailable(type(error).__name__) from error
            return _read(answer)

    def close(self) -> None:
        """Close the pooled connections."""
        self._client.close()


def _read(answer: Any) -> bool:
    if not isinstance(answer, dict):
        raise _unavailable("not_an_object")
    errors = answer.get("errorWrappers")
    if isinstance(errors, list) and errors:
        first = errors[0].get("error") if isinstance(errors[0], dict) else None
        if first == _NOT_A_NUMBER:
            return False
        raise _unavailable(str(first)[:40])
    valid = answer.get("valid")
    if not isinstance(valid, bool):
        raise _unavailable("no_answer")
    return valid


def _unavailable(reason: str) -> Unavailable:
    return Unavailable("the VAT register does not answer", code="vat_register", reason=reason)
