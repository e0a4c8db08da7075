from pipeline.models.hub import cached_file


def test_a_file_is_found_in_the_cache_and_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert cached_file("someone/model", "a.pt") is None
    repository = tmp_path / "models--someone--model"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc")
    snapshot = repository / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "a.pt").write_bytes(b"weights")
    assert cached_file("someone/model", "a.pt") == snapshot / "a.pt"
    assert cached_file("someone/model", "b.pt") is None
