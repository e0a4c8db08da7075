from pathlib import Path

import pytest

from pipeline.corpus.alignment_folder import TOLERANCE_S, AlignmentFolder, read_fitting
from pipeline.errors import AlignmentError, CorpusError


def test_a_recording_finds_the_file_of_its_name_in_any_case_of_the_extension(tree):
    path = tree.add_alignment("7-1-0000", "one")
    path = path.rename(path.with_suffix(".textgrid"))
    (path.parent / "7-1-0001.txt").write_text("no alignment")
    folder = AlignmentFolder.scan(tree.root)
    assert folder.by_name == {"7-1-0000": [path]}
    assert folder.find(Path("7/1/7-1-0000.flac")) == path
    with pytest.raises(AlignmentError, match=r"7-1-0001.TextGrid: there is no such alignment"):
        folder.find(Path("7/1/7-1-0001.flac"))


def test_a_file_is_no_folder_of_alignments(tree):
    with pytest.raises(CorpusError, match="expected the folder of the alignments"):
        AlignmentFolder.scan(tree.add_alignment("7-1-0000", "one"))


@pytest.mark.parametrize(("excess_s", "fits"), [(-0.001, True), (0.001, False)])
def test_an_alignment_fits_up_to_the_tolerance(tree, excess_s, fits):
    path = tree.add_alignment("7-1-0000", "one", 1 + TOLERANCE_S + excess_s)
    if fits:
        assert len(read_fitting(path, 1.0).words) == 1
    else:
        with pytest.raises(AlignmentError, match=r"but the recording lasts 1\.00 s"):
            read_fitting(path, 1.0)
