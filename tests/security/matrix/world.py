"""The whole hub on a database of its own: A is the demo's Acme, B has one row of everything.

Everybody of the corpus is there: people with sessions, programs with keys, as what they are known
by to the services (`principals`) and to the routes (`headers`).
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

import main
from core.access import Principal
from core.hub import Hub
from core.partners.entities import Partner, Role
from core.ports import Everything
from core.secret_hash import hash_secret
from core.settings import Settings
from core.subscriptions.states import PlanName
from storage.migrate import migrate
from storage.tenancy import owner_column, tenant_classes
from tests import factories
from tests.security.matrix import words
from tests.support.every_table import OneOfEach

TEST = Everything("test")
BASE = "https://hub.test"
A, B = "AcmeMsPA", "BetaOnPA"
# What a refused call may leave: when a credential was used, which keys of writes were seen.
_MOVES = frozenset({"api_key", "api_user", "idempotent_write"})
_READ = ("accounts:read", "settings:read", "users:read", "billing:read")


@dataclass(kw_only=True)
class MatrixWorld:
    """`ids` and `unknown` are by table: those of B, of A, and of nobody in the same shape."""

    hub: Hub
    settings: Settings
    assembled: Any
    file: Path
    ids: dict[str, dict[str, Any]] = field(default_factory=dict)
    unknown: dict[str, Any] = field(default_factory=dict)
    principals: dict[str, Principal] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    # Arguments that only a running hub can make, by verb.
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def victim_of(self, role: str) -> str:
        """The partner that somebody of this role has no business with."""
        return A if role in (words.OWNER_OF_B, words.KEY_OF_B) else B

    def rows_of(self, partner_id: str) -> str:
        """A hash of every row that the partner has, but for what may move."""
        digest = hashlib.sha256()
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True) as rows:
            for name, cls in sorted(tenant_classes().items()):
                if name not in _MOVES:
                    query = f'SELECT * FROM "{name}" WHERE {owner_column(cls).key} = ?'  # noqa: S608
                    found = sorted(map(repr, rows.execute(query, (partner_id,))))
                    digest.update(f"{name}{found}".encode())
        return digest.hexdigest()


@contextmanager
def matrix_world(folder: Path) -> Iterator[MatrixWorld]:
    """Assembled as `main.py` does it; nothing works in the background, nothing is called."""
    settings = Settings(
        _env_file=None,
        mode="sandbox",
        base_url=BASE,
        allowed_hosts=[],
        database_url=f"sqlite:///{folder / 'hub.sqlite3'}",
        var_dir=folder,
        vault_keys="k1:" + "A" * 43 + "=",
        public_writes_per_minute=100_000,
        meta_graph_base="http://localhost:9",  # nobody is there
        owners_may_remove_users=True,
        self_service_downgrade=True,
        api_balance_per_half_minute=100_000,
        api_balance_per_hour=100_000,
    )
    migrate(settings.database)
    with ExitStack() as stack:
        assembled = main.assemble(settings, stack)
        main.plant(assembled)
        world = MatrixWorld(
            hub=assembled.hub,
            settings=settings,
            assembled=assembled,
            file=folder / "hub.sqlite3",
        )
        _people(world)
        yield world


def _people(world: MatrixWorld) -> None:
    others = OneOfEach(B)
    with world.assembled.database.transaction(TEST) as session:
        others.add_to(session)
        acme, beta = session.get_one(Partner, A), session.get_one(Partner, B)
        _sign_in(world, session, words.MEMBER, acme, Role.MEMBER)
        _sign_in(world, session, words.OWNER, acme, Role.OWNER)
        _sign_in(world, session, words.LEAVER, acme, Role.OWNER)
        _sign_in(world, session, words.OWNER_OF_B, beta, Role.OWNER)
        both = _sign_in(world, session, words.BOTH, acme, Role.MEMBER)
        factories.make_membership(session, beta, both, Role.OWNER)
        gone = {"removed_at": factories.now() - timedelta(minutes=1)}
        _sign_in(world, session, words.REMOVED, acme, Role.OWNER, **gone)
        ended = {"revoked_at": factories.now() - timedelta(minutes=1)}
        _sign_in(world, session, words.LOGGED_OUT, acme, Role.OWNER, login=ended)
        _sign_in(world, session, words.STAFF, None, None)
    _programs(world)
    nobody = world.principals[words.OWNER]
    world.principals[words.ANONYMOUS] = Principal(
        person_id=nobody.person_id,
        name=nobody.name,
        email=nobody.email,
        session_hash=secrets.token_hex(32),
        partner_id=A,
        role=Role.OWNER.value,
    )
    world.headers |= {
        words.ANONYMOUS: {},
        words.LINK_OF_A: {"Cookie": f"__Host-hub_onboarding={'o' * 43}"},
    }
    world.ids = {B: _first_parts(others), A: _keys_of(world, A)}
    of_b = world.principals[words.OWNER_OF_B]
    world.ids[B] |= {"user_session": of_b.session_hash, "support_canned_answer": "nobodys"}
    world.unknown = {table: _unlike(key) for table, key in world.ids[B].items()}
    world.unknown["flow"] = "888888"
    quote = world.hub.subscriptions.quote_upgrade(world.principals[words.OWNER], PlanName.PREMIUM)
    world.changes = {
        "subscriptions.upgrade": {"token": quote.token},
        "profile.set_brand_color": {"text": "#336699"},
        "audit.export_csv": {"wording": lambda _happened: ("who", "what", "where")},
    }


def _sign_in(
    world: MatrixWorld,
    session: Session,
    word: str,
    partner: Partner | None,
    role: Role | None,
    *,
    login: dict[str, Any] | None = None,
    **membership: Any,
) -> Any:
    person = factories.make_person(session, is_staff=partner is None, name=f"Who is {word[:30]}")
    if partner is not None and role is not None:
        factories.make_membership(session, partner, person, role, **membership)
    secret = secrets.token_urlsafe(32)
    world.principals[word] = factories.make_login(
        session, partner, person, role, None, id_hash=hash_secret(secret), **login or {}
    )
    world.headers[word] = {"Cookie": f"__Host-hub={secret}"}
    return person


def _programs(world: MatrixWorld) -> None:
    credentials, door = world.hub.credentials, world.hub.partner_api.door
    owner, of_b = (world.principals[word] for word in (words.OWNER, words.OWNER_OF_B))
    for word, who, scopes in (
        (words.READ_KEY, owner, _READ),
        (words.WRITE_KEY, owner, ()),
        (words.REVOKED_KEY, owner, ()),
        (words.KEY_OF_B, of_b, ()),
    ):
        made = credentials.create_key(who, word[:40], *([scopes] if scopes else []))
        world.principals[word] = door.principal(made.secret)
        world.headers[word] = {"X-API-Key": made.secret}
    revoked = next(k for k in credentials.keys(owner) if k.name == words.REVOKED_KEY[:40])
    credentials.revoke_key(owner, revoked.id)


def _first_parts(each: OneOfEach) -> dict[str, Any]:
    # Of a key with more parts, the one that is told outside.
    keys = {table: key[0] for table, key in each.ids.items()}
    return keys | {"ledger_entry": "otheledger_entrykey", "flow": "999999", "name": B}


def _keys_of(world: MatrixWorld, partner_id: str) -> dict[str, Any]:
    """One key of each of the partner's tables; one of nobody's where it has no row."""
    found: dict[str, Any] = {"flow": "999999", "name": "Acme", "partner": partner_id}
    with sqlite3.connect(f"file:{world.file}?mode=ro", uri=True) as rows:
        for name, cls in tenant_classes().items():
            (key, *_) = cls.__table__.primary_key  # type: ignore[attr-defined]
            query = f'SELECT "{key.key}" FROM "{name}" WHERE {owner_column(cls).key} = ?'  # noqa: S608
            row = rows.execute(query, (partner_id,)).fetchone()
            found[name] = row[0] if row else "nobodys"
        found["user_session"] = world.principals[words.OWNER].session_hash
        found["person"] = world.principals[words.OWNER].person_id
        found["support_canned_answer"] = "nobodys"
    return found


def _unlike(key: Any) -> Any:
    if isinstance(key, int):
        return key + 10**9
    text = str(key)
    return ("z" if text[0] != "z" else "y") + text[1:-1] + ("z" if text[-1] != "z" else "y")
