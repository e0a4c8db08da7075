"""Checksums that are written with their algorithm, such as ``sha256:76f8...``."""

import hashlib
from pathlib import Path


def checksum(path: Path, algorithm: str) -> str:
    """Return the checksum of a file.

    Parameters
    ----------
    algorithm : str
        A name that `hashlib` knows.
    """
    # MD5 is what Zenodo publishes. It tells damage, and TLS vouches for the server.
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False))
    return f"{algorithm}:{digest.hexdigest()}"
