import json
from dataclasses import replace
from importlib.metadata import version

import pytest

from pipeline.corpus import open_corpus
from pipeline.errors import AlignerError
from pipeline.forced_alignment.result_folder import (
    Summary,
    claim,
    count_aligned,
    named_folder,
    read_summary,
    replaced_file,
    textgrid_path,
    write_summary,
)
from pipeline.time_axis import Interval


@pytest.fixture(scope="module")
def corpus():
    return open_corpus("demo")


def test_files_lie_as_the_recordings_do_and_parts_are_named_by_their_id(corpus, tmp_path):
    whole = corpus.by_id["ada-01"]
    dotted = replace(whole, audio=corpus.root / "a" / "b.c.flac")
    part = replace(whole, id="long.1", segment=Interval("long.1", 1.0, 2.0))
    assert [
        textgrid_path(each, corpus.root, tmp_path).relative_to(tmp_path).as_posix()
        for each in (whole, dotted, part)
    ] == ["ada/ada-01.TextGrid", "a/b.c.TextGrid", "long.1.TextGrid"]


def test_files_are_counted_for_the_utterances_that_are_asked_for(corpus, tmp_path):
    chosen = corpus.utterances[:3]
    assert count_aligned(chosen, corpus.root, tmp_path) == 0
    for utterance in corpus.utterances[2:5]:
        path = textgrid_path(utterance, corpus.root, tmp_path)
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert count_aligned(chosen, corpus.root, tmp_path) == 1


def test_a_named_folder_is_below_home(home):
    assert named_folder("real.v1-a_b") == home.resolve() / "alignments" / "real.v1-a_b"


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "/etc", ".hidden", "A", "a\n", "a b"])
def test_other_names_are_refused(home, name):
    with pytest.raises(AlignerError, match="cannot name a folder of alignments"):
        named_folder(name)
    assert not home.exists()


def test_a_folder_is_claimed_for_one_aligner_and_keeps_what_it_says(tmp_path):
    folder = tmp_path / "new" / "folder"
    claim(folder, "one 1.0")
    written = json.loads((folder / "aligner.json").read_text())
    assert (written["aligner"], written["made_with"]) == ("one 1.0", version("layerscope"))
    write_summary(folder, Summary("one 1.0", 7, {"a": "why"}))
    claim(folder, "one 1.0")
    assert read_summary(folder) == Summary("one 1.0", 7, {"a": "why"})
    with pytest.raises(AlignerError, match=r"filled by one 1\.0, not by one 1\.1; name another"):
        claim(folder, "one 1.1")
    assert [path.name for path in folder.iterdir()] == ["aligner.json"]


def test_alignments_of_unknown_origin_are_never_mixed_with_new_ones(tmp_path):
    (tmp_path / "84").mkdir()
    (tmp_path / "84" / "a.TextGrid").touch()
    with pytest.raises(AlignerError, match="alignments of unknown origin; name an empty folder"):
        claim(tmp_path, "one")
    assert read_summary(tmp_path) is None


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"aligner": "one", "odd": 1}', "7"])
def test_a_damaged_summary_is_named(tmp_path, content):
    (tmp_path / "aligner.json").write_text(content)
    with pytest.raises(AlignerError, match=r"aligner\.json: expected what made"):
        read_summary(tmp_path)


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def stop_half_way():
        with replaced_file(path) as draft:
            draft.write_text("half")
            assert path.read_text() == "old"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stop_half_way()
    assert path.read_text() == "old"
    with replaced_file(path) as draft:
        draft.write_text("new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_where_nothing_can_be_written_the_file_is_named(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(AlignerError, match=r"a\.TextGrid: cannot be written \(Not a directory\)"),
        replaced_file(tmp_path / "file" / "sub" / "a.TextGrid"),
    ):
        pytest.fail("it was given a file")
