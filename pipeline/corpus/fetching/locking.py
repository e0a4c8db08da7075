"""One process at a time fetches into a folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import CorpusError


@contextmanager
def only_process(folder: Path) -> Iterator[None]:
    """Hold a folder's lock; the kernel releases it when the process ends, however it ends.

    Raises
    ------
    CorpusError
        If another process holds it.
    """
    with (folder / ".fetch.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise CorpusError(
                f"process {file.read()} is fetching into {folder}; run this again when it has ended"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
