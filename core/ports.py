"""What the core needs from outside, as protocols; `storage` and `core.gateways` fulfil them.

Every port has a twin for tests and a contract test that both must pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from sqlmodel import Session

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tenant:
    """The rows of one partner."""

    partner_id: str


@dataclass(frozen=True, slots=True)
class Everything:
    """All rows, for work that has no partner yet; the reason is logged and reviewed."""

    reason: str


Scope = Tenant | Everything


@dataclass(frozen=True, slots=True)
class Notice:
    """Told to open pages after a commit: that something changed, never what it says."""

    partner_id: str
    type: str
    subject_type: str
    subject_id: str


class Database(Protocol):
    """Transactions of one service verb each; called from worker threads, never from the loop."""

    def transaction(
        self, scope: Scope, *, waits_for_disk: bool = True
    ) -> AbstractContextManager[Session]:
        """Commits at the end, rolls back on any exception.

        Without `waits_for_disk` a power cut may undo it, whole, with all that was committed after
        it in the same way: for work that is noted on the disk and then done again.

        A tenant scope filters every ORM statement and refuses foreign rows at flush. Events
        recorded inside become notices after the commit. Raises `Unavailable` when the database
        is locked, full or gone.
        """
        ...

    def reading(self, scope: Scope) -> AbstractContextManager[Session]:
        """The same filter without a write lock; nothing may be changed inside."""
        ...


class Steps(Protocol):
    """What a durable workflow may do: named steps whose results survive a crash."""

    def run(self, name: str, step: Callable[..., T], *args: Any) -> T:
        """Run `step` once; after a crash the stored result is returned instead.

        At least once: a crash between the step's effect and the store repeats it, so every step
        is safe to repeat. Arguments and results are JSON values.
        """
        ...

    def sleep(self, seconds: float) -> None:
        """Wait durably."""
        ...


Workflow = Callable[..., Any]  # called with (Steps, *args)


class Jobs(Protocol):
    """Durable work, at least once."""

    def register(self, name: str, workflow: Workflow, *, concurrency: int | None = None) -> None:
        """Make a workflow known before `start`; its queue runs `concurrency` of them at once."""
        ...

    def schedule(self, name: str, every: timedelta, job: Callable[[], Any]) -> None:
        """Run `job` on one process every so often; a run that was missed is not made up for."""
        ...

    def enqueue(self, session: Session, name: str, *args: Any, key: str, delay: float = 0) -> None:
        """Enqueue in the caller's transaction; the same `key` is enqueued once, ever."""
        ...

    def start(self) -> None:
        """Begin to work (a worker process)."""
        ...

    def stop(self) -> None:
        """Finish what runs, then stop."""
        ...


class ChangeFeed(Protocol):
    """Carries notices from the process that committed to every process with open pages."""

    def publish(self, notices: list[Notice]) -> None: ...

    def subscribe(self, receive: Callable[[list[Notice]], None]) -> Callable[[], None]:
        """Call `receive` (from any thread) for each batch; returns what ends the subscription."""
        ...


class Vault(Protocol):
    """Secrets at rest: AES-GCM, the key's id inside the text."""

    def seal(self, plain: str, *, context: str) -> str:
        """Encrypt; `context` (table, column, row) must be the same when opening."""
        ...

    def open(self, sealed: str, *, context: str) -> str:
        """Decrypt; raises ValueError for a foreign, changed or unknown-key text."""
        ...


class Blobs(Protocol):
    """Files by content hash."""

    def put(self, content: bytes, media_type: str) -> str: ...

    def get(self, digest: str) -> tuple[bytes, str]:
        """Content and media type; raises NotFound."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of a mail; `name` without folders."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one person; texts are plain, HTML is made of them by the gateway's template."""

    to: str
    subject: str
    text: str
    sender_name: str = ""
    button_label: str = ""
    button_url: str = ""
    language: str = "en"
    # The same key is the same mail: it becomes the Message-ID, so a repeat can be told apart.
    key: str = ""
    attachments: tuple[Attachment, ...] = ()


