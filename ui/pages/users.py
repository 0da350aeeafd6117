"""Users: who works here in which role, who is invited, and how that changes; live, owners only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from core.errors import FreshSignInNeeded, HubError, NotFound
from core.partners.entities import Role
from core.partners.invitation_rules import InvitationState
from core.partners.invitations import InvitationView
from core.partners.members import MemberView
from core.partners.users import UsersView
from core.ports import Notice
from core.support.states import RequestKind
from ui.components import button, note, page_header, section_card, tag
from ui.context import PageContext
from ui.dialogs import confirm, toast
from ui.elements.data_table import DataTable
from ui.pages import users_rows, users_words
from ui.pages.users_invite import InviteForm

SENTENCE = "Who works here. Owners do everything, members WhatsApp accounts only."
_ABOUT = frozenset({"person", "invitation", "conversation"})

Act = Callable[[], Awaitable[None]]


async def build(page: PageContext) -> None:
    """Draw the section and keep it live."""
    await Users(page).draw()


class Users:
    """One open page of the people of a partner."""

    def __init__(self, page: PageContext) -> None:
        self._page = page
        self._members: dict[str, MemberView] = {}
        self._invitations: dict[str, InvitationView] = {}
        self._asked: dict[str, str] = {}
        self._owners_may_remove = False
        self._readings = 0

    async def draw(self) -> None:
        self._page.follow(self._changed)
        with page_header("Users", SENTENCE):
            button("Invite somebody", self._invite, kind="primary", icon="plus")
        with tag("div", classes="stack") as self._room:
            self._notes = tag("div", classes="stack")
            self._people = DataTable("Users", users_rows.PEOPLE, on_act=self._person_acted)
            self._people.classes("dt-whole")
            with section_card("Invitations", "Who was asked and has not signed in yet."):
                self._waiting = DataTable(
                    "Invitations", users_rows.INVITATIONS, on_act=self._invitation_acted
                )
                self._waiting.classes("dt-whole")
                self._nobody = tag("p", "Nobody is invited at the moment.", "quiet small")
        await self._load()

    async def _load(self) -> None:
        """Read it again; a reading that began later knows better."""
        self._readings = reading = self._readings + 1
        hub = self._page.hub
        everybody, asked = await asyncio.gather(
            self._page.call(hub.users.everybody),
            self._page.call(hub.support.asked, RequestKind.REMOVE_USER),
        )
        if reading == self._readings and not self._room.is_deleted:
            self._show(everybody, asked)

    def _show(self, everybody: UsersView, asked: dict[str, str]) -> None:
        self._members = {member.id: member for member in everybody.members}
        self._invitations = {each.id: each for each in everybody.invitations}
        self._asked = {person: there for person, there in asked.items() if person in self._members}
        self._owners_may_remove = everybody.owners_may_remove
        self._people.show([self._row(member) for member in everybody.members])
        now = self._page.hub.clock.now()
        self._waiting.show([users_rows.invitation(each, now) for each in everybody.invitations])
        self._waiting.set_visibility(bool(everybody.invitations))
        self._nobody.set_visibility(not everybody.invitations)
        self._show_notes()

    def _row(self, member: MemberView) -> users_rows.Row:
        return users_rows.person(
            member,
            self._page.hub.clock.now(),
            is_you=self._is_you(member),
            is_asked=member.id in self._asked,
            owners_may_remove=self._owners_may_remove,
        )

    def _show_notes(self) -> None:
        self._notes.clear()
        is_only = any(member.is_last_owner for member in self._members.values())
        self._notes.set_visibility(bool(self._asked) or is_only)
        with self._notes:
            for person, there in self._asked.items():
                name = self._members[person].name
                with note("support", f"Support was asked to remove {name}. ", "info"):
                    tag("a", "Open the conversation", "h-inline", href=f"/support/{there}")
            for member in self._members.values():
                if member.is_last_owner:
                    text = users_words.only_owner(member, is_you=self._is_you(member))
                    note("info", text, "neutral")

    def _is_you(self, member: MemberView) -> bool:
        return member.id == self._page.principal.person_id

    async def _invite(self) -> None:
        with self._room:
            InviteForm(self._page, self._load)

    async def _person_acted(self, person_id: str, key: str) -> None:
        member = self._members.get(person_id)
        acts: dict[str, Callable[[MemberView], Awaitable[None]]] = {
            "role": self._change_role,
            "remove": self._remove,
            "ask": self._ask_support,
        }
        if member is not None and key in acts:
            await self._doing(partial(acts[key], member))

    async def _invitation_acted(self, invitation_id: str, key: str) -> None:
        invitation = self._invitations.get(invitation_id)
        acts: dict[str, Callable[[InvitationView], Awaitable[None]]] = {
            "again": self._send_again,
            "withdraw": self._withdraw,
        }
        if invitation is not None and key in acts:
            await self._doing(partial(acts[key], invitation))

    async def _doing(self, act: Act) -> None:
        try:
            with self._room:
                await act()
        except FreshSignInNeeded:
            raise
        except NotFound:
            toast("This was changed meanwhile.", "warning")
        except HubError as error:
            toast(users_words.refused(error), "danger")
        await self._load()

    async def _change_role(self, member: MemberView) -> None:
        to = Role.MEMBER if member.role is Role.OWNER else Role.OWNER
        title, follows = users_words.of_change(member, to, is_you=self._is_you(member))
        word = f"Make {'an owner' if to is Role.OWNER else 'a member'}"
        if await confirm(title, follows, word, danger=False):
            await self._page.call(self._page.hub.users.change_role, member.id, to.value)
            toast(f"{member.name} is {'an owner' if to is Role.OWNER else 'a member'} now.")

    async def _remove(self, member: MemberView) -> None:
        follows = "They work here no more from now on, and their open pages stop at once."
        if await confirm(f"Remove {member.name}?", follows, "Remove", danger=True):
            await self._page.call(self._page.hub.users.remove, member.id)
            toast(f"{member.name} works here no more.")

    async def _ask_support(self, member: MemberView) -> None:
        follows = "Support removes them for you, and answers here. Until then nothing changes."
        title = f"Ask Support to remove {member.name}?"
        if await confirm(title, follows, "Ask Support", danger=False):
            verb, facts = self._page.hub.support.ask, {"person_id": member.id}
            await self._page.call(verb, RequestKind.REMOVE_USER, facts)
            toast("Support was asked.")

    async def _send_again(self, invitation: InvitationView) -> None:
        title = f"Send the invitation to {invitation.name or invitation.email} again?"
        follows = f"{invitation.email} gets a new link. The one mailed before stops working."
        if await confirm(title, follows, "Send a new link", danger=False):
            await self._page.call(self._page.hub.users.send_again, invitation.id)
            toast(f"A new link is on its way to {invitation.email}.")

    async def _withdraw(self, invitation: InvitationView) -> None:
        is_open = invitation.state is InvitationState.OPEN
        follows = (
            "The link in the mail opens nothing any more." if is_open else "It leaves the list."
        )
        title = f"Withdraw the invitation to {invitation.name or invitation.email}?"
        if await confirm(title, follows, "Withdraw"):
            await self._page.call(self._page.hub.users.withdraw, invitation.id)
            toast("The invitation is withdrawn.")

    async def _changed(self, notices: list[Notice]) -> None:
        if any(notice.subject_type in _ABOUT for notice in notices):
            await self._load()
