import pytest

from pipeline.corpus.registry import RegisteredCorpus, add_corpus, registered
from pipeline.errors import CorpusError


def test_without_a_list_there_is_the_demonstration(tmp_path):
    assert registered(None) == registered(tmp_path) == (RegisteredCorpus("demo"),)


def test_what_is_added_is_found_again_after_the_demonstration(tmp_path, monkeypatch):
    (tmp_path / "speech").mkdir()
    (tmp_path / "times").mkdir()
    monkeypatch.chdir(tmp_path / "speech")
    add_corpus("b", (tmp_path / "speech").relative_to(tmp_path / "speech"), None, tmp_path)
    add_corpus("a-1.x_y", tmp_path / "speech", tmp_path / "times", tmp_path)
    assert registered(tmp_path) == (
        RegisteredCorpus("demo"),
        RegisteredCorpus("b", tmp_path / "speech"),
        RegisteredCorpus("a-1.x_y", tmp_path / "speech", tmp_path / "times"),
    )
    assert {path.name for path in tmp_path.iterdir()} == {"corpora.json", "speech", "times"}


@pytest.mark.parametrize("name", ["", "A", "a b", "a/b", "..", "-a", "é", "a\n"])
def test_a_name_is_plain(tmp_path, name):
    with pytest.raises(CorpusError, match="cannot name a corpus; use a-z, 0-9"):
        add_corpus(name, tmp_path, None, tmp_path)


@pytest.mark.parametrize("name", ["demo", "mine"])
def test_a_name_is_given_once(tmp_path, name):
    add_corpus("mine", tmp_path, None, tmp_path)
    with pytest.raises(CorpusError, match=f"a corpus named {name} already"):
        add_corpus(name, tmp_path, None, tmp_path)


def test_what_a_user_registered_can_be_replaced_and_the_demonstration_cannot(tmp_path):
    (tmp_path / "times").mkdir()
    add_corpus("mine", tmp_path, None, tmp_path)
    add_corpus("other", tmp_path, None, tmp_path)
    add_corpus("mine", tmp_path, tmp_path / "times", tmp_path, replace=True)
    assert registered(tmp_path) == (
        RegisteredCorpus("demo"),
        RegisteredCorpus("mine", tmp_path, tmp_path / "times"),
        RegisteredCorpus("other", tmp_path),
    )
    with pytest.raises(CorpusError, match="a corpus named demo already"):
        add_corpus("demo", tmp_path, None, tmp_path, replace=True)


def test_a_folder_that_is_none_is_not_registered(tmp_path):
    with pytest.raises(CorpusError, match="nowhere: expected a folder"):
        add_corpus("mine", tmp_path / "nowhere", None, tmp_path)
    with pytest.raises(CorpusError, match="nowhere: expected a folder"):
        add_corpus("mine", tmp_path, tmp_path / "nowhere", tmp_path)
    assert registered(tmp_path) == (RegisteredCorpus("demo"),)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", '{"a": 5}', '{"a": [5, null]}', '{"a": ["/x", 5]}', '{"a": ["/x"]}'],
)
def test_a_damaged_list_is_named(tmp_path, text):
    (tmp_path / "corpora.json").write_text(text)
    with pytest.raises(CorpusError, match=r"corpora.json: the list of corpora is damaged"):
        registered(tmp_path)


def test_a_list_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"corpora.json: cannot be written .No such file"):
        add_corpus("mine", tmp_path, None, tmp_path / "nowhere")
