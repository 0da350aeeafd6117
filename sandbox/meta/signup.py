"""Embedded Signup behind the popup: a session per popup, real accounts at the end of it.

The window message is a JSON *string*; the code goes through the SDK. Finishing twice gives the
same result, so a reloaded popup doubles nothing.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.meta.behaviour import Behaviour
from sandbox.meta.endings import EVENTS, Details, SignupRefused, create_account
from sandbox.meta.events import Event, partner_event
from sandbox.meta.numbers import fresh_number
from sandbox.meta.ports import Clock, MetaSettings
from sandbox.meta.state import MetaState
from sandbox.meta.tokens import issue_code, start_code
from sandbox.meta.values import Node

ORDERS = ("code_first", "message_first", "message_lost")


@dataclass(slots=True, kw_only=True)
class SignupSession:
    """One open popup."""

    id: str
    callback_id: str
    host_origin: str
    setup: Node
    feature_type: str
    features: list[str]
    order: str
    code_delay_seconds: float
    phone: str
    finished: Node | None = None
    waba_id: str | None = None
    events: list[Event] = field(default_factory=list)


class Signups:
    """All popups of this world."""

    def __init__(
        self,
        settings: MetaSettings,
        clock: Clock,
        world: Callable[[], tuple[MetaState, Behaviour]],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._world = world
        self._sessions: dict[str, SignupSession] = {}

    def open(self, query: dict[str, str]) -> SignupSession:
        """A session for `FB.login`'s request; SignupRefused when Meta would show an error."""
        state, behaviour = self._world()
        if query.get("client_id") != self._settings.app_id:
            raise SignupRefused("The app id is not known here.", "101")
        if query.get("config_id") != self._settings.config_id:
            raise SignupRefused("The configuration id does not belong to this app.", "191")
        extras = _extras(query.get("extras"))
        setup = extras.get("setup") or {}
        _require_active_solution(state, setup.get("solutionID"))
        order = query.get("order") or behaviour.order
        session = SignupSession(
            id=secrets.token_urlsafe(12),
            callback_id=query.get("cb", ""),
            host_origin=query.get("origin", ""),
            setup=setup,
            feature_type=extras.get("featureType") or extras.get("feature_type") or "",
            features=[item.get("name", "") for item in extras.get("features", [])],
            order=order if order in ORDERS else "code_first",
            code_delay_seconds=float(
                query.get("code_delay_seconds") or behaviour.code_delay_seconds
            ),
            phone=query.get("phone") or behaviour.phone or _prefilled(setup) or fresh_number(),
        )
        self._sessions[session.id] = session
        return session

    def get(self, session_id: str) -> SignupSession | None:
        """The popup's session."""
        return self._sessions.get(session_id)

    def finish(self, session: SignupSession, given: dict[str, Any]) -> Node:
        """Creates what the client agreed to; the message, the code and how to hand them over."""
        if session.finished is None:
            ending = _ending(session, str(given.get("ending", "finish")))
            data = self._share(session, ending, given)
            code = issue_code(self._world()[0], self._settings.app_id, data["business_id"])
            session.finished = {
                "message": _message(EVENTS[ending], _promised(ending, data)),
                "code": code.value,
                "order": session.order,
                "callback_id": session.callback_id,
                "host_origin": session.host_origin,
                "ids": data,
            }
        return session.finished

    def hand_over(self, session: SignupSession) -> None:
        """The client closed the last screen: the code's 30 seconds begin."""
        if session.finished is not None:
            state, _ = self._world()
            start_code(
                state, session.finished["code"], self._clock.now(), session.code_delay_seconds
            )

    def leave(self, session: SignupSession, given: dict[str, Any]) -> Node:
        """The client gives up: CANCEL with the step, or with the error it reported."""
        if given.get("shared"):
            # Left midway with the account shared already: Meta tells by webhook, without a code.
            self._share(session, "no_number", given)
        if code := given.get("error_code"):
            data: Node = {
                "error_code": str(code),
                "error_message": str(given.get("error_message", "Something went wrong.")),
                "session_id": f"f{secrets.token_hex(8)}",
                "timestamp": str(int(self._clock.now().timestamp())),
            }
        else:
            data = {"current_step": str(given.get("step", ""))}
        return {
            "message": _message("CANCEL", data),
            "code": None,
            "order": session.order,
            "callback_id": session.callback_id,
            "host_origin": session.host_origin,
        }

    def _share(self, session: SignupSession, ending: str, given: dict[str, Any]) -> Node:
        state, behaviour = self._world()
        details = Details.read(given, session.setup, session.phone)
        data = create_account(
            state, details, ending, review=behaviour.new_account_review, now=self._clock.now()
        )
        session.waba_id = data["waba_id"]
        waba = state.wabas[data["waba_id"]]
        partner, app = self._settings.business_id, self._settings.app_id
        session.events = [
            partner_event(partner, "PARTNER_APP_INSTALLED", waba, app_id=app),
            partner_event(partner, "PARTNER_ADDED", waba),
        ]
        return data


def _ending(session: SignupSession, chosen: str) -> str:
    if "app_only_install" in session.features:
        return "grant_only"
    if chosen == "finish" and session.feature_type == "whatsapp_business_app_onboarding":
        return "coexistence"
    return chosen if chosen in EVENTS else "finish"


def _promised(ending: str, data: Node) -> Node:
    """Only what Meta guarantees per event: most endings promise the account's id alone."""
    if ending == "finish":
        return data
    if ending == "no_number":
        return {"waba_id": data["waba_id"], "business_id": data["business_id"]}
    return {"waba_id": data["waba_id"]}


def _message(event: str, data: Node) -> str:
    return json.dumps({"type": "WA_EMBEDDED_SIGNUP", "event": event, "version": "3", "data": data})


def _extras(text: str | None) -> Node:
    try:
        extras = json.loads(text or "{}")
    except ValueError as wrong:
        raise SignupRefused("The extras are not JSON.", "100") from wrong
    return extras if isinstance(extras, dict) else {}


def _require_active_solution(state: MetaState, solution_id: object) -> None:
    if not solution_id:
        return
    solution = state.solutions.get(str(solution_id))
    if solution is None or solution["status"] != "ACTIVE":
        raise SignupRefused("This multi-partner solution is not active.", "2655111")


def _prefilled(setup: Node) -> str | None:
    phone = (setup.get("business") or {}).get("phone") or {}
    if phone.get("code") and phone.get("number"):
        return f"+{phone['code']}{phone['number']}"
    return None
