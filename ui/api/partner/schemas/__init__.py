"""The contract's objects as models: documentation for the OpenAPI, and what tests hold answers to.

Answers are not made of them. A field that may be missing has `MAYBE` (the null rule leaves it
out); one that may be null says so in its type.
"""
