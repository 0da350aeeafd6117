"""What the ledger says to people: balance, movements, statement, alerts, caps and stops."""
