"""From a source to a registered corpus."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from pipeline.corpus.fetching.disk_space import require_space
from pipeline.corpus.fetching.download import download, missing_bytes
from pipeline.corpus.fetching.draft import draft_for
from pipeline.corpus.fetching.locking import only_process
from pipeline.corpus.fetching.patience import Patience
from pipeline.corpus.fetching.progress import Progress, unseen
from pipeline.corpus.fetching.sources import Source
from pipeline.corpus.fetching.tar_archive import unpack_tar
from pipeline.corpus.fetching.zip_archive import unpack_zip
from pipeline.corpus.registry import RegisteredCorpus, add_corpus, registered
from pipeline.errors import CorpusError

_DEFAULT_PATIENCE = Patience()


@dataclass(frozen=True)
class Fetched:
    """A corpus that is there.

    Attributes
    ----------
    corpus : RegisteredCorpus
    new : bool
        False if it was there before.
    kept : Path or None
        The archive of the alignments, which other parts of the corpus will need.
    """

    corpus: RegisteredCorpus
    new: bool
    kept: Path | None


def fetch(
    source: Source,
    folder: Path,
    registry_folder: Path,
    *,
    with_alignments: bool = True,
    progress: Progress = unseen,
    patience: Patience = _DEFAULT_PATIENCE,
) -> Fetched:
    """Download, check and unpack what is missing of a corpus, and register it.

    Below ``LibriSpeech`` in the folder there will be, for each part, a folder of recordings, and
    one in ``alignments``; a part's folder appears only when it is complete. The archive of the
    recordings is deleted then. That of the alignments, which holds those of all parts, is kept.

    Parameters
    ----------
    source : Source
    folder : Path
        Is made if absent.
    registry_folder : Path
        Where the corpus is registered.

    Raises
    ------
    CorpusError
        If there is no room, another process does the same, or a step fails. What was downloaded
        is kept.
    """
    known = _registered(source, registry_folder)
    if known is not None and _complete(known, with_alignments=with_alignments):
        return Fetched(known, new=False, kept=None)
    job = _Job(source, folder.resolve() / "LibriSpeech", progress, patience)
    try:
        audio, alignments = _get(job, known, with_alignments=with_alignments)
    except OSError as error:
        # A rename names its target second, and that is what is in the way.
        place = error.filename2 or error.filename or folder
        raise CorpusError(
            f"{place}: {error.strerror or error}; make room, remove what is in "
            "the way, or choose another folder with --out"
        ) from error
    add_corpus(source.corpus, audio, alignments, registry_folder, replace=True)
    kept = job.archives / source.alignments.name
    corpus = RegisteredCorpus(source.corpus, audio, alignments)
    return Fetched(corpus, new=True, kept=kept if kept.exists() else None)


@dataclass(frozen=True)
class _Job:
    source: Source
    root: Path
    progress: Progress
    patience: Patience

    @property
    def audio(self) -> Path:
        return self.root / self.source.subset

    @property
    def alignments(self) -> Path:
        return self.root / "alignments" / self.source.subset

    @property
    def archives(self) -> Path:
        return self.root / "archives"


def _registered(source: Source, registry_folder: Path) -> RegisteredCorpus | None:
    return next((each for each in registered(registry_folder) if each.name == source.corpus), None)


def _complete(corpus: RegisteredCorpus, *, with_alignments: bool) -> bool:
    folders = [corpus.path, corpus.alignments] if with_alignments else [corpus.path]
    return all(folder is not None and folder.is_dir() for folder in folders)


def _get(
    job: _Job, known: RegisteredCorpus | None, *, with_alignments: bool
) -> tuple[Path, Path | None]:
    """Get what is missing; return the folders of the recordings and of the alignments."""
    for folder in (job.archives, job.alignments.parent):
        folder.mkdir(parents=True, exist_ok=True)
    with only_process(job.root):
        audio = known.path if known and known.path and known.path.is_dir() else job.audio
        _require_space(job, audio, with_alignments=with_alignments)
        _get_audio(job, audio)
        if with_alignments:
            _get_alignments(job)
        return audio, job.alignments if job.alignments.is_dir() else None


def _require_space(job: _Job, audio: Path, *, with_alignments: bool) -> None:
    """Refuse before the download what could not be unpacked after it."""
    needed_bytes = 0
    if not audio.is_dir():
        # The recordings take about as much room as their archive.
        needed_bytes += missing_bytes(job.source.audio, job.archives)
        needed_bytes += job.source.audio.size_bytes
    if with_alignments and not job.alignments.is_dir():
        needed_bytes += missing_bytes(job.source.alignments, job.archives)
    require_space(job.root, needed_bytes, f"fetching {job.source.name}")


def _get_audio(job: _Job, target: Path) -> None:
    if not target.is_dir():
        archive = download(
            job.source.audio, job.archives, progress=job.progress, patience=job.patience
        )
        with draft_for(target) as draft:
            unpack_tar(archive, draft, progress=job.progress)
            # SPEAKERS.TXT, which tells the speakers' sexes, the licence and their like.
            for notes in sorted((draft / "LibriSpeech").glob("*.TXT")):
                notes.replace(job.root / notes.name)
            _publish(archive, draft / "LibriSpeech" / job.source.subset, target)
    (job.archives / job.source.audio.name).unlink(missing_ok=True)


def _get_alignments(job: _Job) -> None:
    if job.alignments.is_dir():
        return
    archive = download(
        job.source.alignments, job.archives, progress=job.progress, patience=job.patience
    )
    with draft_for(job.alignments) as draft:
        place = partial(_place_alignment, job.source.subset)
        unpack_zip(archive, draft, place, progress=job.progress)
        _publish(archive, draft / job.source.subset, job.alignments)


def _place_alignment(subset: str, path: PurePosixPath) -> PurePosixPath | None:
    """Return ``SUBSET/84/121123/84-121123-0000.TextGrid``, however deep that is in the archive."""
    if path.suffix != ".TextGrid" or subset not in path.parts or "__MACOSX" in path.parts:
        return None
    return PurePosixPath(*path.parts[path.parts.index(subset) :])


def _publish(archive: Path, finished: Path, target: Path) -> None:
    if not finished.is_dir():
        raise CorpusError(
            f"{archive}: it has no folder {finished.name}; expected LibriSpeech's layout; delete "
            "the archive and fetch it again"
        )
    finished.rename(target)
