import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline.alignments import read_alignment, read_recordings
from pipeline.errors import AlignmentError
from pipeline.time_axis import Interval

GO = '84-1-0000 ",GO,,DO," "0.490,0.890,1.270,1.380,2.09" \n'
BUT = '84-1-0001 "BUT" "0.270"\n'


def test_each_utterance_has_its_words_without_silences(recordings):
    found = recordings("84-1.alignment.txt", GO + BUT)
    assert {name: each.words for name, each in found.items()} == {
        "84-1-0000": [Interval("GO", 0.49, 0.89), Interval("DO", 1.27, 1.38)],
        "84-1-0001": [Interval("BUT", 0.0, 0.27)],
    }
    assert not any(each.notes or each.phones for each in found.values())


@pytest.mark.parametrize("newline", ["", "\n", "\r\n"])
def test_the_last_line_is_complete_where_its_quotes_close(recordings, newline):
    found = recordings("84-1.alignment.txt", GO + BUT.strip() + newline)
    assert found["84-1-0001"].notes == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('84-1-0001 "BUT,IN" "0.27,0.4', "found '84-1-0001 .*; is the file cut"),
        ('84-1-0001 "BUT,IN" ', "is the file cut"),
        ('84-1-0001 "BUT,IN" "0.27"', "2 words and silences, but 1 ends"),
        ('84-1-0001 "BUT,IN" "0.27,0,4"', "2 words and silences, but 3 ends"),
        ('84-1-0001 "BUT,IN" "0.27,"', "the end of a word in seconds, a number, found ''"),
        ('84-1-0001 "BUT,IN" "0.27,nan"', "found 'nan'"),
        ('84-1-0001 "BUT,IN" "0.27,0.2"', r"'IN' from 0\.27 to 0\.2 s ends before it starts"),
        ('84-1-0000 "BUT" "0.27"', "'84-1-0000' stands here again"),
    ],
)
def test_damage_is_refused_with_its_line(recordings, line, reason):
    with pytest.raises(AlignmentError, match=reason) as caught:
        recordings("84-1.alignment.txt", f"{GO}\n{line}\n")
    assert caught.value.line == 3


words = st.lists(
    st.tuples(st.text("ABC'", max_size=4).filter(lambda word: word != "SIL"), st.integers(1, 900)),
    min_size=1,
)


@given(st.lists(words, min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_are_read_as_they_were_written(recordings, chapter):
    lines, expected = [], {}
    for index, utterance in enumerate(chapter):
        labels = [label for label, _ in utterance]
        ends = [sum(length for _, length in utterance[: n + 1]) for n in range(len(utterance))]
        written = ",".join(f"{end / 1000:.3f}" for end in ends)
        lines.append(f'1-1-{index:04} "{",".join(labels)}" "{written}" \n')
        expected[f"1-1-{index:04}"] = [
            (label, start / 1000, end / 1000)
            for label, start, end in zip(labels, [0, *ends], ends, strict=False)
            if label
        ]
    found = recordings("1-1.alignment.txt", "".join(lines))
    read = {name: [(w.label, w.start, w.end) for w in each.words] for name, each in found.items()}
    assert read == expected


def test_a_real_chapter_says_what_its_textgrids_say(shared):
    speech = shared / "speech"
    (path,) = (speech / "LibriSpeech/dev-clean/84/121123").glob("*.alignment.txt")
    found = read_recordings(path)
    grids = sorted((speech / "alignments-mfa/dev-clean/84/121123").glob("*.TextGrid"))
    assert [grid.stem for grid in grids] == sorted(found)
    for grid in grids:
        written = read_alignment(grid).words
        words = [(each.label.lower(), each.start, each.end) for each in found[grid.stem].words]
        assert words == [(each.label, each.start, each.end) for each in written]


def test_a_real_chapter_has_the_words_of_its_transcripts(shared):
    folder = shared / "speech/LibriSpeech/dev-clean/84/121123"
    (path,) = folder.glob("*.alignment.txt")
    found = read_recordings(path)
    lines = (folder / "84-121123.trans.txt").read_text().splitlines()
    assert {name: [word.label for word in each.words] for name, each in found.items()} == {
        name: text.split() for name, text in (line.split(" ", 1) for line in lines)
    }
