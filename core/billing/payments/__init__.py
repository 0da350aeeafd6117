"""Cards, charges and top-ups through a payment provider; a time-out is unknown, never failed."""
