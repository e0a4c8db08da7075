"""Which corpora can be fetched: where their archives are, how long they are, their checksums.

Nothing here was measured by us. The SHA-256 sums and sizes of LibriSpeech's archives are those of
``tensorflow_datasets/url_checksums/librispeech.txt``; torchaudio's ``datasets/librispeech.py`` has
the same sums. The alignments' MD5 and size are those that Zenodo publishes with the record.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.corpus.fetching.disk_space import gigabytes
from pipeline.errors import CorpusError


@dataclass(frozen=True)
class Archive:
    """A file on the web, and how to know that it is the right one.

    Attributes
    ----------
    name : str
        Name of the file.
    urls : tuple of str
        Where it is; the first is tried first, the others are mirrors.
    size_bytes : int
    checksum : str
        The algorithm, a colon and the digest in hexadecimal digits.
    """

    name: str
    urls: tuple[str, ...]
    size_bytes: int
    checksum: str


@dataclass(frozen=True)
class Source:
    """A part of LibriSpeech and its alignments.

    Attributes
    ----------
    subset : str
        Name of the part, and of its folder in both archives.
    audio, alignments : Archive
    licence : str
        Of both, and whom to name.
    """

    subset: str
    audio: Archive
    alignments: Archive
    licence: str = (
        "CC BY 4.0; recordings: Panayotov et al. (2015), https://www.openslr.org/12; alignments: "
        "Lugosch et al. (2019), https://doi.org/10.5281/zenodo.2619474"
    )

    @property
    def name(self) -> str:
        """What a person asks for."""
        return f"librispeech:{self.subset}"

    @property
    def corpus(self) -> str:
        """The name under which it is registered."""
        return f"librispeech-{self.subset}"


# https://www.openslr.org/12 names the mirrors.
_OPENSLR = (
    "https://www.openslr.org/resources/12",
    "https://openslr.elda.org/resources/12",
    "https://openslr.magicdatatech.com/resources/12",
)
_SUBSETS = {
    "dev-clean": (
        337_926_286,
        "76f87d090650617fca0cac8f88b9416e0ebf80350acb97b343a85fa903728ab3",
    ),
    "dev-other": (
        314_305_928,
        "12661c48e8c3fe1de2c1caa4c3e135193bfb1811584f11f569dd12645aa84365",
    ),
    "test-clean": (
        346_663_984,
        "39fde525e59672dc6d1551919b1478f724438a95aa55f874b576be21967e6c23",
    ),
    "test-other": (
        328_757_843,
        "d09c181bba5cf717b3dee7d4d592af11a3ee3a09e08ae025c5506f6ebe961c29",
    ),
    "train-clean-100": (
        6_387_309_499,
        "d4ddd1d5a6ab303066f14971d768ee43278a5f2a0aa43dc716b0e64ecbbbf6e2",
    ),
    "train-clean-360": (
        23_049_477_885,
        "146a56496217e96c14334a160df97fffedd6e0a04e66b9c5af0d40be3c792ecf",
    ),
    "train-other-500": (
        30_593_501_606,
        "ddb22f27f96ec163645d53215559df6aa36515f26e01dd70798188350adcb6d2",
    ),
}

# Lugosch et al. (2019), doi:10.5281/zenodo.2619474: one archive for all parts.
_ALIGNMENTS = Archive(
    name="librispeech_alignments.zip",
    urls=(
        "https://zenodo.org/records/2619474/files/librispeech_alignments.zip?download=1",
        "https://zenodo.org/api/records/2619474/files/librispeech_alignments.zip/content",
    ),
    size_bytes=623_023_332,
    checksum="md5:2bab567d0ace651a4ba254e813629f46",
)


def _audio(subset: str, size_bytes: int, sha256: str) -> Archive:
    name = f"{subset}.tar.gz"
    urls = tuple(f"{server}/{name}" for server in _OPENSLR)
    return Archive(name, urls, size_bytes, f"sha256:{sha256}")


SOURCES = tuple(
    Source(subset, _audio(subset, *facts), _ALIGNMENTS) for subset, facts in _SUBSETS.items()
)


def find_source(name: str, sources: Sequence[Source] = SOURCES) -> Source:
    """Return the source of a name.

    Raises
    ------
    CorpusError
        If there is none; the error lists those that there are, with their sizes.
    """
    for source in sources:
        if source.name == name:
            return source
    known = ", ".join(f"{each.name} ({gigabytes(each.audio.size_bytes)})" for each in sources)
    largest = max(source.alignments.size_bytes for source in sources)
    raise CorpusError(
        f"{name!r} cannot be fetched; choose one of {known}; alignments add up to "
        f"{gigabytes(largest)}"
    )
