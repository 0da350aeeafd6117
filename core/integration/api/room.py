"""What every verb of the partner API works with."""

from __future__ import annotations

from dataclasses import dataclass

from core.access import Gate
from core.accounts.cancelling import Cancelling
from core.accounts.ports import ChannelSearch
from core.clock import Clock
from core.ports import Database, Vault
from core.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Room:
    """One per process."""

    gate: Gate
    database: Database
    clock: Clock
    vault: Vault
    settings: Settings
    search: ChannelSearch
    cancelling: Cancelling
