"""Step 2, direct-paid only: prices, terms and billing details.

Each part is kept as soon as it is said, so the step goes on in any browser.
"""

from __future__ import annotations

import hashlib
import hmac

from core.accounts.entities import Client
from core.billing.invoices.details import DetailsForm, newest
from core.billing.price_list import PriceList, price_list
from core.errors import InvalidInput
from core.onboarding.entities import OnboardingRun
from core.onboarding.pay_room import PayRoom
from core.onboarding.paying import payer_of
from core.onboarding.views import PayStage, RunKey, RunView


class Agreeing(PayRoom):
    """What the client reads, agrees to, and has its invoices made out to."""

    def prices(self, key: RunKey) -> PriceList | None:
        """What messages cost here; None while there is no card in the partner's currency."""
        with self.acting(key) as opened:
            run, now = opened.run, self.clock.now()
            if run.prices_seen_at is None:
                run.prices_seen_at = now
                self.told(opened, "prices_seen")
            return price_list(
                opened.session,
                self.rate_cards,
                partner_id=run.partner_id,
                currency=opened.partner.currency,
                day=now.date(),
            )

    def accept_terms(self, key: RunKey, version: str, address: str) -> RunView:
        """The client agrees to this version of the terms, from this address.

        Raises InvalidInput (`field` terms) for a version that is not the one in force.
        """
        with self.acting(key) as opened:
            self.require_stage(opened, PayStage.TERMS)
            if version != self.settings.terms_version:
                raise InvalidInput(field="terms")
            run = opened.run
            run.terms_version, run.terms_accepted_at = version, self.clock.now()
            run.terms_ip_hash = self._proof_of(run, address)
            self.told(opened, "terms_accepted", version=version, ip_hash=run.terms_ip_hash)
            return self.go_on(opened)

    def billing_details(self, key: RunKey) -> DetailsForm:
        """The form as it was saved, or with what is known already."""
        with self.watching(key) as opened:
            run, partner = opened.run, opened.partner
            known = newest(opened.session, payer_of(run)) if run.client_id else None
            if known is None:
                return DetailsForm(
                    legal_name=run.company,
                    email=run.email,
                    address="",
                    postal_code="",
                    city="",
                    country=partner.country,
                )
            names = DetailsForm.__dataclass_fields__
            return DetailsForm(**{name: getattr(known, name) for name in names})

    def save_details(self, key: RunKey, form: DetailsForm) -> RunView:
        """Invoices are made out like this. Raises InvalidInput (`faults`: a code by field)."""
        with self.acting(key) as opened:
            self.require_stage(opened, PayStage.DETAILS)
            kept = self.billing.invoices.keep_details(
                opened.session, payer_of(opened.run), form, by="client"
            )
            client = opened.session.get_one(Client, opened.run.client_id)
            client.country = client.country or kept.country
            self.told(opened, "details_saved", country=kept.country, vat_state=kept.vat_state)
            return self.go_on(opened)

    def _proof_of(self, run: OnboardingRun, address: str) -> str:
        """Keyed, so that an address can be shown to fit but not be found by trying all."""
        secret = self.settings.secret_key.get_secret_value().encode()
        return hmac.new(secret, f"{run.id}|{address}".encode(), hashlib.sha256).hexdigest()
