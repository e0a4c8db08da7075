import pytest

from pipeline.alignments import Alignment, read_alignment
from pipeline.alignments.formats import READERS
from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval

TEXTGRID = '"ooTextFile" "TextGrid" 0 1 <exists> 1 "IntervalTier" "words" 0 1 1 0 1 "one"'


@pytest.mark.parametrize("name", ["a.TextGrid", "a.textgrid", "84-1.2.TEXTGRID"])
@pytest.mark.parametrize("as_given", [str, lambda path: path])
def test_the_extension_names_the_format_in_any_case(tmp_path, name, as_given):
    path = tmp_path / name
    path.write_text(TEXTGRID)
    assert read_alignment(as_given(path)) == Alignment([Interval("one", 0.0, 1.0)], [])


def test_an_unknown_extension_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(AlignmentError, match=r"'.xyz'; expected .*\.textgrid"):
        read_alignment(tmp_path / "a.xyz")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(AlignmentError, match="No such file"):
        read_alignment(tmp_path / "a.TextGrid")
    (tmp_path / "b.TextGrid").mkdir()
    with pytest.raises(AlignmentError, match="Is a directory"):
        read_alignment(tmp_path / "b.TextGrid")


def test_every_extension_of_the_table_is_found_whatever_its_case():
    assert all(extension == extension.casefold() and extension[0] == "." for extension in READERS)
