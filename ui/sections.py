"""The dashboard's sections: which builder draws which place."""

from __future__ import annotations

from ui.pages import account, accounts, onboarding_run, onboarding_runs
from ui.places import Section, sections


def all_sections() -> list[Section]:
    """Every place of the hub, in the order of the navigation."""
    return sections(
        {
            "/accounts": accounts.build,
            "/accounts/{channel_id}": account.build,
            "/onboarding-runs": onboarding_runs.build,
            "/onboarding-runs/{run_id}": onboarding_run.build,
        }
    )
