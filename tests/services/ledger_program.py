"""A process for the tests: `python -m tests.services.ledger_program URL PARTNER NAME COUNT MICROS`.

Spends COUNT times MICROS of the partner's credit, each in a transaction of its own.
"""

from __future__ import annotations

import sys

from core.billing.ledger import InsufficientCredit, Ledger, Payer
from core.clock import SystemClock
from core.errors import Unavailable
from core.money import Money
from core.ports import Tenant
from storage.changes import LocalFeed
from storage.database import SqlDatabase


def main() -> None:
    url, partner_id, name, count, micros = sys.argv[1:]
    database = SqlDatabase(url, LocalFeed(), threads=2)
    spent = 0
    for number in range(int(count)):
        spent += _spend(database, partner_id, f"{name}-{number}", int(micros))
    database.close()
    sys.stdout.write(str(spent))


def _spend(database: SqlDatabase, partner_id: str, key: str, micros: int) -> int:
    while True:
        try:
            with database.transaction(Tenant(partner_id)) as session:
                payer = Payer(partner_id=partner_id)
                return Ledger(session, SystemClock()).spend(payer, Money(micros, "EUR"), key)
        except InsufficientCredit:
            return 0
        except Unavailable:
            continue  # the other processes hold SQLite's one writer: the same key again


if __name__ == "__main__":
    main()
