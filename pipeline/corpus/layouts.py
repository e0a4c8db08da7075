"""The table of corpus layouts; a new one is a module, and a line here."""

from collections import Counter
from types import ModuleType

from pipeline.corpus import folder, librispeech, ljspeech, manifest
from pipeline.corpus.tree import FileTree
from pipeline.errors import CorpusError

# A layout says what it recognises and lists the utterances; the first that recognises a folder
# reads it, so the plain folder, which asks for least, comes last.
LAYOUTS: tuple[ModuleType, ...] = (manifest, librispeech, ljspeech, folder)


def layout_of(tree: FileTree) -> ModuleType:
    """Return the layout of a folder.

    Raises
    ------
    CorpusError
        If it is of none.
    """
    for layout in LAYOUTS:
        if layout.recognises(tree):
            return layout
    known = "; ".join(layout.DESCRIPTION for layout in LAYOUTS)
    raise CorpusError(f"{tree.root}: expected {known}; found {_found(tree)}")


def _found(tree: FileTree) -> str:
    if tree.problems:
        return "; ".join(f"{problem.file}: {problem.reason}" for problem in tree.problems[:3])
    if not tree.files:
        return "no file at all"
    endings = Counter(path.suffix.casefold() or path.name for path in sorted(tree.paths))
    commonest = ", ".join(ending for ending, _ in endings.most_common(5))
    return f"{len(tree.files)} files ({commonest}), but no recordings (.wav, .flac, .mp3, ...)"
