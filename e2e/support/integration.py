"""The Integration pages as tests walk them, and the partner's program beside them."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from core.demo.programs import programs_of
from core.demo.world import ACME
from e2e.support.people import wait_connected
from e2e.support.sandbox import Sandbox

_PLAIN: dict[str, Any] = {"timeout": 30, "trust_env": False}
SHOWN_ONCE = re.compile("I have copied it")


class Office:
    """An owner's browser on the Integration pages."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self._base = base_url

    def open(self, part: str = "") -> None:
        self.page.goto(f"{self._base}/integration{part}")
        wait_connected(self.page)

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def press(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def save(self, label: str, text: str) -> None:
        """Type and save by the field's own button."""
        self.field(label).fill(text)
        self.press(f"Save {label}")

    def confirm(self, title: str, action: str) -> None:
        """Agree to what the dialog of this title says."""
        dialog = self.page.get_by_role("dialog", name=title)
        dialog.get_by_role("button", name=action, exact=True).click()
        expect(dialog).to_have_count(0)

    def shown_once(self) -> str:
        """The secret in the open dialog, which is closed then."""
        dialog = self.page.get_by_role("dialog").filter(has_text=SHOWN_ONCE)
        secret = dialog.locator("code").first.inner_text()
        dialog.get_by_role("button", name=SHOWN_ONCE).click()
        expect(dialog).to_have_count(0)
        return secret

    def copied(self, what: str) -> str:
        """What the copy button of this thing puts into the clipboard."""
        self.press(f"Copy {what}")
        expect(self.page.locator("[data-done]")).to_be_visible()
        text: str = self.page.evaluate("navigator.clipboard.readText()")
        expect(self.page.locator("[data-done]")).to_have_count(0)
        return text


class Program:
    """A partner's program: the Partner API by its key."""

    def __init__(self, base_url: str, key: str = "") -> None:
        self._api = f"{base_url}/api/v2"
        self._key = key or str(programs_of(ACME.id)["api_key"])
        self._own = f"{self._api}/partners/{ACME.id}"

    def status(self) -> int:
        """Whether the key opens the API."""
        return self._get().status_code

    def partner(self) -> dict[str, Any]:
        """The partner's own object."""
        told: dict[str, Any] = self._get().raise_for_status().json()
        return told

    def change(self, **values: Any) -> None:
        answer = httpx.patch(self._own, headers=self._headers(), json=values, **_PLAIN)
        answer.raise_for_status()

    def token_status(self, username: str, password: str) -> int:
        """What the token login answers to a system user."""
        told = {"username": username, "password": password}
        return httpx.post(f"{self._api}/token", json=told, **_PLAIN).status_code

    def _get(self) -> httpx.Response:
        return httpx.get(self._own, headers=self._headers(), **_PLAIN)

    def _headers(self) -> dict[str, str]:
        return {"X-API-Key": self._key}


class Receiver:
    """A partner's receiver in the sandbox."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self._sandbox, self._name = sandbox, name
        self.url = f"{sandbox.url}/receiver/{name}"

    def got(self, at_least: int = 1) -> list[dict[str, Any]]:
        """What came, oldest first."""
        query = {"at_least": at_least, "wait_seconds": 30}
        requests: list[dict[str, Any]] = self._sandbox.get(f"receiver/{self._name}", **query)[
            "requests"
        ]
        return requests

    def events(self, at_least: int = 1) -> list[tuple[str, dict[str, Any]]]:
        """Name and data of what came; a repeat counts once."""
        bodies = {each["headers"]["webhook-id"]: each["body"] for each in self.got(at_least)}
        told = [json.loads(body) for body in bodies.values()]
        return [(each["event"], each["data"]) for each in told]

    def answers(self, status: int) -> None:
        self._sandbox.post(f"receiver/{self._name}/behaviour", {"status": status})
