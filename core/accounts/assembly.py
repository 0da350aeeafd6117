"""The services that ask Meta for a partner's accounts, put together on their ports."""

from __future__ import annotations

from dataclasses import dataclass

from core.access import Gate
from core.accounts.at_meta import WabaDoor
from core.accounts.leaving import Leaving
from core.accounts.meta_assets import MetaAssets
from core.accounts.ports import AccountsMeta
from core.accounts.regions.service import Regions
from core.accounts.waba_templates import WabaTemplates
from core.clock import Clock
from core.ports import ChangeFeed, Database, Jobs, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaRoom:
    """What the hub hands on to pages and routes."""

    templates: WabaTemplates
    assets: MetaAssets
    regions: Regions


def put_together(
    *,
    gate: Gate,
    database: Database,
    clock: Clock,
    feed: ChangeFeed,
    vault: Vault,
    meta: AccountsMeta,
    jobs: Jobs,
) -> MetaRoom:
    """Durable work, that of numbers which end too, is registered; `jobs` must not have begun."""
    Leaving(database, clock, vault, meta, jobs)
    door = WabaDoor(gate, clock, vault)
    return MetaRoom(
        templates=WabaTemplates(door, clock, meta),
        assets=MetaAssets(door, meta),
        regions=Regions(
            gate=gate,
            database=database,
            clock=clock,
            feed=feed,
            vault=vault,
            meta=meta,
            jobs=jobs,
        ),
    )
