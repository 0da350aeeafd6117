"""A payment provider that speaks Stripe's wire format: the subset that the hub asks for.

State, faults and webhooks live in `PaymentsWorld`; the routes under `/v1` only translate.
"""
