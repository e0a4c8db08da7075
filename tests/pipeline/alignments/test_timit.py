import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.alignments import read_alignment
from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval

WORDS = "3050 5723 she\n5723 10337 had\n"
PHONES = "0 3050 h#\n3050 4559 sh\n4559 5723 ix\n"


def test_samples_become_seconds(alignment):
    found = alignment("sa1.wrd", WORDS)
    assert found.words == [
        Interval("she", 3050 / 16_000, 5723 / 16_000),
        Interval("had", 5723 / 16_000, 10337 / 16_000),
    ]
    assert (found.phones, found.notes) == ([], ())


@pytest.mark.parametrize("suffix", [".phn", ".PHN"])
def test_the_phones_come_from_the_file_beside(tmp_path, alignment, suffix):
    (tmp_path / f"sa1{suffix}").write_text(PHONES)
    found = alignment("sa1.WRD", WORDS)
    assert [phone.label for phone in found.phones] == ["sh", "ix"]


def test_phones_alone_are_refused(tmp_path):
    path = tmp_path / "sa1.PHN"
    path.write_text(PHONES)
    with pytest.raises(AlignmentError, match=r"phones, without words; read the \.wrd beside it"):
        read_alignment(path)


def test_damaged_phones_are_refused_under_their_own_name(tmp_path, alignment):
    (tmp_path / "sa1.phn").write_text("0 3050 h#\n3050 sh\n")
    with pytest.raises(AlignmentError, match=r"sa1\.phn, line 2: expected 'FIRST_SAMPLE END"):
        alignment("sa1.wrd", WORDS)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path, alignment):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret").write_text(PHONES)
    (tmp_path / "sa1.phn").symlink_to(tmp_path / "elsewhere" / "secret")
    with pytest.raises(AlignmentError, match=r"sa1\.phn: a link that leads out of its folder"):
        alignment("sa1.wrd", WORDS)


def test_last_lines_that_do_not_end_are_noted(tmp_path, alignment):
    (tmp_path / "sa1.phn").write_text(PHONES.rstrip())
    assert alignment("sa1.wrd", WORDS.rstrip()).notes == (
        "line 2: the last line does not end; is the file cut?",
        "sa1.phn: line 3: the last line does not end; is the file cut?",
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("5723 10337", "expected 'FIRST_SAMPLE END_SAMPLE LABEL', found '5723 10337'"),
        ("5723 10337 two words", "expected 'FIRST_SAMPLE END_SAMPLE LABEL'"),
        ("0.5 0.7 seconds", "expected 'FIRST_SAMPLE END_SAMPLE LABEL'"),
        ("-5 7 early", "expected 'FIRST_SAMPLE END_SAMPLE LABEL'"),
        (f"5 {10**13} late", "expected 'FIRST_SAMPLE END_SAMPLE LABEL'"),
        (f"5 {10**12 - 1} late", "are these seconds"),
        ("7 5 back", "'back' ends at sample 5, before 7"),
    ],
)
def test_damage_is_refused_with_its_line(alignment, line, reason):
    with pytest.raises(AlignmentError, match=reason) as caught:
        alignment("sa1.wrd", f"0 3050 one\n{line}\n")
    assert caught.value.line == 2


def test_blank_lines_alone_are_refused(alignment):
    with pytest.raises(AlignmentError, match="no labels"):
        alignment("sa1.wrd", " \n\n")


labels = st.text(st.characters(exclude_categories=["Z", "C"]), max_size=8).map("x{}x".format)


@given(st.lists(st.tuples(st.integers(0, 10**8), st.integers(1, 10**6), labels), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_are_read_as_they_were_written(alignment, words):
    content = "".join(f"{start} {start + length} {label}\n" for start, length, label in words)
    found = alignment("sa1.wrd", content).words
    read = [(round(each.start * 16_000), round(each.end * 16_000), each.label) for each in found]
    assert sorted(read) == sorted((start, start + length, label) for start, length, label in words)
