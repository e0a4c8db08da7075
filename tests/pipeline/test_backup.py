import json

import numpy as np
import pytest

from cache import Key
from pipeline.backup import FORMAT, MARKER, back_up, restore
from pipeline.configuration import open_store
from pipeline.corpus.registry import add_corpus, registered
from pipeline.engine import open_queue
from pipeline.errors import BackupError
from pipeline.saved_views import open_saved_views

KEY = Key("number", 1, {"number": 1})


@pytest.fixture
def used(home, tmp_path):
    """A home folder in which somebody worked."""
    with open_store() as store:
        store.put(KEY, {"x": np.arange(5)})
    with open_queue() as queue:
        queue.submit("view", {"corpus": "demo"}, "ada")
    with open_saved_views() as views:
        views.save("compare", "Layer 3", "a note", {"la": "3"}, "ada")
    speech = tmp_path / "speech"
    speech.mkdir()
    add_corpus("speech", speech, None, home)
    (home / "alignments" / "speech").mkdir(parents=True)
    (home / "alignments" / "speech" / "one.TextGrid").write_text("times")
    (home / "cookie-secret").write_text("secret")
    (home / "corpora" / "downloaded").mkdir(parents=True)
    return home


def test_what_was_backed_up_is_restored_into_an_empty_home(used, tmp_path, monkeypatch):
    made = back_up(used, tmp_path / "backup")
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "new"))
    (tmp_path / "new").mkdir()
    assert restore(tmp_path / "backup", tmp_path / "new") == made
    with open_store() as store:
        assert (store.get(KEY, verify=True).arrays["x"] == np.arange(5)).all()
    with open_queue() as queue:
        assert [job.asked_by for job in queue.active()] == ["ada"]
    with open_saved_views() as views:
        assert [view.name for view in views.search("", 10)[0]] == ["Layer 3"]
    assert [corpus.name for corpus in registered(tmp_path / "new")] == ["demo", "speech"]
    assert (tmp_path / "new" / "alignments" / "speech" / "one.TextGrid").read_text() == "times"
    assert made.records == 1
    assert made.beside == ("jobs.db", "views.db", "corpora.json", "alignments")


def test_secrets_and_what_can_be_downloaded_are_not_in_it(used, tmp_path):
    back_up(used, tmp_path / "backup")
    names = {path.name for path in (tmp_path / "backup").rglob("*")}
    assert {"cookie-secret", "downloaded"} & names == set()
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


def test_a_home_in_use_is_not_overwritten(used, tmp_path):
    back_up(used, tmp_path / "backup")
    with pytest.raises(BackupError, match=r"is in use: it holds store, jobs\.db"):
        restore(tmp_path / "backup", used)
    with open_store() as store:
        assert store.get(KEY) is not None


def test_a_backup_needs_a_folder_of_its_own(used, tmp_path):
    back_up(used, tmp_path / "backup")
    with pytest.raises(BackupError, match="holds something already"):
        back_up(used, tmp_path / "backup")
    with pytest.raises(BackupError, match="which it is to be a copy of"):
        back_up(used, used / "backup")


def test_what_was_not_finished_is_no_backup(used, tmp_path):
    def stopping(_entries):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(used, tmp_path / "backup", stopping)
    (tmp_path / "new").mkdir()
    with pytest.raises(BackupError, match="is no whole backup"):
        restore(tmp_path / "backup", tmp_path / "new")


def test_a_backup_of_another_format_is_refused(used, tmp_path):
    back_up(used, tmp_path / "backup")
    marker = tmp_path / "backup" / MARKER
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"format": FORMAT + 1}))
    (tmp_path / "new").mkdir()
    with pytest.raises(BackupError, match="expected a backup of format 1, found 2"):
        restore(tmp_path / "backup", tmp_path / "new")


def test_a_restore_that_fails_leaves_nothing(used, tmp_path):
    back_up(used, tmp_path / "backup")

    def stopping(_entries):
        raise KeyboardInterrupt

    (tmp_path / "new").mkdir()
    with pytest.raises(KeyboardInterrupt):
        restore(tmp_path / "backup", tmp_path / "new", stopping)
    assert list((tmp_path / "new").iterdir()) == []
    assert restore(tmp_path / "backup", tmp_path / "new").records == 1
