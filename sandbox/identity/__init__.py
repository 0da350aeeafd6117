"""An OpenID provider under /identity that enforces what a strict real one does.

Beside the honest path it can be told to misbehave (`faults.py`), so that the hub's refusals
can be driven one by one.
"""
