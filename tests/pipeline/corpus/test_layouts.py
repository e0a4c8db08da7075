import pytest

from pipeline.corpus import folder, librispeech, ljspeech, manifest
from pipeline.corpus.layouts import LAYOUTS, layout_of
from pipeline.corpus.tree import FileTree
from pipeline.errors import CorpusError


def tree_of(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    return FileTree.scan(root)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["manifest.csv"], manifest),
        (["Manifest.JSONL", "1/1.trans.txt", "a.wav"], manifest),
        (["7/1/7-1.trans.txt", "7/1/7-1-0000.flac", "README.txt"], librispeech),
        (["7-1.trans.txt"], librispeech),
        (["below/manifest.csv", "metadata.csv", "wavs/a.wav"], ljspeech),
        (["metadata.csv", "a.wav"], folder),
        (["wavs/a.wav"], folder),
        (["a/b/c.Mp3"], folder),
    ],
)
def test_the_first_layout_that_fits_is_taken(tmp_path, names, expected):
    assert layout_of(tree_of(tmp_path, *names)) is expected


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], "found no file at all"),
        (["a.txt", "b.TXT", "c.m4a"], r"found 3 files \(.txt, .m4a\), but no recordings .\.wav"),
        (["LICENSE"], r"found 1 files \(LICENSE\), but no"),
        (["metadata.csv"], r"found 1 files \(.csv\), but no recordings"),
        (["below/manifest.csv"], r"found 1 files \(.csv\), but no recordings"),
    ],
)
def test_a_folder_of_none_is_refused_with_every_layout_and_what_is_there(tmp_path, names, found):
    with pytest.raises(CorpusError, match=found) as raised:
        layout_of(tree_of(tmp_path, *names))
    assert all(layout.DESCRIPTION in str(raised.value) for layout in LAYOUTS)


def test_a_folder_of_links_to_folders_is_refused_with_what_is_wrong(tmp_path):
    (tmp_path / "speech").symlink_to("/")
    with pytest.raises(CorpusError, match=r"found .*speech: a link to a folder, which is not foll"):
        layout_of(FileTree.scan(tmp_path))
