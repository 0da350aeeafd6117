"""Subscriptions as sentences: looked at, upgraded, downgraded, cancelled; licences of numbers."""

from __future__ import annotations

from sqlmodel import Session

from core.access import Principal
from core.subscriptions.states import CancelReason, PlanName, Tier
from core.subscriptions.views import (
    CancelPreview,
    ChangeRow,
    DowngradePreview,
    Facts,
    LicenceRow,
    Overview,
    PlanOffer,
    TierPreview,
    UpgradeQuote,
    UpgradeView,
)


class Subscriptions:
    """Verbs of owners, and, in the caller's transaction, of support."""

    def overview(self, who: Principal) -> Overview:
        """The subscription as it stands now."""
        raise NotImplementedError

    def plans(self, who: Principal) -> tuple[PlanOffer, ...]:
        """All plans, the smaller one first."""
        raise NotImplementedError

    def licences(
        self, who: Principal, *, cursor: str = "", search: str = "", limit: int = 50
    ) -> tuple[list[LicenceRow], str]:
        """A page of licensed numbers by number, and the next page's cursor ('' at the end)."""
        raise NotImplementedError

    def history(
        self, who: Principal, *, cursor: str = "", limit: int = 50
    ) -> tuple[list[ChangeRow], str]:
        """A page of changes, the newest first, and the next page's cursor."""
        raise NotImplementedError

    def quote_upgrade(self, who: Principal, to: PlanName) -> UpgradeQuote:
        """What upgrading now would cost. Raises Conflict: already_on_plan, not_an_upgrade,
        upgrade_under_way, subscription_cancelled, subscription_ended."""
        raise NotImplementedError

    def upgrade(self, who: Principal, token: str, card_id: str) -> UpgradeView:
        """The charge that was quoted is under way; the same quote again gives the same upgrade.

        Raises Conflict: quote_expired, quote_changed (look at the new one), and as
        `quote_upgrade`; card_expired; NotFound for a card that is not the partner's; InvalidInput
        (`bad_quote`) for a token that is none of the partner's.
        """
        raise NotImplementedError

    def upgrade_state(self, who: Principal, change_id: str) -> UpgradeView:
        """How the upgrade stands; raises NotFound."""
        raise NotImplementedError

    def give_up_upgrade(self, who: Principal, change_id: str) -> UpgradeView:
        """Nothing will be charged for it. Raises NotFound, Conflict (`too_late`), Unavailable."""
        raise NotImplementedError

    def preview_tier(self, who: Principal, channel_id: str, tier: Tier) -> TierPreview:
        """Raises NotFound, Conflict: already_on_tier, tier_not_in_plan."""
        raise NotImplementedError

    def change_tier(self, who: Principal, channel_id: str, tier: Tier) -> LicenceRow:
        """A larger tier counts at once, a smaller one from next month. Raises as the preview."""
        raise NotImplementedError

    def take_back_tier(self, who: Principal, channel_id: str) -> LicenceRow:
        """A smaller tier that was planned is not any more. Raises NotFound."""
        raise NotImplementedError

    def preview_cancel(self, who: Principal) -> CancelPreview:
        """What cancelling now would mean. Raises Conflict: already_cancelled,
        subscription_ended, upgrade_under_way."""
        raise NotImplementedError

    def cancel(
        self,
        who: Principal,
        *,
        token: str,
        reason: CancelReason,
        text: str = "",
        knows_numbers: bool = False,
    ) -> Overview:
        """The subscription ends at its day. Raises as the preview; Conflict: preview_changed,
        unpaid_invoices; InvalidInput: numbers_not_known (field knows_numbers), text_too_long."""
        raise NotImplementedError

    def take_back_cancel(self, who: Principal) -> Overview:
        """It goes on. Raises Conflict (`not_cancelled`, `subscription_ended`)."""
        raise NotImplementedError

    def preview_downgrade(self, who: Principal) -> DowngradePreview:
        """Raises Conflict: already_on_plan, downgrade_planned, and as `quote_upgrade`."""
        raise NotImplementedError

    def downgrade_self(self, who: Principal) -> Overview:
        """The smaller plan from the next period on, where the operator lets owners do it.

        Raises as `preview_downgrade`; Forbidden (`through_support`); Conflict
        (`licences_against`, with `numbers`).
        """
        raise NotImplementedError

    def take_back_downgrade(self, who: Principal) -> Overview:
        """The plan stays. Raises Conflict (`no_downgrade_planned`)."""
        raise NotImplementedError

    def preview_downgrade_of(self, session: Session, partner_id: str) -> DowngradePreview:
        """As `preview_downgrade`, for a caller with a gate of its own."""
        raise NotImplementedError

    def downgrade_of(self, session: Session, partner_id: str, *, by: str) -> DowngradePreview:
        """As `downgrade_self`, whatever the operator lets owners do; `by` is a person's id."""
        raise NotImplementedError

    def facts_of(self, session: Session, partner_id: str) -> Facts:
        """The subscription in a few words."""
        raise NotImplementedError
