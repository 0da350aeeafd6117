"""Webhooks to partners: what is sent, to whom, signed how, and what became of it.

An event's row in the outbox is written with the event itself. The fan-out makes deliveries of it,
the drains post them, at least once. Who changes anything of this by hand calls `WebhooksOut`.
"""
