"""Who may reach what: every service verb, API operation, page and route against every role.

`verbs`, `operations` and `pages` say of each what it is about, what it does and whom it is for;
what is not said there fails `test_complete`, which tells what to add. `test_refusals` runs every
cell that applies; `python -m tests.security.matrix` prints the counts.
"""
