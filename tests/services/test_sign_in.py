"""From an attempt to a session, told by the rows that are left."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from core.access import Gate, Permission, Principal
from core.clock import FixedClock
from core.errors import Forbidden, InvalidInput, NotFound, NotSignedIn
from core.events import Event, EventType
from core.partners.entities import Identity, LoginAttempt, Membership, Person, Role, UserSession
from core.partners.service import Partners
from core.partners.sign_in import Browser, SignIn
from core.ports import Everything
from core.settings import Settings
from storage.database import SqlDatabase
from tests.factories import make_login, make_membership, make_partner, make_person
from tests.support.accounts import PlainVault

ISSUER = "https://id.test"
ALL = Everything("test")
BROWSER = "b" * 43


@pytest.fixture
def sign_in(database: SqlDatabase, clock: FixedClock) -> SignIn:
    return SignIn(database, clock, PlainVault(), Settings(_env_file=None))


@pytest.fixture
def partners(database: SqlDatabase, clock: FixedClock) -> Partners:
    return Partners(Gate(database, clock), database, clock)


def claims(sub: str = "ada", **changes: Any) -> dict[str, Any]:
    known = {"email": f"{sub}@acme.example", "email_verified": True, "name": sub.title()}
    return {"iss": ISSUER, "sub": sub} | known | changes


def invited(partners: Partners, name: str = "Acme", email: str = "ada@acme.example") -> str:
    partner = partners.create_partner(brand_name=name)
    partners.invite_first_owner(partner.id, email=email)
    return partner.id


def rows(database: SqlDatabase, look: Callable[[Session], Any]) -> Any:
    with database.reading(ALL) as session:
        return look(session)


# --- attempts ------------------------------------------------------------------------------------


def test_an_attempt_leads_back_once(sign_in: SignIn) -> None:
    start = sign_in.begin("/accounts", BROWSER)
    claimed = sign_in.claim(start.state, BROWSER)
    assert (claimed.nonce, claimed.verifier) == (start.nonce, start.verifier)
    assert claimed.next_path == "/accounts"
    with pytest.raises(InvalidInput, match="login_not_open"):
        sign_in.claim(start.state, BROWSER)


@pytest.mark.parametrize(("state", "browser"), [("", BROWSER), ("x" * 43, BROWSER), (None, "")])
def test_a_missing_or_unknown_state_opens_nothing(
    sign_in: SignIn, state: str | None, browser: str
) -> None:
    start = sign_in.begin("/", BROWSER)
    with pytest.raises(InvalidInput, match="login_not_open"):
        sign_in.claim(start.state if state is None else state, browser)


def test_another_browser_cannot_claim_and_does_not_spoil_it(sign_in: SignIn) -> None:
    start = sign_in.begin("/", BROWSER)
    with pytest.raises(InvalidInput, match="login_not_open"):
        sign_in.claim(start.state, "c" * 43)
    assert sign_in.claim(start.state, BROWSER).nonce == start.nonce


def test_an_attempt_is_open_for_ten_minutes(sign_in: SignIn, clock: FixedClock) -> None:
    early, late = sign_in.begin("/", BROWSER), sign_in.begin("/", BROWSER)
    clock.advance(timedelta(minutes=9, seconds=59))
    assert sign_in.claim(early.state, BROWSER)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(InvalidInput, match="login_not_open"):
        sign_in.claim(late.state, BROWSER)


def test_two_tabs_of_a_browser_have_an_attempt_each(sign_in: SignIn) -> None:
    one, two = sign_in.begin("/one", BROWSER), sign_in.begin("/two", BROWSER)
    assert sign_in.claim(one.state, BROWSER).next_path == "/one"
    assert sign_in.claim(two.state, BROWSER).next_path == "/two"


def test_twenty_answers_at_once_claim_an_attempt_once(sign_in: SignIn) -> None:
    state = sign_in.begin("/", BROWSER).state

    def claim(_: int) -> bool:
        try:
            sign_in.claim(state, BROWSER)
        except InvalidInput:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(claim, range(20))) == 1


def test_an_attempt_keeps_no_secret_of_the_browser_and_is_new_each_time(
    sign_in: SignIn, database: SqlDatabase
) -> None:
    one, two = sign_in.begin("https://evil.example/", BROWSER), sign_in.begin("/", BROWSER)
    stored = rows(database, lambda s: s.exec(select(LoginAttempt)).all())
    kept = " ".join(str(row.model_dump()) for row in stored)
    assert one.state not in kept
    assert BROWSER not in kept
    assert {row.next_path for row in stored} == {"/"}
    assert len({one.state, two.state, one.nonce, two.nonce, one.verifier, two.verifier}) == 6
    assert all(43 <= len(text) <= 128 for text in (one.state, one.nonce, one.verifier))


def test_old_attempts_go_when_new_ones_come(
    sign_in: SignIn, database: SqlDatabase, clock: FixedClock
) -> None:
    sign_in.begin("/", BROWSER)
    clock.advance(timedelta(hours=2))
    sign_in.begin("/", BROWSER)
    assert rows(database, lambda s: len(s.exec(select(LoginAttempt)).all())) == 1


# --- who it is -----------------------------------------------------------------------------------


def test_a_verified_address_accepts_its_invitations_at_first_sight(
    sign_in: SignIn, partners: Partners, database: SqlDatabase
) -> None:
    acme, beta = invited(partners), invited(partners, "Beta", "Ada@ACME.example")
    secret, who = sign_in.complete(claims(), "the.id.token", Browser(ip="10.0.0.9"))
    assert who.name == "Ada"
    assert {each.id for each, _ in sign_in.memberships(who)} == {acme, beta}
    assert sign_in.principal(secret) == who
    told = rows(database, lambda s: s.exec(select(Event)).all())
    assert {row.partner_id for row in told if "invitation" in row.data} == {acme, beta}


def test_an_invitation_is_good_once(sign_in: SignIn, partners: Partners) -> None:
    invited(partners)
    sign_in.complete(claims(), "", Browser())
    with pytest.raises(Forbidden, match="not_invited"):
        sign_in.complete(claims("eve", email="ada@acme.example"), "", Browser())


def test_nobody_else_gets_in_and_nothing_is_kept_of_them(
    sign_in: SignIn, database: SqlDatabase
) -> None:
    with pytest.raises(Forbidden) as refused:
        sign_in.complete(claims("eve"), "", Browser())
    assert refused.value.code == "not_invited"
    assert refused.value.about["email"] == "eve@acme.example"
    assert rows(database, lambda s: s.exec(select(Person)).all()) == []


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_unverified_address_opens_no_invitation(
    sign_in: SignIn, partners: Partners, verified: object
) -> None:
    invited(partners)
    with pytest.raises(Forbidden, match="not_invited"):
        sign_in.complete(claims(email_verified=verified), "", Browser())


def test_an_owners_address_is_no_key_to_the_owners_account(
    sign_in: SignIn, partners: Partners
) -> None:
    invited(partners)
    sign_in.complete(claims(), "", Browser())
    for unverified in (False, True):
        stranger = claims("eve", email="ada@acme.example", email_verified=unverified)
        with pytest.raises(Forbidden, match="not_invited"):
            sign_in.complete(stranger, "", Browser())


def test_an_address_that_changes_at_the_provider_is_shown_and_moves_nobody(
    sign_in: SignIn, partners: Partners
) -> None:
    acme = invited(partners)
    invited(partners, "Victim", "victim@victim.example")
    _, first = sign_in.complete(claims(), "", Browser())
    changed = claims(email="victim@victim.example", email_verified=False)
    _, again = sign_in.complete(changed, "", Browser())
    assert (again.person_id, again.partner_id) == (first.person_id, acme)
    assert again.email == "victim@victim.example"


def test_the_same_subject_of_another_issuer_is_another_person(
    sign_in: SignIn, partners: Partners
) -> None:
    invited(partners)
    sign_in.complete(claims(), "", Browser())
    with pytest.raises(Forbidden, match="not_invited"):
        sign_in.complete(claims(iss="https://other.test"), "", Browser())


def test_an_expired_or_withdrawn_invitation_opens_nothing(
    sign_in: SignIn, partners: Partners, clock: FixedClock
) -> None:
    invited(partners)
    clock.advance(timedelta(days=7))
    with pytest.raises(Forbidden, match="not_invited"):
        sign_in.complete(claims(), "", Browser())


def test_somebody_known_accepts_a_later_invitation_at_the_next_login(
    sign_in: SignIn, partners: Partners
) -> None:
    acme = invited(partners)
    sign_in.complete(claims(), "", Browser())
    beta = invited(partners, "Beta")
    _, who = sign_in.complete(claims(), "", Browser())
    assert [(each.id, role) for each, role in sign_in.memberships(who)] == [
        (acme, "owner"),
        (beta, "owner"),
    ]


def test_staff_sign_in_without_a_partner(sign_in: SignIn, partners: Partners) -> None:
    partners.add_staff(issuer=ISSUER, subject="sam", name="Sam", email="sam@operator.example")
    secret, who = sign_in.complete(claims("sam"), "", Browser())
    assert (who.is_staff, who.partner_id, who.role) == (True, None, None)
    assert sign_in.principal(secret) == who


def test_staff_are_made_of_whom_the_provider_knows_and_unmade(
    sign_in: SignIn, partners: Partners
) -> None:
    sam = {"issuer": ISSUER, "subject": "sam"}
    first = partners.add_staff(**sam, name="Sam", email="sam@operator.example")
    assert partners.add_staff(**sam, name="Sam", email="sam@operator.example").id == first.id
    secret, who = sign_in.complete(claims("sam"), "", Browser())
    _, ended = partners.remove_staff(**sam)
    assert ended == [who.session_hash]  # its open pages are told
    with pytest.raises(NotSignedIn):
        sign_in.principal(secret)
    with pytest.raises(NotFound):
        partners.remove_staff(**sam)
    with pytest.raises(NotFound):
        partners.remove_staff(issuer="https://other.test", subject="sam")


def test_the_first_login_in_two_browsers_at_once_makes_one_person(
    sign_in: SignIn, partners: Partners, database: SqlDatabase
) -> None:
    invited(partners)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: sign_in.complete(claims(), "", Browser()), range(4)))
    assert len({secret for secret, _ in done}) == 4
    assert len({who.person_id for _, who in done}) == 1
    assert rows(database, lambda s: len(s.exec(select(Identity)).all())) == 1
    assert rows(database, lambda s: len(s.exec(select(Membership)).all())) == 1


# --- sessions ------------------------------------------------------------------------------------


@pytest.fixture
def ada(sign_in: SignIn, partners: Partners) -> tuple[str, Principal]:
    invited(partners)
    return sign_in.complete(claims(), "id-token", Browser(user_agent="Browser\n1"))


def test_every_login_has_a_new_secret_and_only_its_hash_is_stored(
    sign_in: SignIn, ada: tuple[str, Principal], database: SqlDatabase
) -> None:
    old, _ = ada
    new, _ = sign_in.complete(claims(), "id-token", Browser(old_secret=old))
    assert new != old
    assert len(new) >= 43
    with pytest.raises(NotSignedIn):
        sign_in.principal(old)
    kept = rows(database, lambda s: [row.model_dump() for row in s.exec(select(UserSession)).all()])
    assert old not in str(kept)
    assert new not in str(kept)
    assert "id-token" not in [row["id_token"] for row in kept]


@pytest.mark.parametrize("secret", ["", "x", "x" * 43])
def test_an_unknown_secret_is_nobody(sign_in: SignIn, secret: str) -> None:
    with pytest.raises(NotSignedIn):
        sign_in.principal(secret)


def test_a_session_ends_when_idle_and_at_its_absolute_limit(
    sign_in: SignIn, ada: tuple[str, Principal], clock: FixedClock
) -> None:
    secret, _ = ada
    for _ in range(28):  # used every half a day: never idle, over after fourteen days
        clock.advance(timedelta(hours=11, minutes=59))
        assert sign_in.principal(secret)
    clock.advance(timedelta(hours=11, minutes=59))
    with pytest.raises(NotSignedIn):
        sign_in.principal(secret)


def test_an_idle_session_is_over(
    sign_in: SignIn, ada: tuple[str, Principal], clock: FixedClock
) -> None:
    clock.advance(timedelta(hours=12))
    with pytest.raises(NotSignedIn):
        sign_in.principal(ada[0])


def test_last_seen_is_written_once_a_minute_at_the_most(
    sign_in: SignIn, ada: tuple[str, Principal], clock: FixedClock, database: SqlDatabase
) -> None:
    secret, who = ada

    def last_seen() -> tuple[Any, Any]:
        return rows(
            database,
            lambda s: (
                s.get(UserSession, who.session_hash).last_seen_at,
                s.exec(select(Membership)).one().last_seen_at,
            ),
        )

    start = clock.now()
    clock.advance(timedelta(seconds=59))
    sign_in.principal(secret)
    assert last_seen() == (start, start)
    clock.advance(timedelta(seconds=1))
    sign_in.principal(secret)
    assert last_seen() == (clock.now(), clock.now())


def test_signing_out_ends_the_session_and_gives_the_providers_hint(
    sign_in: SignIn, ada: tuple[str, Principal]
) -> None:
    secret, who = ada
    assert sign_in.sign_out(who) == "id-token"
    for act in (lambda: sign_in.principal(secret), lambda: sign_in.sign_out(who)):
        with pytest.raises(NotSignedIn):
            act()


def test_one_can_sign_out_everywhere_else(sign_in: SignIn, ada: tuple[str, Principal]) -> None:
    secret, who = ada
    other, _ = sign_in.complete(claims(), "", Browser(user_agent="Phone"))
    assert {each.user_agent for each in sign_in.sessions(who)} == {"Browser1", "Phone"}
    assert len(sign_in.sign_out_elsewhere(who)) == 1
    assert sign_in.principal(secret) == who
    with pytest.raises(NotSignedIn):
        sign_in.principal(other)
    assert [each.is_this_one for each in sign_in.sessions(who)] == [True]


def test_sessions_in_use_stay_and_those_that_ran_out_are_told(
    sign_in: SignIn, ada: tuple[str, Principal], clock: FixedClock
) -> None:
    _, used = ada
    _, idle = sign_in.complete(claims(), "", Browser())
    opened = [used.session_hash, idle.session_hash, "0" * 64]
    clock.advance(timedelta(hours=11))
    assert sign_in.look_after(opened, {used.session_hash}) == ["0" * 64]
    clock.advance(timedelta(hours=2))
    assert sign_in.look_after(opened, set()) == [idle.session_hash, "0" * 64]


def test_nobody_ends_another_persons_session(
    sign_in: SignIn, ada: tuple[str, Principal], database: SqlDatabase
) -> None:
    with database.transaction(ALL) as session:
        ben = make_login(session, None, make_person(session), None)
    for session_id in (ben.session_hash, "0" * 64):
        with pytest.raises(NotFound):
            sign_in.revoke(ada[1], session_id)


def test_whoever_accepts_an_invitation_has_joined_once(
    sign_in: SignIn, partners: Partners, database: SqlDatabase
) -> None:
    acme = invited(partners)
    _, who = sign_in.complete(claims(), "", Browser())
    told = rows(database, lambda s: s.exec(select(Event).order_by(Event.id)).all())
    assert [(row.partner_id, row.type) for row in told] == [
        (acme, EventType.INVITATION_ACCEPTED),
        (acme, EventType.MEMBER_JOINED),
        (acme, EventType.SIGNED_IN),
    ]
    assert (told[1].subject_id, told[1].actor) == (who.person_id, who.person_id)
    assert told[0].data == {"role": who.role, "invited_by": ""}  # the operator's command did
    assert told[1].data["role"] == who.role
    # A second invitation to somebody who works there already changes nothing.
    partners.invite_first_owner(acme, email="ada@acme.example")
    sign_in.complete(claims(), "", Browser())
    told = rows(database, lambda s: s.exec(select(Event).order_by(Event.id)).all())
    assert [row.type for row in told].count(EventType.MEMBER_JOINED) == 1


def test_the_audit_tells_who_signed_in_switched_and_out(
    sign_in: SignIn, partners: Partners, database: SqlDatabase
) -> None:
    acme, beta = invited(partners), invited(partners, "Beta")
    _, who = sign_in.complete(claims(), "", Browser())
    other = beta if who.partner_id == acme else acme
    sign_in.sign_out(sign_in.switch_partner(who, other))
    told = rows(database, lambda s: s.exec(select(Event).order_by(Event.id)).all())
    own = [(row.partner_id, row.type, row.actor) for row in told[4:]]
    assert own == [
        (who.partner_id, EventType.SIGNED_IN, who.person_id),
        (other, EventType.PARTNER_SWITCHED, who.person_id),
        (other, EventType.SIGNED_OUT, who.person_id),
    ]


# --- partners of a session -----------------------------------------------------------------------


def test_switching_moves_the_session_and_refuses_the_old_principal(
    sign_in: SignIn, partners: Partners, database: SqlDatabase, clock: FixedClock
) -> None:
    acme, beta = invited(partners), invited(partners, "Beta")
    secret, who = sign_in.complete(claims(), "", Browser())
    other = beta if who.partner_id == acme else acme
    moved = sign_in.switch_partner(who, other)
    assert moved.partner_id == other
    assert sign_in.principal(secret) == moved
    with pytest.raises(NotSignedIn), Gate(database, clock).reading(who, Permission.ACCOUNTS):
        pass


def test_a_foreign_and_an_unknown_partner_are_the_same_refusal(
    sign_in: SignIn, partners: Partners, ada: tuple[str, Principal]
) -> None:
    foreign = partners.create_partner(brand_name="Foreign").id
    for partner_id in (foreign, "nobodyPA", ""):
        with pytest.raises(NotFound):
            sign_in.switch_partner(ada[1], partner_id)


def test_the_next_login_starts_where_the_person_was_last(
    sign_in: SignIn, partners: Partners, clock: FixedClock
) -> None:
    acme, beta = invited(partners), invited(partners, "Beta")
    _, who = sign_in.complete(claims(), "", Browser())
    other = beta if who.partner_id == acme else acme
    clock.advance(timedelta(seconds=1))
    sign_in.switch_partner(who, other)
    assert sign_in.complete(claims(), "", Browser())[1].partner_id == other


def test_somebody_removed_goes_on_with_another_partner_or_is_signed_out(
    sign_in: SignIn, database: SqlDatabase, clock: FixedClock
) -> None:
    with database.transaction(ALL) as session:
        person = make_person(session)
        acme, beta = make_partner(session), make_partner(session)
        memberships = [make_membership(session, each, person, Role.MEMBER) for each in (acme, beta)]
        sub = person.id
    secret, who = sign_in.complete(claims(sub), "", Browser())
    for membership in sorted(memberships, key=lambda m: m.partner_id != who.partner_id):
        assert sign_in.principal(secret).partner_id == membership.partner_id
        with database.transaction(ALL) as session:
            session.get_one(Membership, membership.id).removed_at = clock.now()
    with pytest.raises(NotSignedIn):
        sign_in.principal(secret)
    with pytest.raises(Forbidden, match="not_invited"):
        sign_in.complete(claims(sub), "", Browser())
