"""The onboarding as sentences: what a client's browser, the partner and Meta's webhooks may say.

A client proves itself by the browser's secret (`RunKey`), never by a dashboard session; a partner
by its principal. No verb calls Meta inside a transaction; what takes long is durable work.
"""

from __future__ import annotations

from datetime import timedelta

from core.access import Gate
from core.billing.payments.states import Purpose
from core.billing.service import Billing
from core.clock import Clock
from core.onboarding import codes
from core.onboarding.agreeing import Agreeing
from core.onboarding.card_entry import CardEntry
from core.onboarding.closing import Closing
from core.onboarding.entry import Entry
from core.onboarding.first_credit import FirstCredit
from core.onboarding.live import GoingLive
from core.onboarding.mails import Mailing
from core.onboarding.partner_side import PartnerSide
from core.onboarding.room import LIVE_JOB, MAIL_JOB, PARTNER_ADDED_JOB, SEQUENCE_JOB, OnboardingMeta
from core.onboarding.sequence import Sequence
from core.onboarding.shared_numbers import SharedNumbers
from core.onboarding.sharing import Sharing
from core.onboarding.upkeep import UPKEEP_JOB, Upkeep
from core.ports import Database, Jobs, Mailer, Vault
from core.settings import Settings

# Meta allows 200 calls an hour for a new WABA; more at once than this would only wait.
_RUNS_AT_ONCE = 16
_MAILS_AT_ONCE = 4
# Days decide about runs; an hour more or less is nobody's loss.
_UPKEEP_EVERY = timedelta(hours=1)


class Onboarding(
    SharedNumbers,
    Entry,
    Agreeing,
    CardEntry,
    FirstCredit,
    Sharing,
    Closing,
    PartnerSide,
    Upkeep,
):
    """All verbs of the onboarding; the files they stand in are named after their part of it.

    `entry`: open_link, arrive, resume, progress, set_language. `sign_up`: sign_up, log_in,
    confirm_code. `mailed_link`: mail_link, send_resume_link. Direct-paid, `agreeing`: prices,
    accept_terms, billing_details, save_details; `card_entry`: open_card_page, came_back;
    `first_credit`: quote_credit, renewal_figures, buy_credit, confirm_credit, skip_credit.
    `popup`: begin_signup, popup_blocked, meta_message, meta_code, retry, give_pin. `closing`:
    permission, finish. `partner_side`: runs, run, link_state. `sharing`: partner_added.
    `upkeep`: upkeep. `shared_clients`: share_client.
    `shared_numbers`: share_number.
    """

    def __init__(  # noqa: PLR0913  the ports, by name
        self,
        *,
        database: Database,
        gate: Gate,
        clock: Clock,
        vault: Vault,
        jobs: Jobs,
        mailer: Mailer,
        meta: OnboardingMeta,
        settings: Settings,
        billing: Billing,
    ) -> None:
        """Makes the durable work known to `jobs`, which must not have been started yet."""
        super().__init__(
            database=database,
            gate=gate,
            clock=clock,
            vault=vault,
            jobs=jobs,
            mailer=mailer,
            meta=meta,
            settings=settings,
            billing=billing,
        )
        billing.payments.follow_cards(self.card_came)
        billing.payments.follow(Purpose.TOP_UP, self.credit_ended)
        jobs.register(SEQUENCE_JOB, Sequence(self).work, concurrency=_RUNS_AT_ONCE)
        jobs.register(MAIL_JOB, Mailing(self).work, concurrency=_MAILS_AT_ONCE)
        jobs.register(LIVE_JOB, GoingLive(self).work)
        jobs.register(PARTNER_ADDED_JOB, self.match_shared_waba)
        jobs.schedule(UPKEEP_JOB, _UPKEEP_EVERY, self.upkeep)


def new_browser_secret() -> str:
    """256 bits for the cookie `hub_onboarding`; stored hashed."""
    return codes.new_secret()
