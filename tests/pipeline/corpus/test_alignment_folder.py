import json
from pathlib import Path, PurePosixPath

import pytest

from pipeline.corpus.alignment_folder import AlignmentFolder
from pipeline.corpus.listing import Listed
from pipeline.corpus.tree import FileTree
from pipeline.errors import AlignmentError, CorpusError, MissingAlignmentError
from pipeline.time_axis import Interval


def listed(name, **others):
    audio = PurePosixPath(f"7/1/{name}.flac")
    return Listed(name, "7", **({"audio": audio} | others), transcript=None, source=Path("x"))


def folder_of(tree):
    return AlignmentFolder(FileTree.scan(tree.root))


def test_a_recording_finds_the_file_of_its_name_in_any_case_of_the_extension(tree):
    path = tree.add_alignment("7-1-0000", "one")
    path = path.rename(path.with_suffix(".textgrid"))
    (path.parent / "7-1-0001.txt").write_text("no alignment")
    assert folder_of(tree).read(listed("7-1-0000")).file == path
    with pytest.raises(MissingAlignmentError, match=r"7-1-0001.TextGrid: there is no such"):
        folder_of(tree).read(listed("7-1-0001"))


def test_the_alignment_that_the_corpus_names_is_read_whatever_its_name(tree):
    path = tree.add_alignment("other", "one", folder=tree.root)
    found = folder_of(tree).read(listed("7-1-0000", alignment=PurePosixPath("other.TextGrid")))
    assert (found.file, found.of_whole_recording) == (path, False)


def test_a_segment_has_its_own_alignment_or_shares_that_of_its_recording(tree):
    whole = tree.add_alignment("long", "one two", folder=tree.root)
    audio = PurePosixPath("long.wav")
    segment = listed("part-1", audio=audio, start_s=1.0)
    found = folder_of(tree).read(segment)
    assert (found.file, found.of_whole_recording) == (whole, True)
    own = tree.add_alignment("part-1", "one", folder=tree.root)
    found = folder_of(tree).read(segment)
    assert (found.file, found.of_whole_recording) == (own, False)


def test_one_file_may_hold_the_alignments_of_many(tree):
    tree.root.joinpath("all.ctm").write_text(
        "7-1-0000 1 0.1 0.2 one\n7-1-0001 1 0.3 0.2 two\n7-1-0001 1 0.5 0.2 three\n"
    )
    folder = folder_of(tree)
    assert [it.label for it in folder.read(listed("7-1-0000")).alignment.words] == ["one"]
    assert [it.label for it in folder.read(listed("7-1-0001")).alignment.words] == ["two", "three"]
    assert folder.problems == []


def test_a_file_of_many_that_cannot_be_read_is_a_problem(tree):
    (tree.root / "all.ctm").write_text("7-1-0000 1 0.1 0.2 one\n7-1-0001 1 x\n")
    (problem,) = folder_of(tree).problems
    assert (problem.file, problem.line, problem.left_out) == (tree.root / "all.ctm", 2, "nothing")


def test_two_files_that_align_one_recording_are_not_chosen_between(tree):
    for name in ("a.ctm", "b.ctm"):
        (tree.root / name).write_text("7-1-0000 1 0.1 0.2 one\n")
    with pytest.raises(AlignmentError, match=r"b\.ctm: 7-1-0000 is aligned in .*a\.ctm too"):
        folder_of(tree).read(listed("7-1-0000"))


def test_the_aligner_is_who_the_folder_says(tree):
    assert folder_of(tree).aligner is None
    (tree.root / "aligner.json").write_text('{"aligner": "pocketsphinx 5.1.1"}')
    assert folder_of(tree).aligner == "pocketsphinx 5.1.1"


@pytest.mark.parametrize("damage", ["", "[]", "{}", "{"])
def test_a_damaged_name_of_the_aligner_is_none_and_is_logged(tree, damage, caplog):
    (tree.root / "aligner.json").write_text(damage)
    assert folder_of(tree).aligner is None
    assert "aligner.json names no aligner" in caplog.text


def test_a_link_out_of_the_folder_is_refused(tree):
    path = tree.add_alignment("7-1-0000", "one")
    path.symlink_to(path.rename(tree.root.parent / "outside.TextGrid"))
    with pytest.raises(CorpusError, match="leads out of"):
        folder_of(tree).read(listed("7-1-0000"))


def test_an_alignment_that_the_corpus_names_may_lie_in_another_tree_by_name(tree):
    path = tree.add_alignment("7-1-0000", "one", folder=tree.root / "elsewhere")
    named = listed("7-1-0000", alignment=PurePosixPath("beside/it.TextGrid"))
    assert folder_of(tree).read(named).file == path


def test_an_alignment_of_a_name_that_several_share_is_taken_from_its_own_place_only(tree):
    path = tree.add_alignment("a", "one", folder=tree.root / "deeper" / "7" / "1")
    folder = folder_of(tree)
    assert folder.read(listed("a"), shared_names={"a"}).file == path
    other = listed("a", audio=PurePosixPath("8/1/a.flac"))
    assert folder.read(other).file == path
    with pytest.raises(MissingAlignmentError, match=r"8/1/a\.TextGrid: .*other recordings have"):
        folder.read(other, shared_names={"a"})


def test_the_frames_of_the_original_study_are_found_by_the_recordings_path(tree):
    frames = {
        "7/1/7-1-0000.flac": {"transcript_audio": "one two", "one": [[0, 4]], "two": [[5, 9]]}
    }
    tree.root.joinpath("audio_alignments_10_16.json").write_text(json.dumps(frames))
    found = folder_of(tree).read(listed("7-1-0000"))
    assert found.alignment.words == [Interval("one", 0.0, 0.05), Interval("two", 0.05, 0.1)]
