"""API keys and system users: what a partner's programs sign in with; live."""

from __future__ import annotations

import asyncio
from datetime import datetime

from core.errors import NotFound
from core.integration.credentials.views import KeyRow, SystemUserRow
from core.ports import Notice
from ui import format as words
from ui.components import button, page_header, section_card, tag, viewer_zone
from ui.context import PageContext
from ui.dialogs import confirm, toast
from ui.elements.data_table import Column, DataTable, Row, act, badge_cell, cell
from ui.pages.integration_field import SavedSwitch
from ui.pages.integration_key_forms import NewKeyForm, NewUserForm, scopes_in_words, show_password
from ui.pages.integration_tabs import KEYS, tabs

SENTENCE = "What your programs sign in with. People sign in by themselves, never with these."
_ABOUT = frozenset({"api_key", "system_user", "integration"})
_KEY_COLUMNS = (
    Column(key="name", title="Key"),
    Column(key="state", title="State"),
    Column(key="used", title="Last used"),
    Column(key="made", title="Made"),
)
_USER_COLUMNS = (
    Column(key="name", title="User name"),
    Column(key="state", title="State"),
    Column(key="used", title="Last token"),
    Column(key="made", title="Password made"),
)
_ON = "System users get tokens from POST /api/v2/token with their user name and password."
_OFF = "Nobody gets a token, and tokens that are out there are refused. API keys go on working."


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Keys(page).draw()


