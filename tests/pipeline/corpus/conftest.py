"""Small corpora made on the spot."""

import numpy as np
import pytest
import soundfile

SAMPLE_RATE_HZ = 8000


class Tree:
    """A folder in LibriSpeech's layout that grows file by file."""

    def __init__(self, root):
        self.root = root
        root.mkdir()

    def add(self, name, text, *, timed=None, duration_s=1.0, folder=None, alignments=None):
        """Add a recording, its transcript and, unless `timed` is "", its alignment."""
        folder = folder or self.folder_of(name)
        self.add_line(name, text, folder)
        self.add_audio(name, duration_s, folder)
        if timed != "":
            self.add_alignment(name, timed or text.lower(), duration_s, alignments or folder)

    def folder_of(self, name):
        return self.root.joinpath(*name.split("-")[:2])

    def add_line(self, name, text, folder):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{'-'.join(name.split('-')[:2])}.trans.txt").open("a") as file:
            file.write(f"{name} {text}\n")

    def add_audio(self, name, duration_s=1.0, folder=None):
        folder = folder or self.folder_of(name)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.flac"
        soundfile.write(path, np.zeros(int(duration_s * SAMPLE_RATE_HZ)), SAMPLE_RATE_HZ)
        return path

    def add_alignment(self, name, timed, duration_s=1.0, folder=None):
        folder = folder or self.folder_of(name)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.TextGrid"
        path.write_text(textgrid(timed.split(), duration_s), encoding="utf-8")
        return path


def textgrid(words, duration_s):
    """Return a TextGrid in which all words are equally long."""
    edges = np.linspace(0, duration_s, len(words) + 1)
    marks = [f'{edges[i]} {edges[i + 1]} "{word}"' for i, word in enumerate(words)]
    header = f'"ooTextFile" "TextGrid" 0 {duration_s} <exists> 1 "IntervalTier" "words" 0'
    return "\n".join([f"{header} {duration_s} {len(words)}", *marks])


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "corpus")
