import json

import numpy as np
import pytest
import soundfile

from pipeline.alignments.textgrid_writer import write_textgrid
from pipeline.configuration import home as home_folder
from pipeline.configuration import open_store
from pipeline.corpus import open_corpus
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.flags import Flag
from pipeline.corpus.registry import add_corpus
from pipeline.engine import open_queue
from pipeline.rendering import store_recording_view
from pipeline.request import ComparisonRequest
from pipeline.time_axis import FrameTimes, Interval
from pipeline.words.storage import WordEmbeddings, failure_key, put_embeddings

TWO = {"model": "s3prl:fbank", "model2": "s3prl:mel", "utterance": "ada-01"}


def texts(test):
    return "\n".join(
        str(element.value) for kind in ("markdown", "caption", "text") for element in test.get(kind)
    )


def embed(store, model, frames_of_a_word):
    """Store embeddings of ada-01 with so many frames for each word but the last, which has none."""
    request = ComparisonRequest("demo", model, model)
    count = len(open_corpus("demo").by_id["ada-01"].words) - 1
    first = frames_of_a_word * np.arange(count, dtype=np.int32)
    embeddings = WordEmbeddings(
        np.zeros((1, count, 2), dtype=np.float32),
        np.arange(count, dtype=np.int32),
        np.stack([first, first + frames_of_a_word], axis=1),
        FrameTimes.regular(
            frames_of_a_word * count, sample_rate_hz=16_000, stride_samples=160, window_samples=400
        ),
    )
    put_embeddings(store, request.plan(store).a.keys["ada-01"], embeddings, {})


def fail(store, model, reason):
    key = ComparisonRequest("demo", model, model).plan(store).a.keys["ada-01"]
    store.delete(key)
    store.put(failure_key(key), {}, {"reason": reason})


def tracks(test):
    (view,) = test.get("bidi_component")
    return [track["name"] for track in json.loads(view.proto.json)["tracks"]]


def metrics(test):
    return {metric.label.replace("\\", ""): metric.value for metric in test.metric}


@pytest.fixture
def drawn(app):  # noqa: ARG001 - for its home folder
    """The recording ada-01, drawn, and in the filterbank three frames a word, none for the last."""
    corpus = open_corpus("demo")
    utterance = corpus.by_id["ada-01"]
    with open_store() as store:
        store_recording_view(store, utterance, audio_digests(corpus, store)["ada-01"])
        embed(store, "s3prl:fbank", 3)
    return utterance


def test_what_is_missing_of_a_recording_is_asked_for(app):
    test = app("alignments", model="s3prl:fbank", utterance="ada-01")
    with open_queue() as queue:
        (job,) = queue.active()
    assert job.kind == "view"
    assert job.task["utterance"] == "ada-01"
    assert job.task["model"] == "s3prl:fbank"
    assert "Computing what is missing of this recording" in texts(test)


def test_a_selected_word_is_told_in_numbers(app, drawn):
    test = app("alignments", model="s3prl:fbank", utterance="ada-01", word="1")
    word, time, length, frames = test.metric
    interval = drawn.word_intervals[1]
    assert word.value == drawn.words[1]
    assert time.value == f"{interval.start:.3f}–{interval.end:.3f} s"
    assert length.value == f"{1000 * (interval.end - interval.start):.0f} ms"
    assert frames.value == "3 (3 to 5)"
    assert "Computing" not in texts(test)


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("word", ["99", "-1", "x", "1.5", "<b>"])
def test_a_word_that_does_not_exist_selects_none(app, word):
    test = app("alignments", model="s3prl:fbank", utterance="ada-01", word=word)
    assert list(test.metric) == []
    assert "Click a word to hear it" in texts(test)


def test_a_search_keeps_the_utterances_that_hold_the_word(app):
    expected = [u.id for u in open_corpus("demo").utterances if "piano" in u.words]
    test = app("alignments", search=" Piano ")
    assert test.selectbox(key="utterance").options == expected
    test = app("alignments", search="zzz")
    assert "No utterance found" in texts(test)
    assert "demo has none that holds the word 'zzz'." in texts(test)
    assert not test.get("bidi_component")
    next(button for button in test.button if button.label == "Clear the search").click().run()
    assert test.selectbox(key="utterance").options == [u.id for u in open_corpus("demo").utterances]


