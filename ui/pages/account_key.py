"""The key with which the partner sends over one number: made, replaced, shown once."""

from __future__ import annotations

from core.accounts.results import ChannelDetails
from core.errors import Conflict, Forbidden, HubError
from core.integration.api.channel_keys import ChannelKeyRow
from core.integration.api.key_rules import NoKey, why_no_key
from ui import format as words
from ui.components import button, section_card, tag, viewer_zone
from ui.context import PageContext
from ui.dialogs import confirm, in_place, toast
from ui.faults import words_for
from ui.lists import Fact, definition_list
from ui.pages.integration_once import show_once

_WORDS = {
    NoKey.ENDED: "The number has ended, so it has no API key any more.",
    NoKey.GONE: "The number is not at Meta under this account any more, so it can have no API key.",
    NoKey.WITHDRAWN: (
        "Your client has withdrawn the permission. A key can be made once it is granted again."
    ),
    NoKey.PENDING: "A key can be made once your client has granted permission for this number.",
    NoKey.NOT_READY: "A key can be made once the number is ready.",
}


class ApiKeyCard:
    """The card on the details page; drawn anew only when something about the key has changed."""

    def __init__(self, page: PageContext, channel_id: str) -> None:
        self._page, self._id = page, channel_id
        self._drawn: object = None
        self._key: ChannelKeyRow | None = None
        with section_card("API key", "For sending messages over this number.") as self._place:
            self._body = tag("div", classes="stack-tight")

    async def show(self, it: ChannelDetails) -> None:
        """What stands, and what can be done about it."""
        keys = await self._page.call(self._page.hub.partner_api.channel_keys.all, self._id)
        self._key, why = (keys[0] if keys else None), reason(it)
        standing = (self._key, why)
        if standing == self._drawn or self._body.is_deleted:
            return  # the person may be on one of its buttons
        self._drawn = standing
        self._body.clear()
        with self._body:
            self._draw(why, it)

    def _draw(self, why: str, it: ChannelDetails) -> None:
        if self._key is not None:
            definition_list(_facts(self._key))
        elif not why:
            tag("p", "There is no key yet.", "quiet small")
        if why:
            tag("p", why, "quiet small")
        word = "Replace the key" if self._key else "Make a key"
        with tag("div", classes="h-actions"):
            make = button(word, in_place(self._place, lambda: self._make(it)))
            make.set_enabled(not why)
            if why:
                make.props["title"] = why
            if self._key is not None:
                remove = in_place(self._place, lambda: self._remove(it))
                button("Remove it", remove, small=True)

    async def _make(self, it: ChannelDetails) -> None:
        if self._key is not None and not await confirm(
            f"Replace the API key of {_number(it)}?",
            "The key that is in use stops working at once. Bring the new one to your server right "
            "after.",
            "Replace it",
        ):
            return
        try:
            made = await self._page.call(self._page.hub.partner_api.channel_keys.create, self._id)
        except (Conflict, Forbidden) as refused:
            toast(_refusal(refused), "danger")
        else:
            more = f"Send it as D360-API-KEY to {made.row.address}."
            show_once(f"API key of {_number(it)}", made.api_key, "API key", more=more)
        await self.show(it)

    async def _remove(self, it: ChannelDetails) -> None:
        if await confirm(
            f"Remove the API key of {_number(it)}?",
            "Whatever sends over this number with it is refused from now on.",
            "Remove it",
        ):
            await self._page.call(self._page.hub.partner_api.channel_keys.delete, self._id)
            await self.show(it)


def reason(it: ChannelDetails) -> str:
    """Why no key can be made for the number now; '' where one can."""
    why = why_no_key(
        status=it.status,
        consent=it.row.consent,
        state=it.row.action.state,
        ended=it.terminated_at is not None,
    )
    return _WORDS[why] if why else ""


def _refusal(error: HubError) -> str:
    known = {why.value: said for why, said in _WORDS.items()}
    return known.get(error.code) or words_for(error).sentence


def _number(it: ChannelDetails) -> str:
    return words.phone(it.row.phone_number) or it.row.name or "this number"


def _facts(key: ChannelKeyRow) -> list[Fact]:
    return [
        Fact(label="Key", value=f"{key.prefix}…", mono=True),
        Fact(label="Made", value=words.day(key.created_at, viewer_zone()), when=key.created_at),
        Fact(label="Address", value=key.address, mono=True, copy=key.address),
        Fact(label="App ID", value=key.app_id, mono=True, copy=key.app_id),
    ]
