"""The files below a folder, listed once: what a corpus is made of, and whether it changed."""

import hashlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pipeline.corpus.links import refuse_link_out
from pipeline.corpus.utterance import Problem
from pipeline.errors import CorpusError


class File(NamedTuple):
    """A file: its path below the root, and what changes when its content does.

    The path is text: making path objects of all files takes longer than listing them.
    """

    path: str
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
        Links to folders, and folders that cannot be listed.
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
        files = sorted(_files(root, "", problems))
        if problems and problems[0].file == root:
            raise CorpusError(f"{root}: {problems[0].reason}")
        return cls(root, tuple(files), tuple(problems))

    @cached_property
    def signature(self) -> str:
        """SHA-256 that changes whenever a file is added, removed, renamed or written."""
        digest = hashlib.sha256(str(self.root).encode())
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
        located = self.root / path
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
        if entry.is_dir(follow_symlinks=False):
            yield from _files(root, path, problems)
        elif entry.is_symlink() and entry.is_dir():
            reason = "a link to a folder, which is not followed; put the folder itself here"
            problems.append(Problem(root / path, reason))
        elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
            yield _file(entry, path)


def _file(entry: "os.DirEntry[str]", path: str) -> File:
    try:
        status = entry.stat()
    except OSError:
        # A link to nowhere or to itself; reading it says what is wrong.
        status = entry.stat(follow_symlinks=False)
    return File(path, status.st_size, status.st_mtime_ns, entry.is_symlink())
