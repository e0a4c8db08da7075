"""The table of corpus layouts; a new one is a module, and a line here."""

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
    found = "no file at all" if not tree.files else f"{len(tree.files)} files, but no recordings"
    raise CorpusError(f"{tree.root}: expected {known}; found {found}")
