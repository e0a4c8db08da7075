"""Where s3prl keeps what it downloads, and the SHA-256 of what is there."""

import contextlib
import hashlib
from pathlib import Path

from pipeline.models.fingerprint import file_sha256


def download_folder() -> Path:
    """Return the folder that ``s3prl.util.download`` keeps files in."""
    return Path.home() / ".cache" / "s3prl" / "download"


def downloaded(address: str) -> Path:
    """Return where s3prl puts the file of an address, there or not."""
    digest = hashlib.sha256(address.encode()).hexdigest()
    return download_folder() / f"{digest}.{Path(address).name}"


def remembered_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in s3prl's folder, noted beside it for the next process.

    The note is of one size and time of the file, and is taken again after they have changed: large
    checkpoints would take seconds each in every list of models.
    """
    note, status = path.with_name(f"{path.name}.sha256"), path.stat()
    state = f"{status.st_size} {status.st_mtime_ns}"
    with contextlib.suppress(OSError, ValueError):  # no note yet, or of another kind
        digest, noted_state = note.read_text(encoding="ascii").split(" ", 1)
        if noted_state == state:
            return digest
    digest = file_sha256(path)
    with contextlib.suppress(OSError):  # a folder that is only read: the note is a convenience
        note.write_text(f"{digest} {state}", encoding="ascii")
    return digest
