"""The values for `FB.init` and `FB.login` of one run; pure.

The solution id comes from the partner's record, never from the link: a wrong one would onboard
the client under somebody else. Source: contracts/meta.md section 2.
"""

from __future__ import annotations

from typing import Any

import phonenumbers

from core.onboarding.entities import OnboardingRun
from core.onboarding.views import SignupLaunch
from core.partners.entities import Partner
from core.settings import Settings

_MAX_NAME = 100


def launch_values(run: OnboardingRun, partner: Partner, settings: Settings) -> SignupLaunch:
    """What the page hands to Meta's SDK; prefilled values can be edited in the popup."""
    return SignupLaunch(
        sdk_url=settings.meta_sdk_url,
        app_id=settings.meta_app_id,
        config_id=settings.meta_config_id,
        api_version=settings.meta_api_version,
        extras={"setup": _setup(run, partner)},
        message_origins=tuple(settings.meta_message_origins),
    )


def _setup(run: OnboardingRun, partner: Partner) -> dict[str, Any]:
    setup: dict[str, Any] = {"solutionID": partner.solution_id}
    business: dict[str, Any] = {"name": run.company[:_MAX_NAME], "email": run.email}
    if phone := _phone(run.number_hint):
        business["phone"] = phone
    setup["business"] = {name: value for name, value in business.items() if value}
    preverified = str(run.link.get("preverified_phone_number_id", ""))
    if preverified.isascii() and preverified.isdigit():
        setup["preVerifiedPhone"] = {"ids": [preverified]}
    return setup


def _phone(digits: str) -> dict[str, Any] | None:
    """Country code and number apart; None when the digits are no international number."""
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return {"code": parsed.country_code, "number": phonenumbers.national_significant_number(parsed)}
