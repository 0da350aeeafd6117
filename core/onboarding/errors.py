"""What the onboarding refuses; each code has its page in `ui`, in four languages.

Codes of the entry: unknown_partner, partner_blocked, plan_ended, plan_unpaid,
solution_inactive, signature_missing, signature_bad, signature_old, foreign_redirect,
terms_missing, link_unknown, link_expired, link_too_long, browser_unknown, unknown_run,
run_elsewhere. Codes of the way: email_other_account, too_many_codes, code_wrong, code_expired,
code_locked, max_channels_reached, numbers_not_allowed, card_missing, wrong_step.
"""

from __future__ import annotations

from typing import Any

from core.errors import HubError, NotFound
from core.onboarding.views import Brand


class OnboardingRefused(HubError):
    """The client cannot go on like this; `brand` and `language` dress the page that says so."""

    code = "onboarding_refused"

    def __init__(
        self, code: str, *, brand: Brand | None = None, language: str = "en", **about: Any
    ) -> None:
        super().__init__(code=code, **about)
        self.brand = brand
        self.language = language


class UnknownPartner(OnboardingRefused, NotFound):
    """No partner has this id; answered as a 404 like every unknown thing."""

    def __init__(self, *, language: str = "en") -> None:
        super().__init__("unknown_partner", language=language)


class UnknownRun(OnboardingRefused, NotFound):
    """No run has this id and secret; a guessed id and a foreign one give the same answer."""

    def __init__(self, code: str = "unknown_run", **dress: Any) -> None:
        super().__init__(code, **dress)


class RunElsewhere(UnknownRun):
    """This browser had the run until another one took it over by the mailed link."""

    def __init__(self, brand: Brand, language: str) -> None:
        super().__init__("run_elsewhere", brand=brand, language=language)