def test_an_utterance_that_failed_says_why(app, drawn):
    with open_store() as store:
        fail(store, "s3prl:fbank", f"{drawn.audio}: too short")
    test = app("alignments", model="s3prl:fbank", utterance="ada-01")
    assert "too short" in texts(test)


def test_only_models_that_hear_are_offered(app):
    options = app("alignments").selectbox(key="model").options
    assert "s3prl:fbank" in options
    assert "minilm" not in options


def test_a_recording_that_cannot_be_computed_says_why_and_is_tried_again_only_when_asked(app):
    app("alignments", model="s3prl:fbank", utterance="ada-01")
    with open_queue() as queue:
        (job,) = queue.active()
        queue.claim(job)
        queue.finish(job, "ada-01.flac: is cut short")
    test = app("alignments", model="s3prl:fbank", utterance="ada-01")
    assert "This could not be computed: ada-01.flac: is cut short" in texts(test)
    assert "Computing what is missing" not in texts(test)
    with open_queue() as queue:
        assert queue.find(job.digest).state == "failed"
    next(button for button in test.button if button.label == "Try again").click().run()
    assert "Computing what is missing" in texts(test)
    with open_queue() as queue:
        assert queue.find(job.digest).is_active


@pytest.mark.usefixtures("drawn")
def test_two_models_are_drawn_and_told_below_each_other(app):
    with open_store() as store:
        embed(store, "s3prl:mel", 2)
    test = app("alignments", word="1", **TWO)
    assert tracks(test) == ["s3prl:fbank", "s3prl:mel"]
    told = metrics(test)
    assert told["Frames of s3prl:fbank"] == "3 (3 to 5)"
    assert told["Frames of s3prl:mel"] == "2 (2 to 3)"
    assert "model2=s3prl%3Amel" in test.code[0].value


@pytest.mark.usefixtures("drawn")
def test_one_model_is_drawn_where_no_second_is_named_or_the_same(app):
    for second in ({}, {"model2": "s3prl:fbank"}, {"model2": "minilm"}):
        test = app("alignments", model="s3prl:fbank", utterance="ada-01", **second)
        assert tracks(test) == ["s3prl:fbank"]
        assert "model2" not in test.code[0].value


@pytest.mark.usefixtures("drawn")
def test_only_the_model_that_is_missing_is_asked_for_and_the_other_is_there_meanwhile(app):
    test = app("alignments", word="1", **TWO)
    with open_queue() as queue:
        (job,) = queue.active()
    assert job.task["model"] == "s3prl:mel"
    assert "Computing what is missing" in texts(test)
    assert tracks(test) == ["s3prl:fbank", "s3prl:mel"]
    assert list(metrics(test))[-1] == "Frames of s3prl:fbank"


def test_both_models_are_asked_for_each_by_itself(app):
    app("alignments", **TWO)
    with open_queue() as queue:
        assert {job.task["model"] for job in queue.active()} == {"s3prl:fbank", "s3prl:mel"}


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("failed", ["s3prl:fbank", "s3prl:mel"])
def test_a_model_that_fails_leaves_the_other(app, failed):
    (other,) = {"s3prl:fbank", "s3prl:mel"} - {failed}
    with open_store() as store:
        embed(store, "s3prl:mel", 2)
        fail(store, failed, "too short")
    test = app("alignments", word="1", **TWO)
    assert tracks(test) == [other]
    assert f"{failed}: too short" in texts(test)
    assert f"Frames of {other}" in metrics(test)


@pytest.mark.usefixtures("drawn")
def test_a_model_whose_job_fails_leaves_the_other_and_is_tried_again_alone(app):
    app("alignments", **TWO)
    with open_queue() as queue:
        (job,) = queue.active()
        queue.claim(job)
        queue.finish(job, "no memory")
    test = app("alignments", word="1", **TWO)
    assert "What s3prl:mel makes of it could not be computed: no memory" in texts(test)
    assert "Frames of s3prl:fbank" in metrics(test)
    test.button(key="again-s3prl:mel").click().run()
    with open_queue() as queue:
        assert queue.find(job.digest).is_active


