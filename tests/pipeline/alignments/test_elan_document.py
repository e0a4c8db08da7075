import pytest

from pipeline.alignments.elan_document import Annotation, open_document
from pipeline.alignments.source import Source
from pipeline.errors import AlignmentError

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" FORMAT="3.0" VERSION="3.0">
  <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"/>
  <TIME_ORDER>
    <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="100"/>
    <TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="600"/>
    <TIME_SLOT TIME_SLOT_ID="ts3"/>
  </TIME_ORDER>
  <TIER LINGUISTIC_TYPE_REF="default" TIER_ID="words">
    <ANNOTATION>
      <ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
        <ANNOTATION_VALUE>rock &amp; roll</ANNOTATION_VALUE>
      </ALIGNABLE_ANNOTATION>
    </ANNOTATION>
    <ANNOTATION>
      <ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts3">
        <ANNOTATION_VALUE/>
      </ALIGNABLE_ANNOTATION>
    </ANNOTATION>
  </TIER>
  <TIER LINGUISTIC_TYPE_REF="gloss" PARENT_REF="words" TIER_ID="gloss">
    <ANNOTATION>
      <REF_ANNOTATION ANNOTATION_ID="a3" ANNOTATION_REF="a1">
        <ANNOTATION_VALUE>music</ANNOTATION_VALUE>
      </REF_ANNOTATION>
    </ANNOTATION>
  </TIER>
</ANNOTATION_DOCUMENT>
"""


def opened(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "a.eaf"
    path.write_bytes(text.encode(encoding))
    return open_document(Source.open(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tiers_and_annotations_are_read_whatever_the_encoding(tmp_path, encoding):
    document = opened(tmp_path, DOCUMENT, encoding)
    assert document.tiers == ("words", "gloss")
    assert document.annotations == {
        "a1": Annotation("words", "rock & roll", (0.1, 0.6), None),
        "a2": Annotation("words", "", None, None),
        "a3": Annotation("gloss", "music", None, "a1"),
    }


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        "<!doctype html>",
        '<!ENTITY a "b">',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declarations_are_refused_before_anything_is_parsed(tmp_path, declaration, encoding):
    with pytest.raises(AlignmentError, match="declares no such thing") as caught:
        opened(tmp_path, DOCUMENT.replace("?>\n", f"?>\n{declaration}\n"), encoding)
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("</TIER>", "", r"line 28: no valid XML \(mismatched tag.*is the file cut"),
        ("&amp;", "&nbsp;", "line 12: no valid XML .undefined entity"),
        ("ANNOTATION_DOCUMENT", "SVG", "expected an ANNOTATION_DOCUMENT of ELAN, found 'SVG'"),
        ("milliseconds", "PAL-frames", r"its times are in \['PAL-frames'\]; expected milli"),
        ('"ts2" TIME_VALUE', '"ts1" TIME_VALUE', "TIME_SLOT_ID 'ts1' is given twice"),
        ('"a2"', '"a1"', "ANNOTATION_ID 'a1' is given twice"),
        ('"gloss">', '"words">', "TIER_ID 'words' is given twice"),
        ('REF2="ts2"', 'REF2="ts9"', "there is no time slot 'ts9'"),
        ('="100"', '="1oo"', "the time of 'ts1', a number, found '1oo'"),
        ('="100"', '="nan"', "the time of 'ts1', a number, found 'nan'"),
        ('="100"', '="0,1"', "decimal point"),
        ("TIME_SLOT_REF2=", "NO_SLOT=", "a ALIGNABLE_ANNOTATION without TIME_SLOT_REF2"),
        ("ANNOTATION_REF=", "NO_REF=", "a REF_ANNOTATION without ANNOTATION_REF"),
        ("<ANNOTATION_VALUE/>", "", "'a2' has no value or no tier"),
        ("TIER", "ROW", "'a1' has no value or no tier"),
    ],
)
def test_damage_is_refused(tmp_path, old, new, reason):
    assert old in DOCUMENT
    with pytest.raises(AlignmentError, match=reason):
        opened(tmp_path, DOCUMENT.replace(old, new))


def test_cut_anywhere_it_is_never_read(tmp_path):
    for length in range(len(DOCUMENT.rstrip())):
        with pytest.raises(AlignmentError):
            opened(tmp_path, DOCUMENT[:length])


def test_endless_nesting_is_no_problem(tmp_path):
    depth = 100_000
    deep = DOCUMENT.replace("<HEADER", f"{'<X>' * depth}{'</X>' * depth}<HEADER")
    assert opened(tmp_path, deep).tiers == ("words", "gloss")
