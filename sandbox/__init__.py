"""The outside world on loopback: identity provider, Meta, mailbox, receivers, a partner's site.

A process of its own for development and tests. It imports nothing of the hub and the hub
imports nothing of it; they only meet over HTTP and SMTP.
"""
