"""Fails a test whose pages had console errors, refused scripts, exceptions or failed requests.

Only the hub's own pages count. What a test provokes on purpose it allows, by a part of the text.
"""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# The page was left while something was loading: nobody's fault.
_LEFT = ("net::ERR_ABORTED", "net::ERR_NETWORK_CHANGED")
_REFUSED_FROM = 400
_TELL_REFUSALS = """
document.addEventListener("securitypolicyviolation", (refused) => console.error(
  `the content policy refused ${refused.blockedURI} (${refused.violatedDirective})`));
"""


class Watch:
    """Over every context that it is given."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._faults: list[str] = []
        self._allowed: list[str] = []

    def over(self, context: BrowserContext) -> None:
        """From now on, every page of the context."""
        # Said once more in words of our own: not every browser writes each refusal to its console.
        context.add_init_script(_TELL_REFUSALS)
        context.on("console", self._console)
        context.on("weberror", self._exception)
        context.on("response", self._answered)
        context.on("requestfailed", self._failed)

    def allow(self, *parts: str) -> None:
        """Faults that contain one of these are meant to happen in this test."""
        self._allowed += parts

    def allow_status(self, status: int) -> None:
        """An answer with this status is meant to come."""
        self.allow(f"answered {status} ", f"status of {status} ")

    def allow_broken_connection(self) -> None:
        """The hub goes away in this test: sockets and requests break."""
        self.allow("WebSocket connection", "ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_SOCKET")

    @property
    def faults(self) -> list[str]:
        """What was not allowed."""
        return [f for f in self._faults if not any(part in f for part in self._allowed)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and message.page and self._is_ours(message.page.url):
            url = message.location.get("url", "")
            self._faults.append(f"console on {message.page.url}: {message.text} ({url})")

    def _exception(self, error: WebError) -> None:
        if error.page and self._is_ours(error.page.url):
            self._faults.append(f"exception on {error.page.url}: {error.error}")

    def _answered(self, response: Response) -> None:
        if response.status >= _REFUSED_FROM and self._is_ours(response.url):
            self._faults.append(f"answered {response.status} to {response.url}")

    def _failed(self, request: Request) -> None:
        if self._is_ours(request.url) and request.failure not in _LEFT:
            self._faults.append(f"request failed: {request.failure} {request.url}")

    def _is_ours(self, url: str) -> bool:
        return url == self._base_url or url.startswith(f"{self._base_url}/")