class Keys:
    """One open page of the credentials."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._keys: dict[str, KeyRow] = {}
        self._users: dict[str, SystemUserRow] = {}
        self._readings = 0

    async def draw(self) -> None:
        self._page.follow(self._changed)
        with page_header("API keys", SENTENCE, [("Integration", "/integration")]):
            button("New API key", self._new_key, kind="primary", icon="plus")
        tabs(KEYS)
        with tag("div", classes="stack") as self._room:
            with section_card(
                "API keys", "Each opens the Partner API by itself, until it is revoked."
            ):
                self._key_list = DataTable("API keys", _KEY_COLUMNS, on_act=self._key_acted)
                self._no_keys = tag("p", "There is no API key yet.", "quiet small")
            with section_card("System users", "For programs that ask for a token first."):
                self._login = SavedSwitch("Token login", self._switch_login, ask=self._ask_login)
                self._user_list = DataTable("System users", _USER_COLUMNS, on_act=self._user_acted)
                self._no_users = tag("p", "There is no system user yet.", "quiet small")
                with tag("div", classes="h-actions"):
                    button("New system user", self._new_user, icon="plus")
        await self._load()

    async def _load(self) -> None:
        """Read it again; a reading that began later knows better."""
        self._readings = reading = self._readings + 1
        verbs = self._page.hub.credentials
        keys, users, is_on = await asyncio.gather(
            self._page.call(verbs.keys),
            self._page.call(verbs.system_users),
            self._page.call(verbs.token_login),
        )
        if reading != self._readings or self._room.is_deleted:
            return
        self._keys = {key.id: key for key in keys}
        self._users = {user.id: user for user in users}
        self._key_list.show([self._key_row(key) for key in keys])
        self._user_list.show([self._user_row(user) for user in users])
        for rows, table, none in (
            (keys, self._key_list, self._no_keys),
            (users, self._user_list, self._no_users),
        ):
            table.set_visibility(bool(rows))
            none.set_visibility(not rows)
        self._login.show(is_on)
        self._login.explain(_ON if is_on else _OFF)

    def _key_row(self, key: KeyRow) -> Row:
        ended = key.revoked_at is not None
        second = f"{key.prefix}… · {scopes_in_words(key.scopes)}"
        acts = [] if ended else [act("revoke", "Revoke", f"Revoke the key {key.name}")]
        return {
            "id": key.id,
            "name": cell(key.name, second=second),
            "state": badge_cell("ban", "Revoked", "neutral")
            if ended
            else badge_cell("check-circle", "Good", "success"),
            "used": self._ago(key.last_used_at),
            "made": cell(words.day(key.created_at, viewer_zone()), second=f"by {key.created_by}"),
            "acts": acts,
        }

    def _user_row(self, user: SystemUserRow) -> Row:
        is_off = user.disabled_at is not None
        second = " · ".join(filter(None, (user.name, scopes_in_words(user.scopes))))
        turn = ("enable", "Enable") if is_off else ("disable", "Disable")
        return {
            "id": user.id,
            "name": cell(user.username, second=second),
            "state": badge_cell("pause", "Disabled", "warning")
            if is_off
            else badge_cell("check-circle", "Good", "success"),
            "used": self._ago(user.last_used_at),
            "made": cell(
                words.day(user.password_at, viewer_zone()), second=f"by {user.created_by}"
            ),
            "acts": [
                act("password", "New password", f"New password for {user.username}"),
                act(turn[0], turn[1], f"{turn[1]} {user.username}"),
                act("delete", "Delete", f"Delete {user.username}"),
            ],
        }

    def _ago(self, when: datetime | None) -> str:
        if when is None:
            return "Never"
        return words.relative(when, self._page.hub.clock.now(), viewer_zone())

    async def _new_key(self) -> None:
        with self._room:
            NewKeyForm(self._page, self._load)

    async def _new_user(self) -> None:
        with self._room:
            NewUserForm(self._page, self._load)

    async def _key_acted(self, key_id: str, name: str) -> None:
        key = self._keys.get(key_id)
        if key is None or name != "revoke":
            return
        with self._room:
            agreed = await confirm(
                f"Revoke the key {key.name}?",
                "Programs that use it are refused from now on. It cannot be taken back.",
                "Revoke it",
            )
        if agreed:
            await self._page.call(self._page.hub.credentials.revoke_key, key_id)
            toast(f"The key {key.name} opens nothing any more.")
            await self._load()

    async def _user_acted(self, user_id: str, name: str) -> None:
        user = self._users.get(user_id)
        acts = {
            "password": self._new_password,
            "disable": self._disable,
            "enable": self._enable,
            "delete": self._delete,
        }
        if user is None or name not in acts:
            return
        try:
            with self._room:
                await acts[name](user)
        except NotFound:
            toast("This system user was deleted meanwhile.", "warning")
        await self._load()

    async def _new_password(self, user: SystemUserRow) -> None:
        if await confirm(
            f"New password for {user.username}?",
            "The old one and all tokens are good for nothing from now on.",
            "Make a new one",
        ):
            verb = self._page.hub.credentials.reset_password
            show_password(await self._page.call(verb, user.id))

    async def _disable(self, user: SystemUserRow) -> None:
        if await confirm(
            f"Disable {user.username}?",
            "Its password and its tokens are refused until it is enabled again.",
            "Disable it",
        ):
            await self._page.call(self._page.hub.credentials.disable_system_user, user.id)

    async def _enable(self, user: SystemUserRow) -> None:
        await self._page.call(self._page.hub.credentials.enable_system_user, user.id)
        toast(f"{user.username} may sign in again.")

    async def _delete(self, user: SystemUserRow) -> None:
        if await confirm(
            f"Delete {user.username}?",
            "Programs that use it are refused from now on. The user name is free again.",
            "Delete it",
        ):
            await self._page.call(self._page.hub.credentials.delete_system_user, user.id)

    async def _ask_login(self, is_on: bool) -> bool:
        if is_on:
            return True
        with self._room:
            return await confirm("Switch token login off?", _OFF, "Switch it off")

    async def _switch_login(self, is_on: bool) -> None:
        await self._page.call(self._page.hub.credentials.set_token_login, is_on)
        self._login.explain(_ON if is_on else _OFF)
        toast("Token login is on." if is_on else "Token login is off.")

    async def _changed(self, notices: list[Notice]) -> None:
        if any(notice.subject_type in _ABOUT for notice in notices):
            await self._load()
