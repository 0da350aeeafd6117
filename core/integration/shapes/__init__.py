"""The contract's objects as plain JSON values: what the API answers and what webhooks carry.

One room, so that both say the same of the same number. The null rule stands in `values` alone.
"""
