import pytest
from s3prl.util import download

from pipeline.errors import ModelError
from pipeline.models.known import s3prl_files
from pipeline.models.known.s3prl import describe
from pipeline.models.s3prl_download import fetch


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where downloads go, empty; and no wish to be offline."""
    folder = tmp_path / "download"
    monkeypatch.setattr(s3prl_files, "download_folder", lambda: folder)
    monkeypatch.delenv("LAYERSCOPE_OFFLINE", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return folder


@pytest.fixture
def server(monkeypatch):
    """A network that gives any address these bytes, or raises this error."""

    def serve(content):
        def write(_, destination):
            if isinstance(content, Exception):
                raise content
            destination.write_bytes(content)

        monkeypatch.setattr(download, "_download_url_to_file", write)
        monkeypatch.setattr(download, "_download_url_to_file_requests", write)

    return serve


def test_weights_are_fetched_once(server, folder, s3prl_checkpoint):
    server(s3prl_checkpoint("hubert_local").read_bytes())
    spec = fetch("s3prl:hubert")
    assert spec == describe("s3prl:hubert")
    assert spec.on_disk
    assert str(folder) in spec.source
    server(ConnectionError("asked again"))
    assert fetch("s3prl:hubert") == spec


@pytest.mark.parametrize("variable", ["LAYERSCOPE_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_nothing_is_asked_for(variable, server, monkeypatch):
    server(AssertionError("the network was asked"))
    monkeypatch.setenv(variable, "1")
    with pytest.raises(ModelError, match=f"{variable} forbids downloads; unset it, or bring https"):
        fetch("s3prl:wavlm_large")


@pytest.mark.parametrize("error", [ConnectionError("no route"), KeyError("Content-Length")])
def test_a_network_that_fails_is_one_line(error, server):
    server(error)
    with pytest.raises(ModelError, match=r"cannot be downloaded .*connected\?") as said:
        fetch("s3prl:wavlm_large")
    assert len(str(said.value).splitlines()) == 1


def test_a_download_cut_short_is_not_kept(server, folder, s3prl_checkpoint):
    server(s3prl_checkpoint("hubert_local").read_bytes()[:10_000])
    with pytest.raises(ModelError, match="copy or download it again"):
        fetch("s3prl:hubert")
    assert not describe("s3prl:hubert").on_disk
    assert [path for path in folder.iterdir() if path.suffix == ".pt"] == []


def test_what_needs_no_download_is_found():
    assert fetch("s3prl:fbank") == describe("s3prl:fbank")


def test_unknown_names_are_refused():
    with pytest.raises(ModelError, match="did you mean s3prl:wavlm"):
        fetch("s3prl:wavlmm")
