"""The dialog in which somebody is invited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.errors import FreshSignInNeeded, HubError, InvalidInput
from core.partners.entities import Role
from core.partners.invitation_rules import address_of, name_of
from ui.components import choice_field, text_field
from ui.context import PageContext
from ui.dialogs import toast
from ui.pages import users_words
from ui.pages.integration_endpoint_forms import EndpointForm

_SENTENCE = "They get a mail with a link that is good for seven days and for their address only."


class InviteForm(EndpointForm):
    """Name, address, role."""

    def __init__(self, page: PageContext, done: Callable[[], Awaitable[None]]) -> None:
        self._page, self._done = page, done
        super().__init__("Invite somebody", "Send the invitation", _SENTENCE)

    def draw(self) -> None:
        name = self._fields["name"] = text_field("Name")
        name.props("autofocus autocomplete=off maxlength=120")
        email = self._fields["email"] = text_field(
            "E-mail address",
            placeholder="name@company.example",
            help="The address that they sign in with.",
        )
        email.props("autocomplete=off spellcheck=false inputmode=email maxlength=320")
        for field in (name, email):
            field.without_auto_validation()
            field.on("keydown.enter", self._pressed, args=[])
        options = {
            role.value: f"{users_words.ROLES[role]}: {users_words.MAY[role]}" for role in Role
        }
        self._fields["role"] = choice_field("Role", options, value=Role.MEMBER.value)

    async def save(self) -> None:
        self._judge()
        made = await self._page.call(
            self._page.hub.users.invite,
            name=str(self._fields["name"].value or ""),
            email=str(self._fields["email"].value or ""),
            role=str(self._fields["role"].value or ""),
        )
        toast(f"The invitation to {made.name} is on its way.")
        await self._done()

    def _judge(self) -> None:
        """What is wrong stands at every field at once. Raises InvalidInput, of the first."""
        faults: list[InvalidInput] = []
        for name, rule in (("name", name_of), ("email", address_of)):
            try:
                rule(str(self._fields[name].value or ""))
            except InvalidInput as fault:
                self._fields[name].error = self.refusal(fault)
                faults.append(fault)
        if faults:
            raise faults[0]

    def refusal(self, error: HubError) -> str:
        if isinstance(error, FreshSignInNeeded):
            return super().refusal(error)
        return users_words.refused(error)
