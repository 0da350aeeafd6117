"""Meta as the hub sees it: Graph API, Embedded Signup popup and signed webhooks.

Stateful and enforced: what the real platform refuses is refused here with the same codes, so that
the hub's code path is identical and only its base addresses differ.
"""
