"""What each kind of request asks for: its fields in the dialog, and the facts they give."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from babel import Locale
from nicegui import ui

from core.billing.invoices.details import COUNTRIES
from core.support.states import RequestKind
from core.support.views import Choices
from ui import format as words
from ui.components import link_button, note, tag, text_field
from ui.context import PageContext
from ui.lists import Fact, definition_list
from ui.pages import support_words

Query = Mapping[str, str]
_CONFIRM_DIGITS = 4
_SUBJECT_LENGTH = 120


class Fields(ABC):
    """The fields of one kind; `changed` is called whenever `is_ready` may be another."""

    kind: ClassVar[RequestKind]
    sentence: ClassVar[str]
    action: ClassVar[str] = "Send the request"
    is_final: ClassVar[bool] = False
    words: ClassVar[str] = "Anything to add (optional)"

    def __init__(
        self, page: PageContext, choices: Choices, query: Query, changed: Callable[[], None]
    ) -> None:
        self.page = page
        self.choices = choices
        self.query = query
        self.changed = changed
        self.places: dict[str, Any] = {}

    @abstractmethod
    def draw(self) -> None:
        """Put the fields where the dialog is."""

    @abstractmethod
    def facts(self) -> dict[str, str]:
        """What was chosen, for `Support.ask`."""

    @property
    def is_ready(self) -> bool:
        """Whether it can be asked for at all."""
        return True

    def mark(self, faults: Mapping[str, str]) -> None:
        """Say below each field what is wrong with it, and go to the first one."""
        for name, field in self.places.items():
            field.error = support_words.fault(faults[name]) if name in faults else None
            field.props["aria-invalid"] = "true" if name in faults else "false"
        first = next((self.places[name] for name in self.places if name in faults), None)
        if first is not None:
            first.run_method("focus")


class RemoveUser(Fields):
    """Who is to go."""

    kind = RequestKind.REMOVE_USER
    sentence = "Support removes the person. Their open pages stop within a second."

    def draw(self) -> None:
        people = [each for each in self.choices.people if not each.is_last_owner]
        options = {p.id: f"{p.name} · {support_words.ROLES[p.role]} · {p.email}" for p in people}
        if not options:
            note("users", "There is nobody who could be removed: the last owner has to stay.")
            return
        asked = self.query.get("person", "")
        field = _select("Person", options, asked if asked in options else None, self.changed)
        self.places["person_id"] = field

    def facts(self) -> dict[str, str]:
        return {"person_id": str(self.places["person_id"].value or "")}

    @property
    def is_ready(self) -> bool:
        return "person_id" in self.places and bool(self.places["person_id"].value)


class Downgrade(Fields):
    """What a smaller plan would mean."""

    kind = RequestKind.DOWNGRADE
    sentence = "Support carries it out; it takes effect with the next period."

    def draw(self) -> None:
        found = self.choices.downgrade
        if found is None:
            note("info", support_words.no_downgrade(self.choices.no_downgrade))
            return
        definition_list(
            [
                Fact(label="New plan", value=support_words.PLANS[found.to]),
                Fact(label="From", value=support_words.day(found.effective_on.isoformat())),
                Fact(label="Price a month now", value=words.money(found.price)),
                Fact(label="Price a month then", value=words.money(found.new_price)),
                Fact(label="Saves a month", value=words.money(found.saves)),
            ]
        )
        if found.against:
            numbers = ", ".join(words.phone(each.phone_number) for each in found.against[:5])
            more = len(found.against) - 5
            note(
                "alert",
                "The smaller plan does not include High Throughput. Change these licences first: "
                f"{numbers}{f' and {more} more' if more > 0 else ''}.",
                "warning",
            )
            link_button("Go to the licences", "/billing/subscriptions/licences")

    def facts(self) -> dict[str, str]:
        return {}

    @property
    def is_ready(self) -> bool:
        return self.choices.downgrade is not None and not self.choices.downgrade.against


class CompanyData(Fields):
    """All details as they are to be."""

    kind = RequestKind.COMPANY_DATA
    sentence = "Write it as it is to be. Support checks it; it counts from the next invoice on."
    words = "Why it changes (optional)"

    def draw(self) -> None:
        known = self.choices.details
        for name in ("legal_name", "email", "address"):
            self._field(name, getattr(known, name, ""))
        with tag("div", classes="h-pair"):
            self._field("postal_code", getattr(known, "postal_code", ""))
            self._field("city", getattr(known, "city", ""))
        with tag("div", classes="h-pair"):
            country = getattr(known, "country", "") or None
            self.places["country"] = _select("Country", _countries(), country, self.changed)
            self._field("vat_id", getattr(known, "vat_id", ""))

    def _field(self, name: str, value: str) -> None:
        self.places[name] = text_field(support_words.DETAILS[name], value=value)

    def facts(self) -> dict[str, str]:
        return {name: str(field.value or "") for name, field in self.places.items()}


class DeleteNumber(Fields):
    """Which number, and its last digits typed: it stops at once."""

    kind = RequestKind.DELETE_NUMBER
    sentence = (
        "Support deletes the number at once: it stops working, and only a new onboarding "
        "brings it back."
    )
    action = "Ask to delete the number"
    is_final = True

    def draw(self) -> None:
        asked = self.query.get("channel", "")
        options = self._options(self.choices)
        if not options:
            note("phone", "There is no number that could be deleted.")
            return
        chosen = asked if asked in options else None
        field = _select("Number", options, chosen, self._chosen)
        field.on("input-value", lambda event: self._search(str(event.args)), throttle=0.3)
        self.places["channel_id"] = field
        self._typed = text_field("Type the number's last four digits to confirm")
        self._typed.props("autocomplete=off inputmode=numeric maxlength=4")
        self._typed.on_value_change(self.changed)
        self._digits = {each.channel_id: each.phone_number for each in self.choices.numbers}

    def _chosen(self) -> None:
        self._typed.value = ""
        self.changed()

    async def _search(self, text: str) -> None:
        """The first numbers that contain what is typed, however many there are."""
        field = self.places["channel_id"]
        if not text or text in field.options.values():
            return
        found = await self.page.call(self.page.hub.support.choices, numbers=text[:40])
        self._digits |= {each.channel_id: each.phone_number for each in found.numbers}
        kept = {k: v for k, v in field.options.items() if k == field.value}
        field.set_options(kept | self._options(found))

    def _options(self, choices: Choices) -> dict[str, str]:
        return {
            each.channel_id: " · ".join(
                filter(None, (words.phone(each.phone_number), each.name, each.client_name))
            )
            for each in choices.numbers
        }

    def facts(self) -> dict[str, str]:
        return {"channel_id": str(self.places["channel_id"].value or "")}

    @property
    def is_ready(self) -> bool:
        if not self.places:
            return False
        digits = self._digits.get(str(self.places["channel_id"].value or ""), "")
        typed = (self._typed.value or "").strip()
        return bool(digits) and typed == digits[-_CONFIRM_DIGITS:]


class Other(Fields):
    """A subject; the rest is said in words."""

    kind = RequestKind.OTHER
    sentence = "Say what you need. Somebody of Support decides it and tells you."
    words = "What you need"

    def draw(self) -> None:
        self.places["subject"] = text_field("In a few words")
        self.places["subject"].props(f"maxlength={_SUBJECT_LENGTH}")
        self.places["subject"].on_value_change(self.changed)

    def facts(self) -> dict[str, str]:
        return {"subject": str(self.places["subject"].value or "").strip()}

    @property
    def is_ready(self) -> bool:
        return bool((self.places["subject"].value or "").strip())


FIELDS: dict[RequestKind, type[Fields]] = {
    each.kind: each for each in (RemoveUser, Downgrade, CompanyData, DeleteNumber, Other)
}


def _select(
    label: str, options: dict[str, str], value: str | None, changed: Callable[[], Any]
) -> ui.select:
    with tag("div", classes="h-field"):
        above = tag("label", label)
        field = ui.select(options, value=value, with_input=True, on_change=changed)
        field.props("outlined dense hide-bottom-space no-error-icon")
        above.props["for"] = field.props["for"] = f"field-{field.id}"
    return field


def _countries() -> dict[str, str]:
    names = Locale.parse("en").territories
    options = {code: str(names.get(code, code)) for code in COUNTRIES}
    return dict(sorted(options.items(), key=lambda item: item[1]))
