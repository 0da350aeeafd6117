"""Second half of the server sequence: subscription, numbers, region, PIN, registration.

Registrations count (ten per number in 72 hours) and a lost PIN is the classic support case: the
PIN is sealed before it is used, and a number that is on the Cloud API already is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import select

from core.accounts.at_meta import pin_context
from core.accounts.entities import Client, WabaAccount
from core.events import EventType
from core.onboarding import codes
from core.onboarding.allowance import channels_held
from core.onboarding.asking import Halt, MetaRefused, Pause, ask, begin, keeping
from core.onboarding.channels import (
    channel_of,
    go_live,
    grant,
    keep_channel,
    keep_reading,
    keep_templates,
    submit,
)
from core.onboarding.closing import finish_shared, keep_consent
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.finding import token_of
from core.onboarding.guidance import for_graph
from core.onboarding.live import wait_for_live
from core.onboarding.moves import Move
from core.onboarding.noting import forget, move_to, note, remember
from core.onboarding.numbers import is_connected, is_registered, take
from core.onboarding.owners import free_number, is_number_taken
from core.onboarding.retrying import CONFIRM_WAITS
from core.onboarding.room import Opened, Room, run_context
from core.onboarding.steps import ServerStep
from core.partners.entities import BillingModel

Node = Mapping[str, Any]


def subscribe(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """Meta sends us this WABA's webhooks."""
    token, waba = token_of(room, run), run.waba_external_id
    is_so = False
    if begin(room, run, move):
        is_so, asked = ask("is_subscribed", lambda: room.meta.is_subscribed(waba, token))
    if not is_so:
        _, asked = ask(move.kind, lambda: room.meta.subscribe(waba, token))
    with keeping(room, run, asked, done=ServerStep.SUBSCRIPTION):
        pass


