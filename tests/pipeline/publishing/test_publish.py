"""A bundle gives what its source gave, bit for bit, and nothing else of it."""

import dataclasses
import getpass
import json
import re
import shutil
from urllib.parse import urlencode

import numpy as np
import pytest
import soundfile

from cache import FrozenStore
from pipeline.analyses import load_analysis
from pipeline.bundle import LISTED, bundle, read_bundle
from pipeline.cached_results import cached_comparisons
from pipeline.comparison import load_result
from pipeline.configuration import home as home_folder
from pipeline.configuration import open_store
from pipeline.corpus.demonstration import open_demonstration
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.registry import add_corpus
from pipeline.errors import BundleError, CorpusError, ModelError
from pipeline.library import open_corpus
from pipeline.models.catalogue import find_model, known_models
from pipeline.planning import coverage
from pipeline.publishing import choose_views, publish
from pipeline.recording_view import get_recording_view
from pipeline.rendering import mel_levels
from pipeline.request import ComparisonRequest
from pipeline.run import run_plan
from pipeline.saved_views import open_saved_views
from pipeline.sound import as_wav
from pipeline.view_parameters import comparison_parameters, requests_of
from pipeline.words.storage import failure_key, get_embeddings

GLOVE, LEVEL = "glove:my vectors.txt", "python:level_model:Level"
SHOWN = ComparisonRequest("demo", GLOVE, LEVEL)


def test_results_and_analyses_are_those_of_the_source_bit_for_bit(published):
    with open_store() as store:
        plan = SHOWN.plan(store)
        for estimator, before in published.results.items():
            now = load_result(plan, store, estimator)
            for name in ("scores", "chance", "chance_sd"):
                assert getattr(now, name).tobytes() == getattr(before, name).tobytes()
            assert (now.counts, now.row_digest) == (before.counts, before.row_digest)
            assert now.layer_names_b == before.layer_names_b
        for asked, before in published.analyses:
            now = load_analysis(dataclasses.replace(asked, comparison=SHOWN), plan, store)
            for name, value in vars(before).items():
                if isinstance(value, np.ndarray):
                    assert getattr(now, name).tobytes() == value.tobytes(), name
                else:
                    assert getattr(now, name) == value, name
    assert (published.report.views, published.report.comparisons) == (4, 1)
    assert (published.report.analyses, published.report.recordings) == (3, 5)


def test_only_what_the_views_need_is_in_it(published):
    with open_store() as store:
        kinds = {kind: len(list(store.find(kind))) for kind in {e.kind for e in store.find()}}
        listed, left_out = cached_comparisons(store)
    texts = len({" ".join(each.words) for each in open_demonstration().utterances})
    assert kinds == {
        "bundled corpus": 1,
        "comparison": 1,
        "analysis": 3,
        "embedding": 80 + texts,
        "recording view": 5,
    }
    assert ([each.request for each in listed], left_out) == ([SHOWN], 0)
    files = {str(path.relative_to(published.folder)) for path in published.folder.rglob("*")}
    sounds = {path for path in files if path.endswith(".flac")}
    assert len(sounds) == 5
    assert files - sounds == {LISTED, "records.bin", "records.json", "sounds", "sounds/demo"}
    size_bytes = sum(p.stat().st_size for p in published.folder.rglob("*") if p.is_file())
    assert published.report.size_bytes == size_bytes


@pytest.mark.usefixtures("published")
def test_no_vector_is_in_it_but_the_frames_are():
    with open_store() as store:
        plan = SHOWN.plan(store)
        for side in plan.sides:
            assert not coverage(side, store).missing
            for key in side.keys.values():
                assert get_embeddings(store, key).vectors.size == 0
        found = get_embeddings(store, plan.b.keys["ben-02"])
    words = plan.corpus.by_id["ben-02"].words
    assert len(found.token_ids) == len(found.spans) <= len(words)
    assert found.frames.start_s[1] == pytest.approx(0.02)


def test_nothing_of_the_source_s_places_people_or_other_views_is_in_it(published):
    content = b"".join(p.read_bytes() for p in published.folder.rglob("*") if p.is_file())
    for private in (
        str(published.source),
        "private models",
        "ada@lab",
        "secret",
        "Not chosen",
        "onehot",
    ):
        assert private.encode() not in content, private
    assert str(open_demonstration().root).encode() not in content
    text = (published.folder / LISTED).read_text() + (published.folder / "records.json").read_text()
    assert getpass.getuser() not in re.findall(r"[\w.-]+", text)
    # A path of at least two folders, in a text.
    assert not re.search(rb'"[^"]*(?<![\w:/])/[\w. -]+/[\w. -]+', text.encode())


