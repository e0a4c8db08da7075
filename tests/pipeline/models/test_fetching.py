from dataclasses import replace
from importlib import import_module
from types import ModuleType

import pytest

from pipeline.errors import ModelError
from pipeline.models import fetching
from pipeline.models.catalogue import find_model
from pipeline.models.fetching import fetch_model

ABSENT = replace(find_model("minilm"), name="far:away", on_disk=False, source="a shop")


@pytest.fixture
def far(monkeypatch):
    """A kind whose one model is not on this machine."""
    kind = ModuleType("far")
    vars(kind).update(PREFIXES=("far:",), describe=lambda _: ABSENT)
    catalogue = import_module("pipeline.models.catalogue")
    monkeypatch.setattr(catalogue, "KINDS", (*catalogue.KINDS, kind))
    return kind


def test_a_kind_that_can_download_does(far):
    asked = []
    far.fetch = lambda name: asked.append(name) or replace(ABSENT, on_disk=True)
    assert fetch_model("far:away").on_disk
    assert asked == ["far:away"]


def test_a_kind_that_cannot_says_where_the_model_is(far):
    assert not hasattr(far, "fetch")
    with pytest.raises(ModelError, match=r"far:away cannot be downloaded .* get it from a shop"):
        fetch_model("far:away")


@pytest.mark.parametrize("name", ["minilm", "control:lookup?seed=2", "s3prl:fbank"])
def test_what_is_here_is_not_downloaded(name):
    assert fetch_model(name) == find_model(name)


@pytest.mark.parametrize("name", ["nothing", "minilm?x=1", "hf:", "glove:absent.txt"])
def test_what_does_not_exist_is_refused(name):
    with pytest.raises(ModelError):
        fetch_model(name)


@pytest.mark.parametrize(
    ("name", "repository", "files"),
    [
        ("beats:BEATs_iter3", "lpepino/beats_ckpts", ("BEATs_iter3.pt",)),
        ("encodecmae:base", "lpepino/encodecmae-base", ("model.pt", "config.gin")),
    ],
)
def test_published_checkpoints_are_downloaded_by_their_files(
    hub_cache,  # noqa: ARG001 - an empty one
    monkeypatch,
    name,
    repository,
    files,
):
    asked = []
    monkeypatch.setattr(fetching, "download", lambda *arguments: asked.append(arguments))
    with pytest.raises(ModelError, match="cannot be downloaded by LayerScope"):
        fetch_model(name)
    assert asked == [(repository, None, files)]