def take_numbers(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """The numbers that this run brought are channels; none is a task for the client."""
    nodes = take(run.ending, run.progress.get("found", []), run.phone_external_id)
    if any(is_number_taken(room.database, run, str(node["id"])) for node in nodes):
        raise Halt("number_in_use")
    for node in nodes:
        free_number(room.database, run, str(node["id"]), room.clock.now())
    with keeping(room, run, done=ServerStep.NUMBERS) as opened:
        if not _have_room(opened, nodes):
            raise Halt("max_channels_reached")
        waba = opened.session.exec(
            select(WabaAccount).where(WabaAccount.external_id == run.waba_external_id)
        ).one()
        channels = [
            keep_channel(opened.session, room.clock, opened.run, waba, node) for node in nodes
        ]
        opened.run.channel_ids = [channel.id for channel in channels]
        remember(opened.run, phones=[_brief(node) for node in nodes])
        forget(opened.run, "found")


def set_region(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """Messages of the new number are stored where the partner wants; only before registering."""
    token, phone = token_of(room, run), move.target
    with room.reading(run.id) as opened:
        region = opened.partner.region_default
    current = None
    if begin(room, run, move):
        current, asked = ask("storage_region", lambda: room.meta.storage_region(phone, token))
    if current != region:
        _, asked = ask(move.kind, lambda: room.meta.set_storage_region(phone, region, token))
    with keeping(room, run, asked, finished=move) as opened:
        if (channel := channel_of(opened.session, phone)) is not None:
            channel.region = region
            opened.session.add(channel)


def make_pin(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """A PIN for numbers that have none; one that is set already is asked for, not guessed."""
    fresh = [number for number in run.progress.get("phones", []) if not number["registered"]]
    with keeping(room, run, done=ServerStep.PIN) as opened:
        if not fresh or opened.run.pin:
            return
        pin = _known_pin(room, opened, fresh)
        if not pin and any(number["has_pin"] for number in fresh):
            # A wrong guess would cost one of ten registrations.
            raise Halt("pin_mismatch")
        opened.run.pin = room.vault.seal(pin or codes.new_pin(), context=run_context(run.id, "pin"))


def register(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """The number is on the Cloud API; asked once, and only looked at after a crash."""
    token, phone = token_of(room, run), move.target
    pin = room.vault.open(run.pin, context=run_context(run.id, "pin"))
    node: Node = {}
    if begin(room, run, move):
        node, asked = ask("phone_number", lambda: room.meta.phone_number(phone, token))
    if not is_registered(node):
        _, asked = ask(move.kind, lambda: room.meta.register(phone, pin, token))
    with keeping(room, run, asked, finished=move) as opened:
        if (channel := channel_of(opened.session, phone)) is not None:
            channel.pin = room.vault.seal(pin, context=pin_context(phone))
            submit(opened.session, room.clock, channel)


def sync_app_data(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """Contacts and history of the app come over; possible once and within a day."""
    token = token_of(room, run)
    phone, _, kind = move.target.partition(":")
    begun_before = begin(room, run, move)
    try:
        request_id, asked = ask(
            f"{move.kind}:{kind}", lambda: room.meta.sync_app_data(phone, kind, token)
        )
    except MetaRefused as refused:
        if not begun_before:
            raise
        # The request before the crash got through, so this one is one too many.
        request_id, asked = "", refused.asked
    with keeping(room, run, asked, finished=move) as opened:
        remember(
            opened.run, requests=dict(run.progress.get("requests", {})) | {move.target: request_id}
        )


def confirm(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """Read the number back; it is ready for the partner, and live when Meta says connected."""
    token = token_of(room, run)
    node, asked = ask(move.kind, lambda: room.meta.phone_number(move.target, token))
    again = not is_connected(node) and tries < len(CONFIRM_WAITS)
    with keeping(room, run, asked, finished=None if again else move) as opened:
        session = opened.session
        keep_reading(session, room.clock, {**node, "id": move.target})
        channel = channel_of(session, move.target)
        if channel is not None and not again:
            submit(session, room.clock, channel)
            # Sharing it with the partner's solution at Meta was the client's permission.
            if opened.run.is_shared or opened.partner.billing_model == BillingModel.PARTNER_PAID:
                grant(session, room.clock, channel, actor="hub")
                go_live(session, room.clock, channel, connected=is_connected(node))
            if channel.live_at is None:
                wait_for_live(room.jobs, session, channel.id, run.id, 0)
    if again:
        raise Pause(CONFIRM_WAITS[tries])


def read_templates(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """The WABA's templates are known; without them the number works all the same."""
    token, waba = token_of(room, run), run.waba_external_id
    nodes: list[dict[str, Any]] = []
    try:
        nodes, asked = ask(move.kind, lambda: room.meta.templates(waba, token))
    except MetaRefused as refused:
        if for_graph(refused.error.meta_code, transient=refused.error.transient).itself:
            raise
        asked = refused.asked
    with keeping(room, run, asked, done=ServerStep.TEMPLATES) as opened:
        keep_templates(opened.session, room.clock, waba, nodes)


def complete(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """A step has nothing (more) to do; or all have, and the client goes on."""
    if move.target:
        with keeping(room, run, done=ServerStep(move.target)):
            return
    with keeping(room, run) as opened:
        step = RunStep.PERMISSION if opened.run.channel_ids else RunStep.DONE
        move_to(opened.run, step, RunStatus.OPEN)
        keep_consent(opened)
        if opened.run.is_shared:
            finish_shared(room, opened)
        # Open pages follow what is noted: without this line the client's would wait for ever.
        note(opened.session, room.clock, opened.run, EventType.RUN_STEP, step="set_up")


def _have_room(opened: Opened, nodes: Sequence[Node]) -> bool:
    client = opened.session.get(Client, opened.run.client_id)
    if client is None or client.max_channels is None:
        return True
    known = [channel_of(opened.session, str(node["id"])) for node in nodes]
    fresh = [channel for channel in known if channel is None or channel.terminated_at is not None]
    return channels_held(opened.session, client.id) + len(fresh) <= client.max_channels


def _known_pin(room: Room, opened: Opened, numbers: Sequence[Node]) -> str:
    """The PIN of a number that was here before; '' when there is none."""
    for number in numbers:
        channel = channel_of(opened.session, str(number["id"]))
        if channel is not None and channel.pin:
            return room.vault.open(channel.pin, context=pin_context(str(number["id"])))
    return ""


def _brief(node: Node) -> dict[str, Any]:
    """What the moves need to know about a number; the rest is on its channel."""
    return {
        "id": str(node["id"]),
        "registered": is_registered(node),
        "has_pin": node.get("is_pin_enabled") is True,
    }
