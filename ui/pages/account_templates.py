"""The templates of one number: list, create, delete, read again from Meta."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from core.accounts.results import NewTemplate, TemplateRow
from core.accounts.templates import CATEGORIES
from core.errors import InvalidInput, MetaError
from ui.components import badge_classes, button, empty_state, note, section_card, tag
from ui.context import PageContext
from ui.dialogs import confirm, toast
from ui.elements.template_list import TemplateList
from ui.pages import account_words

_ERRORS = {
    "template_name": "Small letters, digits and _ only; up to 512.",
    "template_language": "A language such as en, de or pt_BR.",
    "template_category": "Choose a category.",
    "template_body_empty": "Write what the message says.",
    "template_gaps": "Number the gaps {{1}}, {{2}} and so on, without leaving one out.",
    "template_examples": "Give an example for each gap, one per line.",
}
_WHY_NONE = "Messages that start a conversation are made of templates that Meta approved."
_LANGUAGES = ("en", "en_US", "de", "es", "pt_BR", "fr", "it", "nl", "ar", "hi", "id", "tr")


class Templates:
    """The card on the details page."""

    def __init__(
        self, page: PageContext, channel_id: str, again: Callable[[], Awaitable[None]]
    ) -> None:
        self._page = page
        self._channel_id = channel_id
        self._again = again
        self._rows: Sequence[TemplateRow] = ()
        with section_card("Templates"):
            with tag("div", classes="line"):
                self._create = button("Create a template", self._form, icon="add", small=True)
                self._read = button("Read from Meta", self._refresh, icon="refresh", small=True)
            self._none = tag("div")
            with self._none:
                empty_state("template", "No templates yet", _WHY_NONE)
            self._list = TemplateList(self._remove)

    def show(self, rows: Sequence[TemplateRow], can_call_meta: bool) -> None:
        """Rows as they are now; without access to Meta nothing can be created."""
        self._rows = rows
        self._list.show([_shown(row) for row in rows])
        self._list.set_visibility(bool(rows))
        self._none.set_visibility(not rows)
        for act in (self._create, self._read):
            act.set_enabled(can_call_meta)
            act.props["title"] = "" if can_call_meta else "The client has to connect it first"

    async def _refresh(self) -> None:
        verb = self._page.hub.accounts.refresh_templates
        try:
            await self._page.call(verb, self._channel_id)
        except MetaError as refused:
            toast(_of_meta(refused), "danger")
            return
        await self._again()
        toast("Templates are as Meta has them now.")

    async def _remove(self, template_id: str) -> None:
        name = next((row.name for row in self._rows if row.id == template_id), "")
        follows = (
            "Meta deletes it in every language. Messages that use it fail from then on, and the "
            "name is free again only after 30 days."
        )
        if not await confirm(f"Delete the template {name}?", follows, "Delete the template"):
            return
        verb = self._page.hub.accounts.delete_template
        try:
            await self._page.call(verb, self._channel_id, template_id)
        except MetaError as refused:
            toast(_of_meta(refused), "danger")
            return
        await self._again()
        toast(f"{name} is deleted.")

    def _form(self) -> None:
        with ui.dialog() as dialog, ui.card().classes("h-dialog"):
            dialog.props["aria-label"] = "Create a template"
            TemplateForm(self._send, dialog.close)
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _send(self, new: NewTemplate) -> None:
        await self._page.call(self._page.hub.accounts.create_template, self._channel_id, new)
        await self._again()
        toast(f"{new.name} is with Meta for review.")


class TemplateForm:
    """What a person fills in; stays as it is when Meta or the hub refuses."""

    def __init__(
        self, send: Callable[[NewTemplate], Awaitable[None]], close: Callable[[], Any]
    ) -> None:
        self._send, self._close = send, close
        tag("h2", "Create a template")
        self._fields: dict[str, Any] = {
            "name": _labelled(ui.input, "Name", "Small letters, digits and _."),
            "language": _labelled(ui.select, "Language", options=list(_LANGUAGES), value="en"),
            "category": _labelled(
                ui.select,
                "Category",
                options={c: c.capitalize() for c in CATEGORIES},
                value="UTILITY",
            ),
            "header": _labelled(ui.input, "Header (optional)"),
            "body": _labelled(
                ui.textarea, "Message", "Gaps are written {{1}}, {{2}} and filled when sending."
            ),
            "examples": _labelled(ui.textarea, "Examples for the gaps", "One per line."),
            "footer": _labelled(ui.input, "Footer (optional)"),
        }
        self._refused = tag("div")
        with tag("div", classes="h-actions full-width"):
            button("Cancel", close)
            self._submit = button("Send to Meta", self._sent, kind="primary")

    async def _sent(self) -> None:
        for field in self._fields.values():
            field.error = None
        self._refused.clear()
        self._submit.disable()
        try:
            await self._send(self._written())
        except InvalidInput as wrong:
            self._fields[str(wrong.about["field"])].error = _ERRORS.get(
                wrong.code, f"At most {wrong.about.get('most')} letters."
            )
        except MetaError as refused:
            with self._refused:
                note("error", _of_meta(refused), "danger")
        else:
            self._close()
        finally:
            self._submit.enable()

    def _written(self) -> NewTemplate:
        values = {name: str(field.value or "").strip() for name, field in self._fields.items()}
        lines = [line.strip() for line in values.pop("examples").splitlines()]
        return NewTemplate(**values, examples=tuple(line for line in lines if line))


def _labelled(kind: Any, label: str, hint: str = "", **options: Any) -> Any:
    """A field as `components.text_field` draws it, of any kind."""
    with tag("div", classes="h-field"):
        above = tag("label", label)
        field = kind(**options).props("outlined dense hide-bottom-space no-error-icon")
        name = f"field-{field.id}"
        field.props.update({"for": name, "hint": hint} if hint else {"for": name})
        above.props["for"] = name
    return field


def _of_meta(refused: MetaError) -> str:
    said = refused.user_message or refused.details or str(refused)
    return f"Meta refused this (code {refused.meta_code}): {said}"


def _shown(row: TemplateRow) -> dict[str, Any]:
    icon, word, tone = account_words.template_status(row.status)
    return {
        "id": row.id,
        "name": row.name,
        "language": row.language,
        "category": row.category.capitalize().replace("_", " "),
        "category_raw": row.category,
        "badge": badge_classes(icon, tone),
        "status": word,
        "status_raw": row.status,
        "reason": row.rejected_reason.replace("_", " ").capitalize(),
    }
