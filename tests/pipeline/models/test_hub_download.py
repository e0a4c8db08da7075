"""Downloads from a hub on this machine, which answers as the real one does."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest
from huggingface_hub import constants, snapshot_download

from pipeline.errors import ModelError
from pipeline.models.catalogue import find_model
from pipeline.models.hub import cached_file, cached_snapshot
from pipeline.models.hub_download import fetch
from pipeline.models.opening import open_model

COMMIT = "a" * 40


class Hub(BaseHTTPRequestHandler):
    """The few addresses that a download asks for; `server.files` are those of org/name."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer(with_body=True)

    def do_HEAD(self):
        self._answer(with_body=False)

    def log_message(self, *_):
        """Say nothing."""

    def _answer(self, *, with_body):
        server, path = self.server, self.path.partition("?")[0]
        server.asked.append((self.command, path))
        if path.startswith("/api/models/org/name/tree/"):
            files = [
                {"type": "file", "path": name, "size": len(body), "oid": digest(body)}
                for name, body in server.files.items()
            ]
            self._send(200, json.dumps(files).encode(), with_body=with_body)
        elif path == "/api/models/org/name/revision/main":
            known = {"id": "org/name", "sha": COMMIT, "siblings": []}
            self._send(200, json.dumps(known).encode(), with_body=with_body)
        elif path.startswith(f"/org/name/resolve/{COMMIT}/"):
            self._send_file(path.rpartition("/")[2], with_body=with_body)
        else:
            status, code = self.server.refusals.get(path, (404, "RepoNotFound"))
            self._send(status, b"{}", with_body=with_body, **{"X-Error-Code": code})

    def _send_file(self, name, *, with_body):
        body = self.server.files[name]
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{digest(body)}"'}
        self._send(200, body, with_body=with_body, **headers)

    def _send(self, status, body, *, with_body, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def digest(body):
    return hashlib.sha1(body).hexdigest()  # noqa: S324 - as git does


def downloaded(server):
    asked = (path for method, path in server.asked if method == "GET" and "/resolve/" in path)
    return [path.rpartition("/")[2] for path in asked]


@pytest.fixture
def hub(hub_cache, monkeypatch):
    """A hub with one repository, and an empty cache."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.files, server.asked, server.refusals = {}, [], {}
    server.address, server.cache = f"http://127.0.0.1:{server.server_address[1]}", hub_cache
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def bert_hub(hub, bert_folder):
    """That hub, holding a tiny BERT, and files that are not to be downloaded."""
    hub.files = {file.name: file.read_bytes() for file in bert_folder.iterdir()}
    hub.files |= {"modeling.py": b"import os", "pytorch_model.bin": b"pickled"}
    hub.files |= {"README.md": b"# BERT", "flax.msgpack": b"other weights"}
    hub.files |= {"onnx/model.safetensors": b"a copy", "training.pkl": b"pickled"}
    return hub


def test_weights_and_tokenizer_are_downloaded_but_neither_pickles_nor_code(bert_hub, bert_folder):
    folder = fetch("org/name")
    assert folder == cached_snapshot("org/name").folder
    assert {file.name for file in folder.iterdir()} == {f.name for f in bert_folder.iterdir()}
    for file in bert_folder.iterdir():
        assert (folder / file.name).read_bytes() == file.read_bytes()
    assert set(downloaded(bert_hub)) == {file.name for file in bert_folder.iterdir()}


def test_what_is_there_is_not_downloaded_again(bert_hub):
    fetch("org/name")
    bert_hub.asked.clear()
    fetch("org/name")
    assert downloaded(bert_hub) == []


def test_files_that_a_stopped_download_finished_are_kept(bert_hub):
    snapshot_download(
        "org/name", cache_dir=bert_hub.cache, endpoint=bert_hub.address, allow_patterns=["*.json"]
    )
    assert cached_snapshot("org/name") is None
    bert_hub.asked.clear()
    assert fetch("org/name") == cached_snapshot("org/name").folder
    assert downloaded(bert_hub) == ["model.safetensors"]


def test_the_command_makes_a_model_that_can_be_opened(bert_hub, home):  # noqa: ARG001
    command = [sys.executable, "-m", "pipeline", "models", "fetch", "hf:org/name", "--json"]
    done = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=True, env=os.environ
    )
    assert "%" in done.stderr  # the progress
    said = json.loads(done.stdout)
    assert (said["name"], said["on_disk"]) == ("hf-text:org/name", True)
    assert said["fingerprint"].startswith(f"revision {COMMIT}")
    read = open_model("hf:org/name", "cpu").extract_text(["the", "cat"])
    assert len(read.layers) == 3


def test_other_patterns_take_the_files_that_a_kind_names(hub):
    hub.files = {"a.pt": b"tensors", "b.pt": b"tensors of another"}
    fetch("org/name", None, ("a.pt",))
    assert cached_file("org/name", "a.pt").read_bytes() == b"tensors"
    assert cached_file("org/name", "b.pt") is None


def test_pickled_weights_are_not_downloaded(hub):
    hub.files = {"config.json": b"{}", "pytorch_model.bin": b"pickled"}
    with pytest.raises(ModelError, match="org/name: it has no safetensors weights"):
        fetch("org/name")
    assert cached_file("org/name", "config.json") is None


def test_a_repository_that_does_not_exist(hub):  # noqa: ARG001
    with pytest.raises(ModelError, match="org/nothing: the hub has no such model, or it is priv"):
        fetch("org/nothing")


def test_a_revision_that_does_not_exist(hub):
    hub.refusals["/api/models/org/name/revision/v9"] = (404, "RevisionNotFound")
    with pytest.raises(ModelError, match="no revision 'v9' of it"):
        fetch("org/name", "v9")


def test_a_gated_model(hub):
    hub.refusals["/api/models/org/gated/revision/main"] = (403, "GatedRepo")
    with pytest.raises(ModelError, match=r"org/gated is gated: accept its conditions at .*gated"):
        fetch("org/gated")


def test_a_hub_that_fails(hub):
    hub.refusals["/api/models/org/name/revision/v1"] = (500, "")
    with pytest.raises(ModelError, match=r"org/name: the hub did not give it .*500") as caught:
        fetch("org/name", "v1")
    assert "\n" not in str(caught.value)


def test_no_network(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match="is this machine connected"):
        fetch("org/name")
    assert hub.asked == []


def test_offline(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="org/name: offline: HF_HUB_OFFLINE forbids downloads"):
        fetch("org/name")
    assert hub.asked == []


def test_a_disk_that_is_too_small_is_said_before_the_download(bert_hub, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(ModelError, match=r"org/name: needs 0\.0 GB, and the disk of .* make room"):
        fetch("org/name")
    assert cached_snapshot("org/name") is None
    assert bert_hub.files


def test_a_disk_that_becomes_full(monkeypatch, hub_cache):  # noqa: ARG001
    def full(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huggingface_hub.snapshot_download", full)
    with pytest.raises(ModelError, match="the disk became full while it was downloaded"):
        fetch("org/name")


def test_a_misspelt_name_asks_no_server(hub):
    with pytest.raises(ModelError, match="expected ORG/NAME"):
        fetch("org/name/extra")
    assert hub.asked == []


def test_a_fetched_model_is_found_offline(bert_hub, monkeypatch):
    fetch("org/name")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert find_model("hf:org/name").dims == 16
    assert bert_hub.files
