"""The files below a folder, listed once: what a corpus is made of, and whether it changed."""

import hashlib
import os
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pipeline.corpus.links import refuse_link_out
from pipeline.corpus.utterance import Problem
from pipeline.errors import CorpusError


class File(NamedTuple):
    """A file: its path below the root, and what changes when its content does.

    A disk may hold accents apart from their letters (``on_disk``); in `path` they are one. Both
    are text: making path objects of all files takes longer than listing them.
    """

    path: str
    on_disk: str
    size_bytes: int
    modified_ns: int
    is_link: bool


@dataclass(frozen=True, eq=False)
class FileTree:
    """Every file below a folder, in the order of their paths; links to folders are not followed.

    Attributes
    ----------
    root : Path
    files : tuple of File
    problems : tuple of Problem
        Links to folders, folders that cannot be listed, names that are not UTF-8.
    """

    root: Path
    files: tuple[File, ...]
    problems: tuple[Problem, ...] = ()

    @classmethod
    def scan(cls, root: Path) -> "FileTree":
        """List a folder.

        Raises
        ------
        CorpusError
            If it is none, or cannot be listed.
        """
        root, problems = root.resolve(), list[Problem]()
        files = _told_apart(list(_files(root, "", problems)))
        if problems and problems[0].file == root and not files:
            raise CorpusError(f"{root}: {problems[0].reason}")
        # Paths compare as their parts do, but slowly.
        ordered = sorted(files, key=lambda file: file.path.split("/"))
        return cls(root, tuple(ordered), tuple(problems))

    @cached_property
    def signature(self) -> str:
        """SHA-256 that changes whenever a file is added, removed, renamed or written."""
        digest = hashlib.sha256(repr((str(self.root), self.problems)).encode())
        for file in self.files:
            digest.update(f"{file.path}\0{file.size_bytes}\0{file.modified_ns}\n".encode())
        return digest.hexdigest()

    @cached_property
    def paths(self) -> frozenset[PurePosixPath]:
        """Every path below the root."""
        return frozenset(PurePosixPath(file.path) for file in self.files)

    @cached_property
    def _links(self) -> frozenset[PurePosixPath]:
        return frozenset(PurePosixPath(file.path) for file in self.files if file.is_link)

    @cached_property
    def _on_disk(self) -> Mapping[PurePosixPath, str]:
        return {
            PurePosixPath(file.path): file.on_disk
            for file in self.files
            if file.on_disk != file.path
        }

    def with_suffix(self, suffixes: Collection[str]) -> Iterator[PurePosixPath]:
        """Yield the paths that end in one of the suffixes, given in lower case."""
        endings = tuple(suffixes)
        for file in self.files:
            if file.path.casefold().endswith(endings):
                path = PurePosixPath(file.path)
                if path.suffix.casefold() in suffixes:
                    yield path

    def locate(self, path: PurePosixPath) -> Path:
        """Return where a listed file lies.

        Raises
        ------
        CorpusError
            If it is a link that leads out of the folder.
        """
        located = self.root / self._on_disk.get(path, path)
        if path in self._links:
            refuse_link_out(located, self.root)
        return located


def _files(root: Path, folder: str, problems: list[Problem]) -> Iterator[File]:
    try:
        with os.scandir(root / folder) as listing:
            entries = list(listing)
    except OSError as error:
        problems.append(Problem(root / folder, f"cannot be listed ({error.strerror})"))
        return
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if not _is_utf8(entry.name):
            reason = f"the name {entry.name!r} here is not UTF-8; rename it"
            problems.append(Problem(root / folder, reason))
        elif entry.is_dir(follow_symlinks=False):
            yield from _files(root, path, problems)
        elif _leads_to_folder(entry):
            reason = "a link to a folder, which is not followed; put the folder itself here"
            problems.append(Problem(root / path, reason))
        elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
            yield _file(entry, path)


def _is_utf8(name: str) -> bool:
    # What cannot be decoded, Python spells with surrogates, which nothing can print or store.
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _leads_to_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:
        # A link to itself or to what may not be seen; reading it says what is wrong.
        return False


def _file(entry: "os.DirEntry[str]", path: str) -> File:
    try:
        status = entry.stat()
    except OSError:
        status = entry.stat(follow_symlinks=False)
    return File(composed(path), path, status.st_size, status.st_mtime_ns, entry.is_symlink())


def composed(name: str) -> str:
    """Return a name with its accents on their letters, as the paths of a tree are written."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def _told_apart(files: Sequence[File]) -> list[File]:
    """Return the files; where a disk holds a name in both spellings, each keeps its own."""
    names = {file.on_disk for file in files}
    return [
        file
        if file.on_disk == file.path or file.path not in names
        else file._replace(path=file.on_disk)
        for file in files
    ]
