"""The partner's side: its runs with where each stands, the mailed link, its own link."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, func, select

from core.access import Permission, Principal, partner_of
from core.errors import InvalidInput
from core.onboarding.entities import OnboardingRun, RunStatus
from core.onboarding.mailed_link import MailedLink, run_of
from core.onboarding.refusing import lacks_terms, partner_faults
from core.onboarding.seeing import OVER, row_of
from core.onboarding.views import LinkState, RunFilter, RunPage, RunRecord, Turn

_MAX_ROWS = 200


class PartnerSide(MailedLink):
    """Verbs for people of the partner; owners and members alike."""

    def runs(
        self,
        who: Principal,
        *,
        show: RunFilter = RunFilter.ALL,
        search: str = "",
        cursor: str = "",
        limit: int = 50,
    ) -> RunPage:
        """The partner's runs, newest movement first. Raises InvalidInput for a foreign cursor."""
        limit = max(1, min(limit, _MAX_ROWS))
        query = (
            select(OnboardingRun)
            .where(col(OnboardingRun.visited_at).is_not(None), *_conditions(show))
            .order_by(col(OnboardingRun.updated_at).desc(), col(OnboardingRun.id).desc())
        )
        if search:
            columns = (OnboardingRun.company, OnboardingRun.full_name, OnboardingRun.email)
            text = search.lower()
            query = query.where(
                or_(*(func.lower(column).contains(text, autoescape=True) for column in columns))
            )
        if cursor:
            at, id_ = _read_cursor(cursor)
            same = and_(col(OnboardingRun.updated_at) == at, col(OnboardingRun.id) < id_)
            query = query.where(or_(col(OnboardingRun.updated_at) < at, same))
        with self.gate.reading(who, Permission.ACCOUNTS) as session:
            found = session.exec(query.limit(limit + 1)).all()
        now = self.clock.now()
        more = len(found) > limit
        return RunPage(
            rows=tuple(row_of(run, now) for run in found[:limit]),
            next_cursor=_cursor(found[limit - 1]) if more else "",
        )

    def run(self, who: Principal, run_id: str) -> RunRecord:
        """One run with its flight record. Raises NotFound."""
        with self.gate.reading(who, Permission.ACCOUNTS) as session:
            return self.record_of(session, who, run_of(session, run_id))

    def link_state(self, who: Principal) -> LinkState:
        """The direct link, or why there is none."""
        with self.gate.reading(who, Permission.ACCOUNTS) as session:
            partner = partner_of(session, who)
            reasons = partner_faults(partner)
            if not partner.solution_id:
                reasons = [r.replace("solution_inactive", "solution_missing") for r in reasons]
            if lacks_terms(partner, self.settings):
                reasons.append("terms_missing")
            return LinkState(
                url=f"{self.settings.base_url}/onboarding/{partner.id}",
                reasons=tuple(reasons),
                warnings=() if partner.redirect_url else ("no_redirect_url",),
            )


def _conditions(show: RunFilter) -> list[ColumnElement[bool]]:
    """What the rows of a filter have in common; `seeing.row_of` makes the same of each row."""
    status = col(OnboardingRun.status)
    match show:
        case RunFilter.OPEN:
            return [status.in_([s.value for s in RunStatus if s not in OVER])]
        case RunFilter.NEEDS_YOU:
            turn = col(OnboardingRun.error)["turn"].as_string()
            return [status == RunStatus.STOPPED.value, turn == Turn.PARTNER.value]
        case RunFilter.DONE:
            return [status == RunStatus.FINISHED.value]
        case RunFilter.PUT_ASIDE:
            return [status == RunStatus.ABANDONED.value]
        case RunFilter.ALL:
            return []


def _cursor(run: OnboardingRun) -> str:
    return f"{run.updated_at.isoformat()}~{run.id}"


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    at, _, id_ = cursor.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise InvalidInput(field="cursor") from error
    if moment.tzinfo is None:
        raise InvalidInput(field="cursor")
    return moment, id_
