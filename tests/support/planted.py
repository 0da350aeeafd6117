"""Secrets of every kind, put in through the services as people and programs put them in."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any, cast

from core.access import Gate
from core.clock import FixedClock
from core.integration.credentials.service import Credentials
from core.integration.outbound.room import Room
from core.integration.outbound.service import WebhooksOut
from core.integration.settings.service import IntegrationSettings
from core.partners.sign_in import Browser, SignIn
from core.partners.users import Users
from core.settings import Settings
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from storage.vault import AesVault
from tests import factories
from tests.services.integration_world import SOLUTION, TEST, FakeOutgoing
from tests.services.onboarding_world import onboarding_world
from tests.support.twins import FakeMailer, FakeMeta

KEYS = f"k1:{base64.urlsafe_b64encode(bytes(range(32))).decode()}"
HEADER = "Bearer planted-header-secret-7311"
ID_TOKEN = "planted.id-token.4711"
EMAIL = "zoe@planted.example"


def plant(database: SqlDatabase, clock: FixedClock) -> dict[str, str]:
    """Every secret in plain, as only its owner and the hub may know it."""
    vault, mailer, jobs = AesVault(KEYS), FakeMailer(), InlineJobs()
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        base_url="https://hub.test",
        mode="sandbox",
        secret_key="s" * 32,
    )
    gate = Gate(database, clock)
    with database.transaction(TEST) as session:
        partner = factories.make_partner(session)
        owner = factories.make_principal(session, partner, clock=clock)
    users = Users(
        gate=gate, database=database, clock=clock, jobs=jobs, mailer=mailer, settings=settings
    )
    users.invite(owner, name="Zoe", email=EMAIL, role="owner")
    jobs.drain()
    invitation = mailer.token
    planted = {"invitation link": invitation}
    claims = {"iss": "i", "sub": "zoe", "email": EMAIL, "email_verified": True, "name": "Zoe"}
    sign_in = SignIn(database, clock, vault, settings)
    start = sign_in.begin("/", "planted-browser-secret")
    planted |= {"login state": start.state, "browser of a login": "planted-browser-secret"}
    cookie, zoe = sign_in.complete(claims, ID_TOKEN, Browser())
    planted |= {"session cookie": cookie, "id_token": ID_TOKEN}
    outgoing = FakeOutgoing()
    integration = IntegrationSettings(
        gate=gate,
        clock=clock,
        vault=vault,
        meta=FakeMeta(clock, solution_id=SOLUTION),
        outgoing=cast(Any, outgoing),
        settings=settings,
    )
    first = integration.generate_secret(zoe).secret
    planted |= {"platform secret": first}
    planted |= {"platform secret, rotated": integration.rotate_secret(zoe).secret}
    credentials = Credentials(gate, clock)
    planted["API key"] = credentials.create_key(zoe, "CRM").secret
    planted["system user's password"] = credentials.create_system_user(zoe, "crm-bot").password
    webhooks = WebhooksOut(
        Room(
            gate=gate,
            database=database,
            clock=clock,
            wall=clock,
            vault=vault,
            outgoing=cast(Any, outgoing),
            feed=cast(Any, None),
            settings=settings,
        )
    )
    webhooks.add_endpoint(zoe, "https://zoe.example/hook", headers={"Authorization": HEADER})
    planted["header of a webhook"] = HEADER
    return planted | onboarded(database, clock, vault)


def onboarded(database: SqlDatabase, clock: FixedClock, vault: AesVault) -> dict[str, str]:
    """What a client's way brings: code, link, Meta's code and token, PIN, browser."""
    world = onboarding_world(database, clock, vault=vault)
    browser = world.browser()
    browser.sign_up()
    code, link = world.mailer.code, world.mailer.token
    signup = browser.popup()
    clock.advance(timedelta(seconds=1))
    browser.tell(signup)
    browser.hand_over(signup)
    world.jobs.drain()
    return {
        "one-time code": code,
        "resume link": link,
        "browser of a client": browser.secret,
        "Meta's code": signup.code,
        "PIN": world.meta.phones[signup.phone_id]["pin"],
        **{f"Meta's token {n}": token for n, token in enumerate(world.meta.tokens)},
    }
