"""The Users page and one's own sessions on real storage and services; only the cookie is a twin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.access import Gate, Principal
from core.partners.entities import Partner, Person
from core.partners.sign_in import SignIn
from core.partners.users import Users
from core.settings import Settings
from storage.jobs_inline import InlineJobs
from tests.factories import make_login
from tests.services.subscriptions_world import ALL
from tests.support.accounts import PlainVault
from tests.support.twins import FakeMailer
from tests.ui.fake_hub import FakeSignIn
from tests.ui.support_site import SupportSite, in_thread, support_site

FRESH_FOR = timedelta(minutes=30)


class SiteSignIn(FakeSignIn):
    """Cookies as everywhere in these tests, sessions as the database has them."""

    def __init__(self, known: FakeSignIn, real: SignIn) -> None:
        super().__init__(known.people)
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@contextmanager
def people_site(folder: Path, **settings: Any) -> Iterator[SupportSite]:
    """As `support_site`, with the hub's verbs about people; `settings` are the hub's."""
    with support_site(folder) as site:
        below = site.world.below
        chosen = Settings(
            _env_file=None,  # type: ignore[call-arg]
            **{"base_url": "http://test", "secret_key": "s" * 32, "allowed_hosts": ["test"]}
            | settings,
        )
        site.hub.settings = chosen
        site.hub.users = Users(
            gate=Gate(below.database, below.clock, fresh_for=FRESH_FOR),
            database=below.database,
            clock=below.clock,
            jobs=InlineJobs(),
            mailer=FakeMailer(),
            settings=chosen,
        )
        real = SignIn(below.database, below.clock, PlainVault(), chosen)
        site.hub.sign_in = SiteSignIn(site.hub.sign_in, real)
        yield site


def signed_in_again(site: SupportSite, who: Principal, **values: Any) -> Principal:
    """Another browser of the same person."""

    def make() -> Principal:
        with site.world.below.database.transaction(ALL) as session:
            partner = session.get_one(Partner, who.partner_id)
            person = session.get_one(Person, who.person_id)
            clock = site.world.below.clock
            return make_login(session, partner, person, who.role, clock, **values)

    return in_thread(make)
