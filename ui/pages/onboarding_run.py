"""One onboarding: where it stands, the resume link, and its flight record, live."""

from __future__ import annotations

from core.errors import Conflict, RateLimited
from core.events import EventType
from core.onboarding.views import RUN_SUBJECT, RunRecord, TickState
from core.ports import Notice
from ui import format as words
from ui.components import button, page_header, section_card, set_badge, status_badge, tag
from ui.context import PageContext
from ui.dialogs import confirm, toast
from ui.lists import Fact, Timeline, definition_list, timeline
from ui.pages.onboarding_flight import entry_of
from ui.pages.onboarding_words import TURNS, name_of, standing_of

_LIST = ("Onboarding", "/onboarding-runs")


async def build(page: PageContext, run_id: str) -> None:
    """Draw the section and keep it live."""
    await Run(page, run_id).draw()


class Run:
    """One open record."""

    def __init__(self, page: PageContext, run_id: str) -> None:
        self._page = page
        self._run_id = run_id
        self._seen = 0  # the newest entry on the page

    async def draw(self) -> None:
        self._page.follow(self._changed)
        record = await self._page.call(self._page.hub.onboarding.run, self._run_id)
        with page_header(name_of(record.row), crumbs=[_LIST]):
            self._send = button("Send resume link", self._ask, kind="primary", icon="send")
        with tag("div", classes="stack"):
            with tag("div", classes="line"):
                standing = standing_of(record.row)
                self._badge = status_badge(standing.icon, standing.word, standing.tone)
                self._sentence = tag("p", standing.sentence)
            with tag("div", classes="columns"):
                with section_card("What happened", "Newest first; the client’s page follows live."):
                    self._timeline = self._draw_timeline(record)
                with tag("div", classes="stack"), section_card("Facts"):
                    self._facts = definition_list(self._facts_of(record))
        self._show(record)

    def _draw_timeline(self, record: RunRecord) -> Timeline:
        entries = [entry_of(each) for each in reversed(record.flight)]
        self._seen = record.flight[-1].id if record.flight else 0
        return timeline(entries, self._page.hub.clock.now(), "What happened")

    def _show(self, record: RunRecord) -> None:
        standing = standing_of(record.row)
        set_badge(self._badge, standing.icon, standing.word, standing.tone)
        self._sentence.set_text(standing.sentence)
        self._send.set_visibility(record.row.may_resume)
        self._facts.show(self._facts_of(record))
        for entry in record.flight:
            if entry.id > self._seen:
                self._seen = entry.id
                self._timeline.prepend(entry_of(entry), self._page.hub.clock.now())

    def _facts_of(self, record: RunRecord) -> list[Fact]:
        row = record.row
        trouble = row.trouble
        facts = [
            Fact(label="Turn", value=TURNS[row.turn] or "Nobody"),
            Fact(label="Company", value=row.company),
            Fact(label="Contact", value=row.full_name),
            Fact(label="E-mail", value=row.email, copy=row.email),
            Fact(label="Number asked for", value=words.phone(row.number_hint)),
            Fact(
                label="Meta’s code",
                value=_code(record),
                hint=trouble.meta_message if trouble else "",
            ),
            Fact(label="Started", value=words.day(row.started_at), when=row.started_at),
            Fact(label="Resume link", value=self._sent(record)),
            Fact(label="Run", value=row.run_id, mono=True, copy=row.run_id),
        ]
        facts[5:5] = [
            Fact(
                label="Number",
                value=words.phone(number.display),
                hint=number.name,
                href=f"/accounts/{number.channel_id}",
            )
            for number in record.numbers
        ]
        done = sum(tick.state is TickState.DONE for tick in record.ticks)
        if record.ticks:
            facts.insert(1, Fact(label="Setting up", value=f"{done} of {len(record.ticks)} steps"))
        return [fact for fact in facts if fact.value]

    def _sent(self, record: RunRecord) -> str:
        sent = [each.at for each in record.flight if each.kind == EventType.RUN_LINK_SENT]
        if not sent:
            return "Not sent"
        return f"Sent {words.relative(sent[-1], self._page.hub.clock.now())}"

    async def _ask(self) -> None:
        record = await self._page.call(self._page.hub.onboarding.run, self._run_id)
        sent = self._sent(record)
        before = "" if sent == "Not sent" else f" The last one was {sent.lower()}."
        follows = (
            f"{record.row.email} gets a mail with a link that goes on where the client stopped, on "
            f"any device, for 30 days. Links sent before stop working.{before}"
        )
        if await confirm("Send a resume link?", follows, "Send link", danger=False):
            await self._send_link()

    async def _send_link(self) -> None:
        try:
            record = await self._page.call(self._page.hub.onboarding.send_resume_link, self._run_id)
        except RateLimited as error:
            toast(f"Sent a moment ago. Try again in {error.retry_after} seconds.", "warning")
        except Conflict as error:
            over = error.code == "run_over"
            toast(
                "This onboarding is finished." if over else "There is no e-mail address yet.",
                "warning",
            )
        else:
            self._show(record)
            toast("The resume link is on its way.")

    async def _changed(self, notices: list[Notice]) -> None:
        if any((n.subject_type, n.subject_id) == (RUN_SUBJECT, self._run_id) for n in notices):
            self._show(await self._page.call(self._page.hub.onboarding.run, self._run_id))


def _code(record: RunRecord) -> str:
    trouble = record.row.trouble
    return str(trouble.meta_code) if trouble and trouble.meta_code is not None else ""