class Mailer(Protocol):
    def send(self, mail: Mail) -> None:
        """Hand over to the mail server; raises Unavailable when it does not take it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingAnswer:
    """What a partner's server answered; `body` is cut after 64 KiB, `headers` are a few of them."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def is_receipt(self) -> bool:
        """Only 2xx: who answers with a redirect has not taken it."""
        return 200 <= self.status <= 299  # noqa: PLR2004


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCheck:
    """An address that may be called: is it this machine's, and is its name known."""

    is_local: bool
    is_found: bool


class OutgoingLine(Protocol):
    """Kept connections to one partner's server, at most four at a time; for one event loop."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> OutgoingAnswer:
        """Raises OutgoingError; a redirect is an answer, and is not followed."""
        ...

    async def close(self) -> None: ...


class Outgoing(Protocol):
    """The one way to call an address that a partner gave: guarded, see `core.gateways.outgoing`."""

    def check(self, url: str) -> TargetCheck:
        """For saving an address; raises TargetRefused. A name nobody knows yet may be saved."""
        ...

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> OutgoingAnswer:
        """Call once and wait; raises OutgoingError."""
        ...

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> OutgoingAnswer:
        """The same with GET."""
        ...

    def line(self) -> OutgoingLine:
        """A line of its own; whoever takes it closes it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaToken:
    """A business token; `expires_at` only where Meta names one."""

    value: str
    expires_at: datetime | None = None


class Meta(Protocol):
    """Meta's Graph API as far as the hub calls it (`contracts/meta.md` sections 3 to 7).

    Every method raises `MetaError` for an error object and `Unavailable` when Meta cannot be
    reached or does not answer in time. Calls that change something are safe to repeat unless
    their docstring says otherwise.
    """

    def exchange_code(self, code: str) -> MetaToken:
        """Not repeatable: a code is good once and for 30 seconds."""
        ...

    def debug_token(self, token: str) -> dict[str, Any]: ...

    def waba(self, waba_id: str, token: str) -> dict[str, Any]: ...

    def phone_numbers(self, waba_id: str, token: str) -> list[dict[str, Any]]: ...

    def phone_number(self, phone_id: str, token: str) -> dict[str, Any]: ...

    def subscribe(self, waba_id: str, token: str) -> None: ...

    def is_subscribed(self, waba_id: str, token: str) -> bool: ...

    def unsubscribe(self, waba_id: str, token: str) -> None:
        """No more webhooks of this WABA come to the hub."""
        ...

    def storage_region(self, phone_id: str, token: str) -> str | None: ...

    def set_storage_region(self, phone_id: str, region: str, token: str) -> None: ...

    def register(self, phone_id: str, pin: str, token: str) -> None:
        """Counts against ten registrations per number in 72 hours."""
        ...

    def deregister(self, phone_id: str, token: str) -> None:
        """Off the Cloud API: the number sends and receives nothing here.

        Counts against the ten registrations. Raises MetaError 133010 for a number that is not
        registered (any more), 100 for one that lives in the WhatsApp Business app.
        """
        ...

    def sync_app_data(self, phone_id: str, sync_type: str, token: str) -> str:
        """Coexistence only; one-shot each; returns Meta's request id."""
        ...

    def client_wabas(self, created_after: datetime) -> list[dict[str, Any]]:
        """WABAs that clients shared with the partner's own business since then, newest first."""
        ...

    def solution(self, solution_id: str) -> dict[str, Any]: ...

    def templates(self, waba_id: str, token: str) -> list[dict[str, Any]]: ...

    def create_template(
        self, waba_id: str, template: dict[str, Any], token: str
    ) -> dict[str, Any]: ...

    def delete_template(self, waba_id: str, name: str, token: str) -> None: ...
