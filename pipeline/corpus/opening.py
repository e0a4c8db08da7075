"""From a corpus' name or folder to the corpus."""

from pathlib import Path

from pipeline.corpus import demonstration
from pipeline.corpus.librispeech import TRANSCRIPTS, open_librispeech
from pipeline.corpus.registry import registered
from pipeline.corpus.utterance import Corpus
from pipeline.errors import CorpusError


def open_corpus(
    name_or_path: str | Path,
    alignments: str | Path | None = None,
    *,
    registry_folder: Path | None = None,
) -> Corpus:
    """Open a corpus.

    Parameters
    ----------
    name_or_path : str or Path
        A registered name, or a folder in LibriSpeech's layout.
    alignments : str or Path, optional
        Folder of the alignments, where they do not lie beside the audio; by default the one
        that was registered.
    registry_folder : Path, optional
        Where names are registered; without it, only ``"demo"`` is a name.

    Raises
    ------
    CorpusError
        If there is no such corpus, or the folder holds none.
    """
    known = {corpus.name: corpus for corpus in registered(registry_folder)}
    entry = known.get(str(name_or_path))
    folder = Path(alignments) if alignments else None
    if entry is None:
        return _open_folder(Path(name_or_path), folder, list(known))
    if entry.path is None:
        if folder is not None:
            raise CorpusError(f"{entry.name} has its own alignments; leave {folder} out")
        return demonstration.open_demonstration()
    opened = _open_folder(entry.path, folder or entry.alignments, list(known))
    return Corpus(entry.name, opened.root, opened.utterances, opened.problems)


def _open_folder(folder: Path, alignments: Path | None, names: list[str]) -> Corpus:
    if not folder.exists():
        raise CorpusError(
            f"{folder} is neither a folder nor a registered corpus ({', '.join(names)})"
        )
    if not folder.is_dir():
        raise CorpusError(f"{folder} is a file; name the folder that holds the corpus")
    if next(folder.rglob(TRANSCRIPTS), None) is None:
        raise CorpusError(
            f"{folder}: expected LibriSpeech's layout, {TRANSCRIPTS} beside *.flac at any depth; "
            f"found no {TRANSCRIPTS}"
        )
    return open_librispeech(folder, alignments)
