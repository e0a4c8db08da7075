"""A LibriSpeech of four utterances, packed and served as the real one is."""

import hashlib
import tarfile
import zipfile

from pipeline.corpus.fetching.sources import Archive, Source
from tests.pipeline.corpus.conftest import Tree

SPEAKERS = (
    ";ID  |SEX| SUBSET           |MINUTES| NAME\n"
    "84   | F | dev-clean        |  8.02 | Christie Nowak\n"
    "61   | M | test-clean       |  8.08 | Paul-Gabriel Wiener\n"
)
TEXTS = {
    "84-121123-0000": "GO DO YOU HEAR",
    "84-121123-0001": "BUT IN LESS THAN FIVE MINUTES",
    "61-70968-0000": "HE BEGAN A CONFUSED COMPLAINT",
    "61-70968-0001": "GIVE NOT SO EARNEST A MIND",
}
SUBSETS = {"dev-clean": "84", "test-clean": "61"}


class Library:
    """The archives on a server, and the sources that describe them."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        folder.mkdir()
        alignments = self._publish(self._packed_alignments())
        self.sources = tuple(
            Source(subset, self._publish(self._packed_audio(subset, speaker)), alignments)
            for subset, speaker in SUBSETS.items()
        )
        self.dev, self.test = self.sources

    @property
    def asked(self):
        """The names of the archives that were asked for."""
        return [asked.path for asked in self.server.asked]

    def _packed_audio(self, subset, speaker):
        tree = Tree(self.folder / f"audio-{subset}")
        for name, text in TEXTS.items():
            if name.startswith(speaker):
                tree.add(name, text, timed="")
        (tree.root / "SPEAKERS.TXT").write_text(SPEAKERS)
        (tree.root / "LICENSE.TXT").write_text("CC BY 4.0")
        path = self.folder / f"{subset}.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            archive.add(tree.root / speaker, f"LibriSpeech/{subset}/{speaker}")
            for notes in ("SPEAKERS.TXT", "LICENSE.TXT"):
                archive.add(tree.root / notes, f"LibriSpeech/{notes}")
        return path

    def _packed_alignments(self):
        tree = Tree(self.folder / "times")
        path = self.folder / "librispeech_alignments.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("__MACOSX/dev-clean/84/._84-121123-0000.TextGrid", b"resource fork")
            for subset, speaker in SUBSETS.items():
                for name, text in TEXTS.items():
                    if name.startswith(speaker):
                        file = tree.add_alignment(name, text.lower())
                        archive.write(file, f"{subset}/{file.relative_to(tree.root)}")
        return path

    def _publish(self, path):
        content = path.read_bytes()
        self.server.files[path.name] = content
        checksum = f"sha256:{hashlib.sha256(content).hexdigest()}"
        return Archive(path.name, (self.server.url(path.name),), len(content), checksum)
