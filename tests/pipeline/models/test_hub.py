import json

import pytest
from huggingface_hub import constants, snapshot_download

from pipeline.errors import ModelError
from pipeline.models.hub import Snapshot, cached_file, cached_snapshot


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    (made / "config.json").write_text("{}")
    (made / "model.safetensors").write_bytes(b"weights")
    return made


def test_a_snapshot_is_found_as_the_hubs_own_client_finds_it(hub_cache, cached_repository, folder):
    assert cached_snapshot("org/name") is None
    snapshot = cached_repository("org/name", folder)
    found = cached_snapshot("org/name")
    assert found == Snapshot(snapshot, "c" * 40)
    assert str(found.folder) == snapshot_download(
        "org/name", cache_dir=hub_cache, local_files_only=True
    )


def test_a_revision_is_a_branch_a_tag_or_a_commit(cached_repository, folder):
    cached_repository("org/name", folder)
    cached_repository("org/name", folder, "d" * 40, "v1.0")
    found = {asked: cached_snapshot("org/name", asked) for asked in (None, "v1.0", "d" * 40)}
    assert [each.commit[0] for each in found.values()] == ["c", "d", "d"]
    assert cached_snapshot("org/name", "v2.0") is None
    assert cached_snapshot("org/name", "e" * 40) is None


def test_the_folder_of_the_cache_is_the_hubs_own_by_default(tmp_path, monkeypatch):
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert cached_file("org/name", "a.pt") is None
    snapshot = tmp_path / "models--org--name" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "a.pt").touch()
    (tmp_path / "models--org--name" / "refs").mkdir()
    (tmp_path / "models--org--name" / "refs" / "main").write_text("abc\n")
    assert cached_file("org/name", "a.pt") == snapshot / "a.pt"
    assert cached_file("org/name", "b.pt") is None


def test_weights_of_which_a_part_is_missing_are_not_there(cached_repository, folder):
    parts = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    index = {"weight_map": dict(zip("ab", parts, strict=True))}
    (folder / "model.safetensors").rename(folder / parts[0])
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    cached_repository("org/partial", folder)
    assert cached_snapshot("org/partial") is None
    (folder / parts[1]).write_bytes(b"weights")
    cached_repository("org/whole", folder)
    assert cached_snapshot("org/whole") is not None


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"weight_map": 3}'])
def test_a_damaged_list_of_parts_is_no_download(cached_repository, folder, content):
    (folder / "model.safetensors.index.json").write_text(content)
    cached_repository("org/name", folder)
    assert cached_snapshot("org/name") is None


def test_a_configuration_without_weights_is_no_download(cached_repository, folder):
    (folder / "model.safetensors").unlink()
    cached_repository("org/name", folder)
    assert cached_snapshot("org/name") is None


@pytest.mark.parametrize("repo_id", ["", "a/b/c", "../name", "a/..", "/etc", "a b"])
def test_what_no_repository_is_called_is_refused(hub_cache, repo_id):  # noqa: ARG001
    with pytest.raises(ModelError, match="expected ORG/NAME"):
        cached_snapshot(repo_id)


@pytest.mark.parametrize("revision", ["", "..", "a/../../b", "/etc/passwd"])
def test_what_no_revision_is_called_is_refused(hub_cache, revision):  # noqa: ARG001
    with pytest.raises(ModelError, match=r"org/name@.*: expected ORG/NAME or ORG/NAME@REVISION"):
        cached_snapshot("org/name", revision)


def test_a_reference_that_leaves_the_cache_is_not_followed(hub_cache, cached_repository, folder):
    cached_repository("org/name", folder)
    (hub_cache / "models--org--name" / "refs" / "main").write_text("../../../made")
    assert cached_snapshot("org/name") is None


def test_looking_imports_no_client(printed_by):
    code = (
        "import sys\n"
        "from pipeline.models.hub import cached_file, cached_snapshot\n"
        "cached_snapshot('org/name'), cached_file('org/name', 'a.pt')\n"
        "print([name for name in ('httpx', 'httpx2', 'requests') if name in sys.modules])"
    )
    assert printed_by(code) == "[]"
