import json
import os

import pytest

from pipeline.bundle import LISTED, MARKER, bundle, is_bundle, read_bundle
from pipeline.errors import BundleError

VIEW = {
    "page": "compare",
    "name": "What I saw",
    "note": "",
    "saved_at_s": 1.5,
    "parameters": {"a": "minilm", "without": ["mel", "speaker"]},
}
SAID = {MARKER: 1, "views": [VIEW], "models": [{"name": "minilm"}], "corpora": ["demo"]}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "bundle"
    place.mkdir()
    (place / LISTED).write_text(json.dumps(SAID))
    read_bundle.cache_clear()
    return place


def test_a_server_shows_a_bundle_only_where_the_environment_names_one(home, folder, monkeypatch):
    assert bundle() is None
    monkeypatch.setenv("LAYERSCOPE_BUNDLE", str(folder))
    shown = bundle()
    assert shown.said == "This is a read-only bundle: it holds 1 view and what belongs to them."
    (view,) = shown.views
    assert (view.name, view.parameters) == (VIEW["name"], VIEW["parameters"])
    assert shown.corpora == ("demo",)
    assert shown.sound_of("demo", 7) == folder / "sounds" / "demo" / "000007.flac"
    assert not home.exists()


@pytest.mark.parametrize(
    "said",
    [
        {"views": []},
        {"views": None},
        {"views": [{**VIEW, "parameters": "x"}]},
        {"views": [{**VIEW, "saved_at_s": "soon"}]},
        {"corpora": ["../home"]},
        {"corpora": ["/etc"]},
        {"corpora": ["a/b"]},
        {"corpora": [".."]},
        {"corpora": ["a\n"]},
        {"models": [7]},
    ],
)
def test_a_list_that_says_what_it_cannot_say_is_refused(folder, said):
    (folder / LISTED).write_text(json.dumps(SAID | said))
    with pytest.raises(BundleError, match=r"damaged.*publish it again"):
        read_bundle(folder)


@pytest.mark.parametrize("text", ["", "[]", "7", "[" * 100_000, "{}", "\udcff"])
def test_what_is_no_list_is_no_bundle(folder, text):
    (folder / LISTED).write_bytes(text.encode(errors="surrogateescape"))
    assert not is_bundle(folder)
    with pytest.raises(BundleError, match="no bundle"):
        read_bundle(folder)


def test_another_version_is_refused(folder):
    (folder / LISTED).write_text(json.dumps(SAID | {MARKER: 2}))
    assert is_bundle(folder)
    with pytest.raises(BundleError, match="expected a bundle of version 1, found 2"):
        read_bundle(folder)


@pytest.mark.parametrize("place", ["sounds", "sounds/demo/000000.flac", "records.bin"])
def test_a_link_is_refused_wherever_it_leads(folder, tmp_path, place):
    target = tmp_path / "private"
    target.mkdir()
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).symlink_to(target)
    with pytest.raises(BundleError, match="is a link"):
        read_bundle(folder)


def test_what_is_no_file_is_refused_before_it_is_opened(folder):
    # Who opens a pipe waits until somebody writes into it.
    os.mkfifo(folder / "records.bin")
    with pytest.raises(BundleError, match="or no file"):
        read_bundle(folder)
