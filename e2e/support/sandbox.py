"""The sandbox's controls, as tests say them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import httpx

_WAIT_SECONDS = 30
_CODE = re.compile(r"\b(\d{6})\b")


class Sandbox:
    """The world outside the hub, by its `/control` routes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=_WAIT_SECONDS + 15, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, /, **query: Any) -> Any:
        """The JSON of a control route; raises for a refusal."""
        return self._http.get(f"/control/{path}", params=query).raise_for_status().json()

    def read(self, path: str) -> bytes:
        """The bytes of a control route."""
        return self._http.get(f"/control/{path}").raise_for_status().content

    def post(self, path: str, body: Any = None) -> Any:
        return self._http.post(f"/control/{path}", json=body or {}).raise_for_status().json()

    def delete(self, path: str) -> None:
        self._http.delete(f"/control/{path}").raise_for_status()

    def reset(self) -> None:
        self.post("reset")

    def behave(self, **switches: Any) -> None:
        """Switches of Meta's side; the others stay."""
        self.post("meta/behaviour", switches)

    def next_month(self) -> None:
        """The clock of everybody stands on the 1st, a quarter past midnight UTC.

        After the closing's grace.
        """
        now = datetime.fromisoformat(self.get("clock")["now"])
        first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
        then = first.replace(hour=0, minute=15, second=0, microsecond=0)
        self.post("clock", {"set": then.isoformat()})

    def happens(self, name: str, **target: Any) -> Any:
        """A scenario, with the webhooks that follow."""
        return self.post(f"meta/scenario/{name}", target)

    def mails(self, email: str, *, at_least: int = 1) -> list[dict[str, Any]]:
        """What was mailed to this address, newest first."""
        query = {"to": email, "at_least": at_least, "wait_seconds": _WAIT_SECONDS}
        mails: list[dict[str, Any]] = self.get("mail", **query)["mails"]
        assert len(mails) >= at_least, f"{len(mails)} mails to {email}"
        return mails

    def mailed_code(self, email: str, *, at_least: int = 1) -> str:
        """The six digits of the newest mail."""
        found = _CODE.search(self.mails(email, at_least=at_least)[0]["text"])
        assert found, "no six digits in the mail"
        return found[1]

    def mailed_link(self, email: str, part: str) -> str:
        """The link of any mail whose address contains `part`, the newest first."""
        links = [link for mail in self.mails(email) for link in mail["links"] if part in link]
        assert links, f"no link with {part} was mailed to {email}"
        return links[0]

    def graph_calls(self, path: str = "", method: str = "") -> list[dict[str, Any]]:
        """Calls that Meta's Graph API got, oldest first."""
        calls: list[dict[str, Any]] = self.get("meta/calls", path=path, method=method)["calls"]
        return calls