@pytest.mark.usefixtures("published")
def test_views_are_listed_and_open_by_the_bundle_s_names():
    with open_saved_views() as views:
        listed, count = views.search("", 10)
    assert [view.name for view in listed[1:]] == ["A recording", "Its words", "The heatmap"]
    assert count == 4
    assert {view.saved_by for view in listed} == {"the bundle"}
    for view in listed:
        (request,) = requests_of(view.page, view.parameters)
        assert request.model_b == LEVEL
        assert request.model_a in (GLOVE, LEVEL)
    (heatmap,) = [view for view in listed if view.name == "The heatmap"]
    assert (heatmap.note, heatmap.parameters["lb"]) == ("look at layer 1", "1")


@pytest.mark.usefixtures("published")
def test_its_corpus_says_what_the_source_s_said_and_can_be_heard(store):
    with open_store() as shown:
        corpus, source = open_corpus("demo", store=shown), open_demonstration()
        digests = audio_digests(corpus, shown)
        assert corpus.fingerprint == source.fingerprint
        assert digests == audio_digests(source, store)
        for ours, theirs in zip(corpus.utterances, source.utterances, strict=True):
            assert (ours.words, ours.speaker, ours.sex) == (
                theirs.words,
                theirs.speaker,
                theirs.sex,
            )
            assert list(ours.word_intervals) == list(theirs.word_intervals)
        there = [each for each in corpus.utterances if each.audio.is_file()]
        # Those that the views and analyses name come first.
        assert "ben-02" in {each.id for each in there}
        for each in there:
            theirs = source.by_id[each.id]
            assert as_wav(each.audio) == as_wav(theirs.audio)
            view = get_recording_view(shown, digests[each.id])
            waveform, _ = soundfile.read(theirs.audio, dtype="float32")
            assert view.spectrogram.shape == mel_levels(waveform).shape


@pytest.fixture
def speech(tmp_path, home):
    """A registered corpus with a part of a recording, a wrong alignment, and paths in its texts."""
    folder, times = tmp_path / "my speech", tmp_path / "my times"
    folder.mkdir()
    times.mkdir()
    rng = np.random.default_rng(0)
    soundfile.write(folder / "long.wav", 0.1 * rng.standard_normal((32_000, 2)), 16_000)
    for name in ("long", "two", "bad"):
        text = "0.1 0.6 so\n1.1 1.7 it\n" if name != "bad" else "no times"
        (times / f"{name}.txt").write_text(text.replace(" ", "\t"))
    for name in ("two", "bad"):
        soundfile.write(folder / f"{name}.wav", 0.1 * rng.standard_normal(32_000), 16_000)
    (folder / "manifest.csv").write_text(
        "id,speaker,audio,transcript,start,end,origin\n"
        f"part,ada,long.wav,it,1.0,1.9,{folder}/long.wav\n"
        "two,ada,two.wav,so it,,,\nbad,ada,bad.wav,so,,,\n"
    )
    home.mkdir()
    add_corpus("speech", folder, times, home)
    return folder


def told_of(folder, *private):
    """Return which private texts a bundle holds."""
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return [text for text in (*private, "my speech", "my times") if text.encode() in content]


def test_a_corpus_of_one_s_own_comes_without_its_places(
    speech, quick_models, tmp_path, monkeypatch
):
    request = ComparisonRequest("speech", quick_models[1], "control:duration")
    with open_store() as store, open_saved_views() as views:
        plan = request.plan(store)
        assert set(plan.a.keys) == {"part", "two"}
        run_plan(plan, store)
        before = load_result(plan, store)
        source = {each.id: as_wav(each.audio, each.segment) for each in plan.corpus.utterances}
        chosen = choose_views([urlencode(comparison_parameters(request))], views)
        done = publish(chosen, tmp_path / "made", store)
    assert (done.recordings, done.without_sound) == (2, ())
    assert told_of(tmp_path / "made", str(tmp_path)) == []
    shutil.rmtree(speech)
    monkeypatch.setenv("LAYERSCOPE_BUNDLE", str(tmp_path / "made"))
    with open_store() as shown:
        corpus = open_corpus("speech", store=shown)
        now = load_result(
            requests_of("compare", bundle().views[0].parameters)[0].plan(shown), shown
        )
    assert now.scores.tobytes() == before.scores.tobytes()
    assert {each.id: as_wav(each.audio, each.segment) for each in corpus.utterances} == source
    assert corpus.by_id["part"].metadata == {"origin": "long.wav"}
    (problem,) = [each for each in corpus.problems if each.utterance == "bad"]
    assert not problem.file.is_absolute()


def test_why_an_utterance_failed_is_told_without_its_places(
    speech, quick_models, tmp_path, monkeypatch
):
    request = ComparisonRequest("speech", quick_models[1], "control:duration")
    with open_store() as store, open_saved_views() as views:
        plan = request.plan(store)
        note = failure_key(plan.a.keys["two"])
        reason = f"{speech}/two.wav: see {tmp_path}/logs/x.txt"
        store.put(note, {}, {"utterance": "two", "reason": reason})
        run_plan(plan, store)
        chosen = choose_views([urlencode(comparison_parameters(request))], views)
        publish(chosen, tmp_path / "made", store, most_sounds=0)
    assert told_of(tmp_path / "made", str(tmp_path)) == []
    monkeypatch.setenv("LAYERSCOPE_BUNDLE", str(tmp_path / "made"))
    with open_store() as shown:
        found = coverage(request.plan(shown).a, shown)
    assert found.failed == {"two": "two.wav: see x.txt"}


