"""The onboarding as sentences: what a client's browser, the partner and Meta's webhooks may say.

A client proves itself by the browser's secret (`RunKey`), never by a dashboard session; a partner
by its principal. No verb calls Meta inside a transaction; what takes long is a durable workflow.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from core.access import Principal
from core.onboarding.views import (
    LinkState,
    Resumed,
    RunKey,
    RunPage,
    RunRecord,
    RunView,
    SignupLaunch,
)


class Onboarding:
    """All verbs; signatures are final, bodies follow within the hour."""

    # --- the client's browser ---------------------------------------------------------------

    def open_link(self, partner_id: str, raw_query: str, browser_secret: str) -> RunView:
        """Start a run, or go on with this browser's unfinished run at the same partner.

        `raw_query` is the query string as it arrived, un-decoded. `browser_secret` is the value
        of the cookie `hub_onboarding` (make one with `new_browser_secret()` when there is none).
        Raises UnknownPartner, OnboardingRefused.
        """
        raise NotImplementedError

    def resume(self, token: str, browser_secret: str = "") -> Resumed:
        """Take a run up from the mailed link; the browser that had it before loses it.

        Raises OnboardingRefused (link_unknown, link_expired, or a refusal of the entry).
        """
        raise NotImplementedError

    def progress(self, key: RunKey) -> RunView:
        """The run as it stands. Raises UnknownRun."""
        raise NotImplementedError

    def set_language(self, key: RunKey, language: str) -> RunView:
        """Speak `language` from now on, in mails too; an unknown one becomes English."""
        raise NotImplementedError

    def sign_up(self, key: RunKey, company: str, full_name: str, email: str) -> RunView:
        """Mail a six-digit code; again for a new code or another address.

        Raises InvalidInput (`field` company, full_name or email), OnboardingRefused
        (too_many_codes with `retry_after` in seconds, wrong_step).
        """
        raise NotImplementedError

    def log_in(self, key: RunKey, email: str) -> RunView:
        """The same for a client that has an account; the answer never tells whether it has."""
        raise NotImplementedError

    def confirm_code(self, key: RunKey, code: str) -> RunView:
        """The client is known from here on; created once per partner and address.

        Raises OnboardingRefused (code_wrong with `tries_left`, code_expired, code_locked,
        email_other_account).
        """
        raise NotImplementedError

    def begin_signup(self, key: RunKey) -> SignupLaunch:
        """Record that the popup is being opened. The same values are in `RunView.launch`, so
        that the page can call `FB.login` inside the click and tell us right after."""
        raise NotImplementedError

    def popup_blocked(self, key: RunKey) -> RunView:
        """The browser refused to open Meta's popup."""
        raise NotImplementedError

    def meta_message(self, key: RunKey, raw: str | dict[str, object], origin: str) -> RunView:
        """Meta's window message, as it came; ignored from any origin that is not Meta's."""
        raise NotImplementedError

    def meta_code(self, key: RunKey, code: str) -> RunView:
        """The code of the login callback ('' = none came); the server sequence starts at once."""
        raise NotImplementedError

    def retry(self, key: RunKey) -> RunView:
        """Let the server sequence go on after a stop. Raises OnboardingRefused (wrong_step)."""
        raise NotImplementedError

    def give_pin(self, key: RunKey, pin: str) -> RunView:
        """The number's existing two-step PIN. Raises InvalidInput (`field` pin)."""
        raise NotImplementedError

    def permission(self, key: RunKey, granted_channel_ids: list[str]) -> RunView:
        """The client's consent per number; a number of the run left out is withdrawn."""
        raise NotImplementedError

    def finish(self, key: RunKey) -> str | None:
        """End the run; the exact exit URL, or None when it ends on our own page."""
        raise NotImplementedError

    # --- the partner ------------------------------------------------------------------------

    def runs(
        self,
        who: Principal,
        *,
        status: str = "",
        search: str = "",
        cursor: str = "",
        limit: int = 50,
    ) -> RunPage:
        """The partner's runs, newest movement first."""
        raise NotImplementedError

    def run(self, who: Principal, run_id: str) -> RunRecord:
        """One run with its flight record. Raises NotFound."""
        raise NotImplementedError

    def send_resume_link(self, who: Principal, run_id: str) -> RunRecord:
        """Mail the client a link to go on, good for 30 days; the link before stops working.

        Raises NotFound, Conflict (no_email, run_over), RateLimited.
        """
        raise NotImplementedError

    def link_state(self, who: Principal) -> LinkState:
        """The direct link, or why there is none."""
        raise NotImplementedError

    # --- Meta's webhooks --------------------------------------------------------------------

    def partner_added(
        self, session: Session, *, waba_id: str, business_id: str, solution_id: str, at: datetime
    ) -> str | None:
        """A client shared a WABA: give it to the run that waits for one; that run's id, if any.

        Called inside the transaction (scope Everything) of the webhook's translation.
        """
        raise NotImplementedError


def new_browser_secret() -> str:
    """256 bits for the cookie `hub_onboarding`; stored hashed."""
    raise NotImplementedError
