"""The corpora that have a name: the demonstration, and those that a user registered."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.bundle import bundle
from pipeline.corpus import demonstration
from pipeline.errors import CorpusError


@dataclass(frozen=True)
class RegisteredCorpus:
    """A named corpus; `path` is None for the demonstration, and for those of a bundle."""

    name: str
    path: Path | None = None
    alignments: Path | None = None


def registered(folder: Path | None) -> tuple[RegisteredCorpus, ...]:
    """Return the corpora registered in a folder, the demonstration first.

    Where a bundle is shown, its corpora, whatever the folder.

    Raises
    ------
    CorpusError
        If the registry is damaged.
    """
    if (shown := bundle()) is not None:
        return tuple(map(RegisteredCorpus, shown.corpora))
    entries = {} if folder is None else _read(folder / "corpora.json")
    return (
        RegisteredCorpus(demonstration.NAME),
        *(
            RegisteredCorpus(name, Path(path), Path(alignments) if alignments else None)
            for name, (path, alignments) in entries.items()
        ),
    )


def add_corpus(
    name: str, path: Path, alignments: Path | None, folder: Path, *, replace: bool = False
) -> None:
    """Register a corpus under a name.

    Parameters
    ----------
    replace : bool
        Whether a corpus that a user registered may be replaced.

    Raises
    ------
    CorpusError
        If the name is taken, or is not made of a-z, 0-9, dot, hyphen and underscore; if a folder
        does not exist, or the list cannot be written.
    """
    check_name(name, folder, replace=replace)
    if not path.exists():
        raise CorpusError(f"{path}: expected a folder or a manifest; check the path")
    if alignments is not None and not alignments.is_dir():
        raise CorpusError(f"{alignments}: expected a folder; check the path")
    file = folder / "corpora.json"
    entries = _read(file)
    entries[name] = (str(path.resolve()), str(alignments.resolve()) if alignments else None)
    _write(file, json.dumps(entries, indent=1))


def check_name(name: str, folder: Path, *, replace: bool = False) -> None:
    """Do nothing if a corpus may be registered under a name.

    Raises
    ------
    CorpusError
        As :func:`add_corpus` does for its name.
    """
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name) is None:
        raise CorpusError(
            f"{name!r} cannot name a corpus; use a-z, 0-9, dot, hyphen and underscore"
        )
    taken = [corpus for corpus in registered(folder) if corpus.path is None or not replace]
    if name in {corpus.name for corpus in taken}:
        raise CorpusError(f"there is a corpus named {name} already; choose another name")


def _write(file: Path, text: str) -> None:
    """Replace a file as a whole: a reader finds the old or the new one."""
    draft = file.with_suffix(f".{os.getpid()}.tmp")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        raise CorpusError(f"{file}: cannot be written ({error.strerror})") from error


def _read(file: Path) -> dict[str, tuple[str, str | None]]:
    if not file.exists():
        return {}
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(entries, Mapping):
            raise TypeError("it is not a mapping")  # noqa: TRY301 - one message for all damage
        return {
            name: (os.fspath(path), os.fspath(alignments) if alignments else None)
            for name, (path, alignments) in entries.items()
        }
    except (OSError, ValueError, TypeError) as error:
        raise CorpusError(
            f"{file}: the list of corpora is damaged ({error}); mend or delete it"
        ) from error
