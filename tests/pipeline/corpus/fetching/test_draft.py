import pytest

from pipeline.corpus.fetching.draft import draft_for


def test_what_is_renamed_into_place_stays_and_the_rest_vanishes(tmp_path):
    with draft_for(tmp_path / "a") as draft:
        (draft / "inner").mkdir()
        (draft / "other").touch()
        (draft / "inner").rename(tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_draft_that_fails_vanishes(tmp_path):
    def stop():
        with draft_for(tmp_path / "a") as draft:
            (draft / "file").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert list(tmp_path.iterdir()) == []


def test_a_draft_begins_empty_whatever_was_left_there(tmp_path):
    with draft_for(tmp_path / "a") as draft:
        kept = draft
    kept.mkdir()
    (kept / "left over").touch()
    with draft_for(tmp_path / "a") as draft:
        assert draft == kept
        assert list(draft.iterdir()) == []
