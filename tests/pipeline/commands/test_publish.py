import json

import pytest

from pipeline.configuration import open_store
from pipeline.request import ComparisonRequest
from pipeline.run import run_plan
from pipeline.saved_views import open_saved_views

TOLD = {"corpus": "demo", "a": "control:onehot", "b": "control:lookup"}


@pytest.fixture
def saved(home):
    with open_store() as store, open_saved_views() as views:
        run_plan(ComparisonRequest("demo", TOLD["a"], TOLD["b"]).plan(store), store)
        views.save("compare", "Computed", "", TOLD, "ada")
        views.save("compare", "Phones", "", TOLD | {"unit": "Phone"}, "ada")
    return home


@pytest.mark.usefixtures("saved")
def test_a_bundle_is_written_and_its_size_told(run, tmp_path):
    out = tmp_path / "out"
    status, told, _ = run("publish", "--views", "computed", "--out", str(out), "--sounds", "2")
    size_bytes = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    assert status == 0
    assert f"1 views, 1 comparisons, 0 analyses, 2 recordings; {size_bytes / 2**20:.1f} MiB" in told
    assert f"make run BUNDLE={out}" in told
    assert len(list(out.rglob("*.flac"))) == 2


@pytest.mark.usefixtures("saved")
def test_what_is_not_computed_is_refused_or_left_out(run, run_json, tmp_path):
    asked = ("publish", "--views", "1", "2", "--out", str(tmp_path / "out"), "--no-sounds")
    status, _, error = run(*asked)
    assert status == 1
    assert "Phones: its result is not computed" in error
    assert "--unit phone" in error
    assert not (tmp_path / "out").exists()
    status, told = run_json(*asked, "--leave-out")
    assert (status, told["views"], told["recordings"]) == (0, 1, 0)
    assert told["left_out"][0].startswith("Phones: ")


@pytest.mark.usefixtures("saved")
def test_an_unknown_view_is_refused_with_those_that_there_are(run, tmp_path):
    status, _, error = run("publish", "--views", "Nope", "--out", str(tmp_path / "out"))
    assert (status, "1: Computed; 2: Phones" in error) == (1, True)


@pytest.mark.usefixtures("saved")
def test_commands_do_not_work_on_a_bundle(run, tmp_path, monkeypatch):
    out = str(tmp_path / "out")
    assert run("publish", "--views", "1", "--out", out, "--no-sounds")[0] == 0
    monkeypatch.setenv("LAYERSCOPE_BUNDLE", out)
    status, _, error = run("cache", "usage")
    assert (status, "LAYERSCOPE_BUNDLE is set" in error) == (1, True)
    assert json.loads((tmp_path / "out" / "bundle.json").read_text())["corpora"] == ["demo"]
