import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest

from pipeline.errors import SavedViewError
from pipeline.saved_views import LONGEST_NAME, LONGEST_NOTE, SavedViews, open_saved_views

LINK = {"schema": "1", "corpus": "demo", "a": "minilm", "without": ["mel", "duration"], "la": "3"}
HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) '); DROP TABLE views; --"


@pytest.fixture
def views(tmp_path):
    with SavedViews(tmp_path / "views.db") as opened:
        yield opened


def test_a_view_comes_back_as_it_was_saved_also_after_the_server_was_restarted(tmp_path):
    with SavedViews(tmp_path / "views.db") as first:
        saved = first.save("compare", "Layer 3", "see\nthe drop", LINK, "ada")
    with SavedViews(tmp_path / "views.db") as again:
        assert again.find(saved.id) == saved
    assert (saved.name, saved.note, saved.parameters) == ("Layer 3", "see\nthe drop", LINK)
    assert (saved.page, saved.saved_by) == ("compare", "ada")
    assert saved.saved_at_s == saved.changed_at_s > 1.7e9


def test_the_views_of_a_server_are_in_its_home_and_nobody_else_s(home):
    with open_saved_views() as views:
        views.save("words", "x", "", LINK, "ada")
    assert stat.S_IMODE((home / "views.db").stat().st_mode) == 0o600


def test_hostile_text_is_kept_as_text(views):
    saved = views.save("compare", HOSTILE, HOSTILE, {"corpus": HOSTILE}, HOSTILE)
    found = views.find(saved.id)
    assert (found.name, found.note, found.saved_by) == (HOSTILE, HOSTILE, HOSTILE)
    assert found.parameters == {"corpus": HOSTILE}
    assert views.search(HOSTILE, 10) == ([found], 1)


def test_what_would_not_be_seen_is_not_kept(views):
    saved = views.save("compare", "  a\n\tb\x00\u202ec ", "one\x1b\ntwo\r\n", LINK, "ada")
    assert (saved.name, saved.note) == ("a b c", "one\ntwo")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            ("jobs", "x", "", LINK),
            "expected a page among compare, words, alignments, measures, beside, found 'jobs'",
        ),
        (("compare", " \n", "", LINK), "expected a name for the view; write one"),
        (
            ("compare", "n" * (LONGEST_NAME + 1), "", LINK),
            "the name has 101 characters; expected 100 at most",
        ),
        (
            ("compare", "x", "n" * (LONGEST_NOTE + 1), LINK),
            "the note has 2,001 characters; expected 2,000 at most",
        ),
        (("compare", "x", "", {"only": "word " * 5000}), "expected 20,000 at most: choose fewer"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_saved(views, values, message):
    with pytest.raises(SavedViewError, match=message):
        views.save(*values, "ada")
    assert views.search("", 10) == ([], 0)


def test_no_more_views_are_saved_than_a_server_keeps(views, monkeypatch):
    monkeypatch.setattr("pipeline.saved_views.MOST_VIEWS", 2)
    for name in "ab":
        views.save("compare", name, "", LINK, "ada")
    with pytest.raises(SavedViewError, match="2 views are saved, and no more can be; delete some"):
        views.save("compare", "c", "", LINK, "ada")


def test_a_search_looks_at_name_note_and_settings_in_any_case_and_literally(views):
    first = views.save("compare", "ÉCLAIR", "", {"a": "minilm"}, "ada")
    second = views.save("words", "other", "100 % of it", {"a": "hf:Org/Name"}, "ben")
    for text, expected in (
        ("éclair", [first]),
        ("org/name", [second]),
        ("100 %", [second]),
        ("%", [second]),
        ("_", []),
        (" ", [second, first]),
    ):
        assert views.search(text, 10) == (expected, len(expected))
    assert views.search("", 1) == ([second], 2)


def test_who_saved_a_view_may_rename_and_delete_it_and_nobody_else(views):
    saved = views.save("compare", "old", "", LINK, "ada")
    with pytest.raises(SavedViewError, match="ada saved this view, and only they may change it"):
        views.change(saved.id, "new", "", "ben")
    with pytest.raises(SavedViewError, match="only they may change it"):
        views.delete(saved.id, "ben")
    changed = views.change(saved.id, "new", "why", "ada")
    assert (changed.name, changed.note, changed.parameters) == ("new", "why", LINK)
    assert (changed.saved_at_s, changed.id) == (saved.saved_at_s, saved.id)
    assert changed.changed_at_s > saved.changed_at_s
    assert views.search("old", 10) == ([], 0)
    assert views.search("why", 10) == ([changed], 1)
    views.delete(saved.id, "ada")
    with pytest.raises(SavedViewError, match="there is no saved view 1; it may have been deleted"):
        views.find(saved.id)


def test_a_number_is_never_given_twice(views):
    first = views.save("compare", "a", "", LINK, "ada")
    views.delete(first.id, "ada")
    assert views.save("compare", "b", "", LINK, "ada").id != first.id


def test_a_table_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "views.db"
    with SavedViews(path) as views:
        views.save("compare", "a", "", LINK, "ada")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 2")
    with pytest.raises(SavedViewError, match="found version 2; a newer LayerScope wrote them"):
        SavedViews(path)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT name FROM views").fetchall() == [("a",)]


def test_two_processes_save_at_once_and_nothing_is_lost(tmp_path):
    code = (
        "import sys; from pathlib import Path; from pipeline.saved_views import SavedViews\n"
        "with SavedViews(Path(sys.argv[1])) as views:\n"
        "    for number in range(50):\n"
        "        views.save('compare', f'{sys.argv[2]} {number}', '', {'a': 'x'}, sys.argv[2])\n"
    )
    path = tmp_path / "views.db"
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(path), who])  # noqa: S603 - our own code
        for who in ("ada", "ben")
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    with SavedViews(path) as views:
        found, count = views.search("", 1000)
    assert count == 100
    assert {view.name for view in found} == {f"{w} {n}" for w in ("ada", "ben") for n in range(50)}
