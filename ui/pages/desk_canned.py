"""Answers that are written often: added, changed and removed by staff."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from core.errors import HubError, InvalidInput
from core.support.views import CannedView
from ui.components import button, tag, text_field
from ui.context import PageContext
from ui.elements.data_table import Column, DataTable, act, cell
from ui.faults import words_for
from ui.pages import support_words

_TITLE_LENGTH, _TEXT_LENGTH = 120, 5_000


class CannedAnswers:
    """The dialog with all answers, and the form of one."""

    def __init__(
        self,
        page: PageContext,
        answers: tuple[CannedView, ...],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._page = page
        self._answers = answers
        self._changed = changed
        with ui.dialog() as self._dialog, ui.card().classes("h-dialog sp-dialog"):
            self._dialog.props["aria-label"] = "Canned answers"
            self._heading = tag("h2", "Canned answers")
            self._room = tag("div", classes="stack")
        self._dialog.on("hide", self._dialog.delete)
        self._dialog.open()
        self._draw_all()

    def _draw_all(self) -> None:
        self._heading.set_text("Canned answers")
        self._room.clear()
        with self._room:
            if self._answers:
                columns = [Column(key="answer", title="Answer")]
                rows = [self._row(each) for each in self._answers]
                DataTable("Canned answers", columns, rows, on_act=self._acted)
            else:
                tag("p", "None yet. Keep what you write often, and insert it with two clicks.")
            with tag("div", classes="h-actions"):
                button("Close", self._dialog.close)
                button("Add an answer", lambda: self._edit(None), kind="primary", icon="add")

    def _row(self, answer: CannedView) -> dict[str, object]:
        return {
            "id": answer.id,
            "answer": cell(answer.title, second=answer.text[:120], strong=True),
            "acts": (
                act("edit", "Edit", f"Edit {answer.title}"),
                act("remove", "Remove", f"Remove {answer.title}"),
            ),
        }

    async def _acted(self, answer_id: str, key: str) -> None:
        answer = next((each for each in self._answers if each.id == answer_id), None)
        if answer is None:
            return
        if key == "edit":
            self._edit(answer)
        elif key == "remove":
            await self._page.call(self._page.hub.desk.remove_canned, answer_id)
            await self._again()

    def _edit(self, answer: CannedView | None) -> None:
        self._heading.set_text("Change the answer" if answer else "Add an answer")
        self._room.clear()
        with self._room:
            title = text_field("Title", value=answer.title if answer else "")
            title.props(f"maxlength={_TITLE_LENGTH} autofocus")
            with tag("div", classes="h-field"):
                above = tag("label", "Text")
                text = ui.textarea(value=answer.text if answer else "")
                text.props("outlined dense autogrow hide-bottom-space no-error-icon")
                text.props(f"maxlength={_TEXT_LENGTH}")
                above.props["for"] = text.props["for"] = f"field-{text.id}"
            with tag("div", classes="h-actions"):
                button("Back", self._draw_all)
                button("Save", lambda: self._save(answer, title, text), kind="primary")

    async def _save(self, answer: CannedView | None, title: ui.input, text: ui.textarea) -> None:
        title.error = text.error = None
        desk, written = self._page.hub.desk, (title.value or "", text.value or "")
        try:
            if answer is None:
                await self._page.call(desk.add_canned, *written)
            else:
                await self._page.call(desk.change_canned, answer.id, *written)
        except HubError as error:
            is_text = isinstance(error, InvalidInput) and error.about.get("field") == "text"
            at = text if is_text else title
            at.error = support_words.refused(error) or words_for(error).sentence
            at.run_method("focus")
            return
        await self._again()

    async def _again(self) -> None:
        self._answers = await self._page.call(self._page.hub.desk.canned)
        self._draw_all()
        await self._changed()
