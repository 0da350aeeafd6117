"""What is stored of a secret that only its holder knows."""

from __future__ import annotations

import hashlib


def hash_secret(secret: str) -> str:
    """Equal secrets have equal hashes, so a row is looked up by it.

    For secrets with 128 or more random bits; such need no slow hash. Whatever is brought along
    has a hash, half characters as well.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
