"""Every TextGrid of the shared collection is judged by what Praat read of it."""

import json
from pathlib import Path
from unicodedata import normalize

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from praatio import textgrid

from pipeline.alignments import read_alignment
from pipeline.alignments.alignment import Mark
from pipeline.alignments.source import Source
from pipeline.alignments.textgrid import read_tiers
from pipeline.errors import AlignmentError

COLLECTION = Path(__file__).parents[3] / ".." / "shared" / "textgrids"
MANIFEST = COLLECTION / "manifest.json"
FILES = json.loads(MANIFEST.read_text(encoding="utf-8"))["files"] if MANIFEST.is_file() else []

# The collection calls these plain; we say that an encoding is a guess and a word is unknown.
NOTEWORTHY = ("made/latin1_accents.TextGrid", "made/silence_labels.TextGrid")

SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
1.5
<exists>
2
"IntervalTier"
"words"
0
1.5
2
0
0.5
"one"
0.5
1.5
"say ""two"" twice"
"TextTier"
"tones"
0
1.5
1
0.25
"H*"
"""


def cases(*outcomes):
    chosen = [each for each in FILES if each["recommended"] in outcomes]
    if not chosen:
        return [pytest.param({}, marks=pytest.mark.skip(reason="needs the shared TextGrids"))]
    return [pytest.param(each, id=each["file"]) for each in chosen]


def tiers_of(path):
    tiers, _ = read_tiers(Source.open(path))
    return tiers


def read_text(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "a.TextGrid"
    path.write_bytes(text.encode(encoding))
    return tiers_of(path)


def labelled(tier):
    """Return what Praat shows: it drops intervals without duration."""
    return [
        mark
        for mark in tier.marks
        if mark.label.strip() and (tier.kind == "point" or mark.start < mark.end)
    ]


@pytest.mark.parametrize("case", cases("ok", "ok, warn", "no-words", "no-word-tier"))
def test_the_tiers_are_those_that_praat_reads(case):
    tiers = tiers_of(COLLECTION / case["file"])
    found = [(tier.kind, tier.name, len(labelled(tier))) for tier in tiers]
    # Praat itself cannot read a TextGrid without tiers.
    expected = case.get("result", {"tiers": []})["tiers"]
    assert found == [(tier["type"], tier["name"], tier["n_labelled"]) for tier in expected]


@pytest.mark.parametrize("case", cases("ok", "ok, warn"))
def test_the_marks_of_the_word_tier_are_those_that_praat_reads(case):
    tiers, result = tiers_of(COLLECTION / case["file"]), case["result"]
    tier = next(tier for tier in tiers if tier.name == result["word_tier"])
    marks = sorted(labelled(tier))
    assert len(marks) == result["n_words"]
    for mark, expected in ((marks[0], result["first"]), (marks[-1], result["last"])):
        assert mark[:2] == pytest.approx(expected[:2], abs=1e-5)
        assert normalize("NFC", mark.label.strip()) == normalize("NFC", expected[2])


@pytest.mark.parametrize("case", cases("ok", "ok, warn", "no-words"))
def test_the_words_are_those_of_praat_without_silences(case):
    words = read_alignment(COLLECTION / case["file"]).words
    # The collection counts unknown words as silences; we keep them.
    known = [word for word in words if word.label != "<unk>"]
    # Words before 0 are in no recording: test_alignment.py.
    if case["file"] != "made/negative_times.TextGrid":
        assert len(known) == case["result"]["n_words_without_silence_labels"]


@pytest.mark.parametrize("case", cases("ok", "ok, warn"))
def test_what_is_odd_is_logged_and_what_is_plain_is_not(case, caplog):
    read_alignment(COLLECTION / case["file"])
    assert bool(caplog.records) == ("warn" in case["recommended"] or case["file"] in NOTEWORTHY)


def agreed(outcome):
    """Return the cases that praatio reads as Praat does."""
    return [case for case in cases(outcome) if "praatio" in case.values[0].get("agreeing", [])]


@pytest.mark.parametrize("case", agreed("ok"))
def test_praatio_reads_the_same_intervals(case):
    grid = textgrid.openTextgrid(
        str(COLLECTION / case["file"]), includeEmptyIntervals=False, duplicateNamesMode="rename"
    )
    tiers = [tier for tier in tiers_of(COLLECTION / case["file"]) if tier.kind == "interval"]
    assert tiers
    for tier in tiers:
        ours = [(*mark[:2], mark.label.strip()) for mark in sorted(labelled(tier))]
        theirs = [tuple(entry) for entry in grid.getTier(tier.name).entries if entry.label.strip()]
        assert ours == theirs


@pytest.mark.parametrize("case", cases("no-word-tier"))
def test_without_a_word_tier_the_tiers_are_named(case):
    with pytest.raises(AlignmentError, match=r"no tier of word intervals; found .+"):
        read_alignment(COLLECTION / case["file"])


@pytest.mark.parametrize("case", cases("malformed"))
def test_damage_is_refused_with_its_line(case):
    with pytest.raises(AlignmentError) as caught:
        tiers_of(COLLECTION / case["file"])
    assert caught.value.path == COLLECTION / case["file"]
    assert caught.value.line is not None or "the file is" in caught.value.reason


def test_intervals_and_points_are_read_with_their_quotes(tmp_path):
    words, tones = read_text(tmp_path, SHORT)
    assert (words.kind, words.name, words.start, words.end) == ("interval", "words", 0.0, 1.5)
    assert words.marks == (Mark(0.0, 0.5, "one"), Mark(0.5, 1.5, 'say "two" twice'))
    assert (tones.kind, tones.name, tones.marks) == ("point", "tones", (Mark(0.25, 0.25, "H*"),))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_make_no_difference(tmp_path, encoding, newline):
    text = SHORT.replace("one", "déjà").replace("\n", newline)
    words = read_text(tmp_path, text, encoding)[0]
    assert words.marks == (Mark(0.0, 0.5, "déjà"), Mark(0.5, 1.5, 'say "two" twice'))


def test_cut_anywhere_it_is_never_read(tmp_path):
    for length in range(len(SHORT.rstrip())):
        with pytest.raises(AlignmentError):
            read_text(tmp_path, SHORT[:length])


def test_utf_16_cut_inside_a_character_is_refused(tmp_path):
    path = tmp_path / "a.TextGrid"
    path.write_bytes(SHORT.encode("utf-16")[:-1])
    with pytest.raises(AlignmentError, match=r"no text .truncated data.; is the file cut"):
        tiers_of(path)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("0.5\n", "0,5\n", 14, "found '0,5', which is no number; write times with a decimal point"),
        ("0.5\n", "0x5\n", 14, "found '0x5', which is no number"),
        ("0.5\n", "1_0\n", 14, "found '1_0', which is no number"),
        ("0.5\n", "-inf\n", 14, "found '-inf', which is no number"),
        ("0.5\n", "1e999\n", 14, "too large a number"),
        ("0.5\n", "nan\n", 15, "expected the end of an interval .a number., found the text 'one'"),
        ("0\n0.5\n", "0.9\n0.5\n", 14, r"from 0.9 to 0.5 ends before it starts"),
        ('say ""two""', 'say "two"', 18, "a text that is not closed"),
        ("2\n0\n", "2.5\n0\n", 12, "is 2.5; expected a whole number"),
        ("2\n0\n", "-2\n0\n", 12, "is -2; expected a whole number"),
        ("2\n0\n", "3\n0\n", 19, "expected the start of an interval .a number., found the text"),
        ("TextTier", "PointTier", 19, "class 'PointTier'; expected IntervalTier or TextTier"),
        ("<exists>", "<perhaps>", 6, "expected <exists> or <absent>, found <perhaps>"),
        ("<exists>", "<exists", 6, "found '<exists', which is no number"),
        ('"TextGrid"', '"Sound"', 2, "found 'Sound' in 'ooTextFile'; expected a TextGrid"),
    ],
)
def test_a_message_says_what_was_found_on_which_line(tmp_path, old, new, line, reason):
    assert old in SHORT
    with pytest.raises(AlignmentError, match=reason) as caught:
        read_text(tmp_path, SHORT.replace(old, new, 1))
    assert caught.value.line == line


def test_a_long_label_does_not_flood_a_message(tmp_path):
    with pytest.raises(AlignmentError) as caught:
        read_text(tmp_path, SHORT.replace('"TextTier"', f'"{"x" * 10_000}"'))
    assert len(str(caught.value)) < 300 + len(str(tmp_path))


labels = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=12)
times = st.floats(-1e6, 1e6)


@given(marks=st.lists(st.tuples(times, times, labels), max_size=5), name=labels)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_short_and_the_long_format_read_as_what_was_written(tmp_path, marks, name):
    marks = tuple(Mark(min(a, b), max(a, b), label) for a, b, label in marks)
    for template in (_as_short, _as_long):
        (tier,) = read_text(tmp_path, template(name, marks))
        assert (tier.name, tier.marks) == (name, marks)


def _quoted(text):
    return '"' + text.replace('"', '""') + '"'


def _as_short(name, marks):
    lines = ['"ooTextFile"', '"TextGrid"', -1e6, 1e6, "<exists>", 1, '"IntervalTier"']
    lines += [_quoted(name), -1e6, 1e6, len(marks)]
    lines += [part for start, end, label, *_ in marks for part in (start, end, _quoted(label))]
    return "\n".join(map(str, lines))


def _as_long(name, marks):
    intervals = "".join(
        f"        intervals [{number}]:\n            xmin = {start} \n"
        f"            xmax = {end} \n            text = {_quoted(label)} \n"
        for number, (start, end, label, *_) in enumerate(marks, 1)
    )
    return (
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = -1e6 \nxmax = 1e6 \n'
        'tiers? <exists> ! "5" <no>\nsize = 1 \nitem []: \n    item [1]:\n'
        f'        class = "IntervalTier" \n        name = {_quoted(name)} \n'
        "        xmin = -1e6 \n        xmax = 1e6 \n"
        f"        intervals: size = {len(marks)} \n{intervals}"
    )