def test_other_models_and_corpora_are_not_there(published):
    assert [spec.name for spec in known_models()] == [GLOVE, LEVEL]
    with pytest.raises(ModelError, match=r"no model of this bundle; it has glove:my vectors.txt"):
        find_model("minilm")
    for name in ("other", str(published.folder), "../moved"):
        with pytest.raises(CorpusError, match="no corpus of this bundle"):
            open_corpus(name)


def test_it_is_shown_where_nothing_can_be_written(published):
    before = {p: p.stat().st_mtime_ns for p in published.folder.rglob("*")}
    with open_store() as store:
        assert isinstance(store, FrozenStore)
        assert load_result(SHOWN.plan(store), store) is not None
    assert not home_folder().is_relative_to(published.folder)
    assert {p: p.stat().st_mtime_ns for p in published.folder.rglob("*")} == before


@pytest.fixture
def saved(home, quick_models):  # noqa: ARG001 - a home folder of its own
    """A home with a view that is computed, and one that is not."""
    read, hear = quick_models
    with open_store() as store, open_saved_views() as views:
        run_plan(ComparisonRequest("demo", "control:onehot", "control:lookup").plan(store), store)
        told = {"corpus": "demo", "a": "control:onehot", "b": "control:lookup"}
        views.save("compare", "Computed", "", told, "ada")
        views.save("compare", "Not computed", "", told | {"a": read, "b": hear}, "ada")
        heard = {"corpus": "demo", "model": hear, "utterance": "ada-01"}
        views.save("alignments", "Not heard", "", heard, "ada")
        yield store, views


def test_views_that_are_not_computed_are_refused_before_anything_is_written(saved, tmp_path):
    store, views = saved
    chosen = choose_views(["Computed", "Not computed", "Not heard"], views)
    with pytest.raises(BundleError) as refused:
        publish(chosen, tmp_path / "out", store)
    assert "python -m pipeline cka --corpus demo --model1" in str(refused.value)
    assert "Not heard: what python:level_model:Level makes of ada-01" in str(refused.value)
    assert not list(tmp_path.glob("*out*"))
    done = publish(chosen, tmp_path / "out", store, leave_out=True, most_sounds=0)
    assert (done.views, done.recordings, len(done.left_out)) == (1, 0, 2)
    read_bundle.cache_clear()
    made = read_bundle(tmp_path / "out")
    assert [view.name for view in made.views] == ["Computed"]
    assert [each["name"] for each in made.models] == ["control:onehot", "control:lookup"]
    with pytest.raises(BundleError, match="nothing is written"):
        publish(choose_views(["Not heard"], views), tmp_path / "two", store, leave_out=True)


def test_an_older_bundle_is_replaced_as_a_whole_and_nothing_else_is(saved, tmp_path, home):
    store, views = saved
    chosen, out = choose_views(["Computed"], views), tmp_path / "out"
    publish(chosen, out, store, most_sounds=3)
    assert len(list(out.rglob("*.flac"))) == 3
    publish(chosen, out, store, most_sounds=1)
    assert len(list(out.rglob("*.flac"))) == 1
    assert sorted(path.name for path in tmp_path.iterdir() if "out" in path.name) == ["out"]
    other = tmp_path / "documents"
    other.mkdir()
    publish(chosen, other, store, most_sounds=0)
    shutil.rmtree(other)
    other.mkdir()
    (other / "thesis.tex").write_text("years")
    for taken in (other, other / "thesis.tex", home / "bundle"):
        with pytest.raises(BundleError):
            publish(chosen, taken, store)
    assert (other / "thesis.tex").read_text() == "years"


def test_a_note_that_names_a_folder_of_this_machine_is_refused(saved, tmp_path, home):
    store, views = saved
    told = views.find(1).parameters
    views.save("compare", "Leaky", f"see {home.resolve()}/store", told, "ada")
    with pytest.raises(BundleError, match="which a bundle may not tell"):
        publish(choose_views(["Leaky"], views), tmp_path / "out", store)
    assert not list(tmp_path.glob("*out*"))


def test_a_model_s_list_of_strangers_is_refused(published):
    said = json.loads((published.folder / LISTED).read_text())
    for changed in ({"layer_names": 7}, {"modality": "code"}, {"dims": "many"}, {"name": None}):
        models = [{**said["models"][0], **changed}]
        if changed == {"name": None}:
            del models[0]["name"]
        (published.folder / LISTED).write_text(json.dumps(said | {"models": models}))
        read_bundle.cache_clear()
        with pytest.raises(BundleError, match="what it says of a model is damaged"):
            known_models()
