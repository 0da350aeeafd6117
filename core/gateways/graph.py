"""One HTTP client for the Graph API: errors as values, cursor paging, usage watched.

Tokens, codes and the app secret travel in headers and queries and never into a log: the HTTP
library's own request lines are switched off. Source: contracts/meta.md sections 12 and 13.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import httpx
import structlog

from core.errors import InvalidInput, MetaError, Unavailable
from core.gateways.usage import Usage
from core.operations.way_out import OPEN, WayOut, Whom
from core.settings import Settings

log = structlog.get_logger()

Json = dict[str, Any]

_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_PAGE = 100
# A WABA has 6,000 templates at the most; more pages than this is a loop.
_MAX_PAGES = 100
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Graph:
    """Calls by path below the configured version; thread-safe, connections are reused."""

    def __init__(
        self,
        settings: Settings,
        *,
        way_out: WayOut = OPEN,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._way_out = way_out
        # Their lines hold whole URLs, and one of ours carries the app secret and the code.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._client = httpx.Client(
            base_url=f"{settings.meta_graph_base.rstrip('/')}/{settings.meta_api_version}",
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            transport=transport,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16),
        )
        self._usage = Usage()

    def get(self, path: str, token: str = "", **params: Any) -> Json:
        """Raises MetaError, Unavailable (`sent` in `about` says whether Meta may have got it)."""
        return self._call("GET", path, token, params=params)

    def post(self, path: str, token: str, body: Mapping[str, Any] | None = None) -> Json:
        """An empty body stays empty: `subscribed_apps` means something else with one."""
        return self._call("POST", path, token, json=body)

    def upload(self, path: str, token: str, file: tuple[str, bytes, str], **fields: str) -> Json:
        """A file (name, content, media type) as a multipart form. Raises like `get`."""
        return self._call("POST", path, token, form=fields, file=file)

    def delete(self, path: str, token: str, **params: Any) -> Json:
        """Raises like `get`."""
        return self._call("DELETE", path, token, params=params)

    def pages(self, path: str, token: str, **params: Any) -> list[Json]:
        """All rows of an edge, page by page. Raises like `get`."""
        rows: list[Json] = []
        after: dict[str, Any] = {}
        for _ in range(_MAX_PAGES):
            answer = self.get(path, token, **{"limit": _PAGE, **params, **after})
            rows += [row for row in answer.get("data") or [] if isinstance(row, dict)]
            paging = answer.get("paging") or {}
            cursor = (paging.get("cursors") or {}).get("after")
            # `next` is the sign that there is more; the cursor is followed, never the address.
            if not paging.get("next") or not cursor:
                return rows
            after = {"after": cursor}
        log.warning("graph_too_many_pages", path=path)
        return rows

    def close(self) -> None:
        """Close the pooled connections."""
        self._client.close()

    def _call(
        self,
        method: str,
        path: str,
        token: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        file: tuple[str, bytes, str] | None = None,
    ) -> Json:
        if token:
            self._usage.require_room(path)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with self._way_out.calling(Whom.META):
            answer = self._send(
                method,
                path,
                params=params or None,
                json=json,
                data=form,
                files={"file": file} if file else None,
                headers=headers,
            )
            self._usage.note(path, answer.headers)
            return _read(answer)

    def _send(self, method: str, path: str, **what: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **what)
        except _NEVER_SENT as error:
            raise Unavailable("Meta cannot be reached", code=_GONE, sent=False) from error
        except httpx.HTTPError as error:
            raise Unavailable("Meta did not answer", code=_GONE, sent=True) from error


_GONE = "meta_unreachable"


def node_id(text: str) -> str:
    """An id that may stand in a path; raises InvalidInput for anything but digits."""
    if not (text.isascii() and text.isdigit()):
        raise InvalidInput(code="not_a_meta_id")
    return text


def _read(answer: httpx.Response) -> Json:
    """The object of an answer; what an error is decides the body, not the status."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        raise _error(body["error"])
    if not isinstance(body, dict) or not answer.is_success:
        # A proxy's page, half an answer: whether Meta did it is unknown.
        raise Unavailable(f"Meta answered {answer.status_code}", code=_GONE, sent=True)
    return body


def _error(error: Json) -> MetaError:
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    return MetaError(
        _text(error.get("message")),
        meta_code=_number(error.get("code")) or 0,
        subcode=_number(error.get("error_subcode")),
        details=_text(details),
        trace_id=_text(error.get("fbtrace_id")),
        transient=error.get("is_transient") is True,
        user_message=_text(error.get("error_user_msg")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None
