import pytest

from pipeline.errors import ModelError
from pipeline.models.known.places import Place, locate, repository_of


def test_a_folder_comes_before_the_hub(tmp_path, monkeypatch, hub_cache):  # noqa: ARG001
    monkeypatch.chdir(tmp_path)
    (tmp_path / "org" / "name").mkdir(parents=True)
    assert locate("hf:org/name") == Place(tmp_path / "org" / "name")


def test_a_hub_model_is_told_by_its_commit(cached_repository, bert_folder):
    snapshot = cached_repository("org/name", bert_folder)
    assert locate("hf:org/name@main") == Place(snapshot, f"revision {'c' * 40}")


def test_what_is_not_here_says_how_to_fetch_it(hub_cache):  # noqa: ARG001
    match = "hf:org/name@v1 is not on this machine; run: python -m pipeline models fetch hf:org/na"
    with pytest.raises(ModelError, match=match):
        locate("hf:org/name@v1")


@pytest.mark.parametrize("name", ["hf-text:", "hf:/no/such/folder", "hf:a/b/c", "hf:.."])
def test_neither_folder_nor_repository(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=r"expected hf.*:FOLDER on this machine, or"):
        repository_of(name)


def test_a_revision_follows_an_at():
    assert repository_of("hf:org/name@refs/pr/1") == ("org/name", "refs/pr/1")
    assert repository_of("hf:gpt2") == ("gpt2", None)
