"""Download an archive, over any number of interruptions, and check it."""

import logging
from functools import partial
from pathlib import Path

from pipeline.corpus.fetching.checksum import checksum
from pipeline.corpus.fetching.partial_file import PartialFile
from pipeline.corpus.fetching.patience import Patience
from pipeline.corpus.fetching.progress import Progress, unseen
from pipeline.corpus.fetching.receiving import InterruptionError, RefusalError, receive
from pipeline.corpus.fetching.sources import Archive
from pipeline.errors import CorpusError

_log = logging.getLogger(__name__)
_DEFAULT_PATIENCE = Patience()


def download(
    archive: Archive,
    folder: Path,
    *,
    progress: Progress = unseen,
    patience: Patience = _DEFAULT_PATIENCE,
) -> Path:
    """Return an archive's file in a folder; what is there already is not fetched again.

    While it arrives it is ``NAME.part``, which is kept when the download stops, however it stops.
    The checksum is verified at every call.

    Raises
    ------
    CorpusError
        If no address has the file, all fail too often, or it cannot be written. A file with
        another checksum is deleted.
    """
    path = folder / archive.name
    part = _part(path)
    try:
        if path.exists():
            path.replace(part.path)
        _discard_wrong(part, archive)
        if not _is_whole(part, archive):
            _fill_from_any(part, archive, progress, patience)
        part.finish(path)
    except OSError as error:
        raise CorpusError(
            f"{part.path}: cannot be written ({error.strerror or error}); make room for "
            f"{archive.size_bytes - part.size_bytes} more bytes, then run this again: what was "
            "fetched is kept"
        ) from error
    return path


def missing_bytes(archive: Archive, folder: Path) -> int:
    """Return how much of an archive is not in a folder."""
    path = folder / archive.name
    there_bytes = path.stat().st_size if path.exists() else _part(path).size_bytes
    return max(archive.size_bytes - there_bytes, 0)


def _part(path: Path) -> PartialFile:
    return PartialFile(path.with_name(f"{path.name}.part"))


def _is_whole(part: PartialFile, archive: Archive) -> bool:
    return part.size_bytes == archive.size_bytes


def _discard_wrong(part: PartialFile, archive: Archive) -> None:
    """Delete what cannot become the archive, whoever left it there."""
    if part.size_bytes > archive.size_bytes:
        part.discard()
    elif _is_whole(part, archive):
        try:
            _refuse_checksum(part, archive)
        except RefusalError as refusal:
            _log.warning("%s: %s", part.path, refusal)


def _fill_from_any(
    part: PartialFile, archive: Archive, progress: Progress, patience: Patience
) -> None:
    refusals = []
    for url in archive.urls:
        try:
            _fill(url, part, archive, progress, patience)
            _refuse_checksum(part, archive)
        except RefusalError as refusal:
            _log.warning("%s: %s", url, refusal)
            refusals.append(f"{url}: {refusal}")
        else:
            return
    raise CorpusError(
        f"{archive.name} cannot be fetched; {'; '.join(refusals)}. Expected {archive.size_bytes} "
        f"bytes with {archive.checksum}; run this again later, or put that file in "
        f"{part.path.parent}"
    )


def _fill(
    url: str, part: PartialFile, archive: Archive, progress: Progress, patience: Patience
) -> None:
    """Receive until all is there; attempts that bring nothing new must not be many in a row."""
    show = partial(_show, progress, archive)
    vain, most_bytes = 0, part.size_bytes
    while not _is_whole(part, archive):
        try:
            receive(url, part, archive.size_bytes, stall_s=patience.stall_s, progress=show)
        except InterruptionError as fault:
            vain = 0 if part.size_bytes > most_bytes else vain + 1
            most_bytes = max(most_bytes, part.size_bytes)
            _refuse_endless(fault, vain, patience)
            _log.info("%s: %s; trying again", url, fault)
            patience.pause(vain, fault.wait_s)


def _show(progress: Progress, archive: Archive, done_bytes: int) -> None:
    progress(archive.name, done_bytes, archive.size_bytes)


def _refuse_endless(fault: InterruptionError, vain: int, patience: Patience) -> None:
    if vain >= patience.attempts:
        raise RefusalError(f"{fault} ({vain} attempts brought nothing new)") from fault
    if fault.wait_s is not None and fault.wait_s > patience.longest_wait_s:
        raise RefusalError(f"{fault}, and asks to wait {fault.wait_s:.0f} s") from fault


def _refuse_checksum(part: PartialFile, archive: Archive) -> None:
    found = checksum(part.path, archive.checksum.partition(":")[0])
    if found != archive.checksum:
        part.discard()
        raise RefusalError(f"the file that came has {found}; it was deleted")