def test_a_model_that_is_refused_leaves_the_other(app, monkeypatch):
    monkeypatch.setenv("LAYERSCOPE_MAX_JOBS_PER_USER", "1")
    test = app("alignments", **TWO)
    with open_queue() as queue:
        (job,) = queue.active()
    assert job.task["model"] == "s3prl:fbank"
    assert "Computing what is missing" in texts(test)
    assert len(test.get("bidi_component")) == 1


def test_a_speaker_keeps_their_utterances(app):
    expected = [u.id for u in open_corpus("demo").utterances if u.speaker == "ben"]
    test = app("alignments", said_by="ben")
    assert test.selectbox(key="utterance").options == expected
    assert test.selectbox(key="utterance").label == f"Utterance ({len(expected):,})"
    assert "said_by=ben" in test.code[0].value


@pytest.fixture
def flawed(home, tmp_path):  # noqa: ARG001 - where it is registered
    """A corpus of three utterances: one sound, one with odd words, one with a note."""
    root = tmp_path / "speech"
    (root / "eva").mkdir(parents=True)
    tiers = {
        "a": (("one", 0.0, 0.5), ("two", 0.5, 1.0)),
        "b": (("one", 0.0, 0.02), ("two", 0.5, 2.9)),
        "c": (("one", 0.0, 0.5),),
    }
    for name, words in tiers.items():
        noise = np.random.default_rng(0).uniform(-0.5, 0.5, 48_000)
        soundfile.write(root / "eva" / f"{name}.wav", noise, 16_000)
        (root / "eva" / f"{name}.txt").write_text("one two")
        intervals = [Interval(*word) for word in words]
        write_textgrid(root / "eva" / f"{name}.TextGrid", {"words": intervals}, 3.0)
    add_corpus("flawed", root, None, home_folder())


@pytest.mark.usefixtures("flawed")
def test_a_problem_keeps_the_utterances_that_have_it(app):
    def found(flag):
        return app("alignments", corpus="flawed", flag=flag).selectbox(key="utterance").options

    assert found("All") == ["a", "b", "c"]
    assert found("Any note or flag") == ["b", "c"]
    assert found("Very long words") == ["b"]
    assert found("Words without a time") == found("Notes of the corpus check") == ["c"]
    test = app("alignments", corpus="flawed", flag="Low sample rate")
    assert "No utterance found" in texts(test)


@pytest.mark.usefixtures("flawed")
def test_odd_words_are_listed_and_a_click_selects_one(app):
    test = app("alignments", corpus="flawed", utterance="b")
    assert "shorter than 30 ms" in texts(test)
    assert "longer than 2 s" in texts(test)
    test.button(key="flag-1").click().run()
    assert test.query_params["word"] == "1"
    assert metrics(test)["Word"] == "two"


@pytest.mark.usefixtures("flawed")
def test_a_word_without_a_time_is_flagged_with_the_note_that_says_why(app):
    test = app("alignments", corpus="flawed", utterance="c")
    assert test.button(key="flag-1").label == "two"
    assert "the alignment does not say when it was spoken" in texts(test)
    assert "Words left out: the alignment does not say when these words" in texts(test)
    test.button(key="flag-1").click().run()
    assert metrics(test)["Time"] == "unknown"


@pytest.mark.usefixtures("flawed")
def test_a_sound_utterance_says_that_nothing_is_odd(app):
    assert "Nothing is odd" in texts(app("alignments", corpus="flawed", utterance="a"))


def test_what_is_odd_in_the_whole_utterance_names_no_word(app, monkeypatch):
    flag = Flag("rate", "sampled at 8000 Hz, so that high frequencies lack")
    monkeypatch.setattr("dashboard.loading.flags", lambda *_: (flag,))
    test = app("alignments")
    assert "Sampled at 8000 Hz, so that" in texts(test)
    assert not [button for button in test.button if str(button.key).startswith("flag-")]


@pytest.mark.usefixtures("drawn")
def test_a_word_without_a_frame_is_flagged_for_its_model(app):
    test = app("alignments", model="s3prl:fbank", utterance="ada-01")
    assert "no frame of s3prl:fbank" in texts(test)


@pytest.mark.usefixtures("flawed", "oidc")
def test_a_viewer_is_not_told_what_a_note_says_of_files(app, sign_in_as):
    sign_in_as("eva")
    test = app("alignments", corpus="flawed", utterance="c")
    assert "Words left out; what it is is not shown to you" in texts(test)
    assert "does not say when these words" not in texts(test)
