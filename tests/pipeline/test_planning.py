from dataclasses import replace

import numpy as np
import pytest

from pipeline.corpus import open_corpus
from pipeline.errors import SettingsError
from pipeline.models import find_model
from pipeline.planning import coverage, fitting_warnings, forget_failures, make_plan
from pipeline.settings import AlignmentSettings
from pipeline.words.storage import failure_key

WORDS = AlignmentSettings()


@pytest.fixture(scope="module")
def demo():
    return open_corpus("demo")


def plan_of(demo, store, a="minilm", b="s3prl:fbank", settings=WORDS):
    return make_plan(demo, find_model(a), find_model(b), settings, store)


def test_an_empty_store_misses_everything_in_order(demo, store):
    plan = plan_of(demo, store)
    for side in plan.sides:
        found = coverage(side, store)
        assert list(found.missing) == [utterance.id for utterance in demo.utterances]
        assert found.done == ()
        assert found.failed == {}


def test_utterances_with_the_same_words_share_a_text_model_s_embedding(demo, store):
    side = plan_of(demo, store).a
    one, *_, other = (u for u in demo.utterances if u.words == demo.utterances[0].words)
    store.put(side.keys[one.id], {"vectors": np.zeros(1)})
    assert set(coverage(side, store).done) == {one.id, other.id}


def test_a_failure_is_told_with_its_reason_until_it_is_forgotten(demo, store):
    plan = plan_of(demo, store)
    store.put(failure_key(plan.b.keys["ada-01"]), {}, {"reason": "it is broken"})
    found = coverage(plan.b, store)
    assert found.failed == {"ada-01": "it is broken"}
    assert "ada-01" not in found.missing
    forget_failures(plan, store)
    assert "ada-01" in coverage(plan.b, store).missing


def test_a_model_that_meets_itself_is_one_side(demo, store):
    assert len(plan_of(demo, store, a="s3prl:fbank").sides) == 1


def test_controls_need_no_embeddings(demo, store):
    side = plan_of(demo, store, b="control:onehot").b
    assert side.keys == {}
    assert coverage(side, store).missing == ()


def test_an_utterance_whose_audio_is_gone_is_not_planned(demo, store, tmp_path):
    gone = replace(demo.utterances[0], audio=tmp_path / "gone.flac")
    corpus = replace(demo, utterances=(gone, *demo.utterances[1:]))
    plan = plan_of(corpus, store)
    assert gone.id not in plan.b.keys
    assert gone.id not in {utterance.id for utterance in plan.utterances}


def test_phones_of_a_text_model_are_refused_with_what_to_do(demo, store):
    with pytest.raises(SettingsError, match="minilm reads text, which has no phones; choose"):
        plan_of(demo, store, settings=AlignmentSettings(unit="phone"))


@pytest.mark.parametrize(
    ("model", "settings", "said"),
    [
        ("s3prl:fbank", AlignmentSettings(), []),
        ("s3prl:fbank", AlignmentSettings(sample_rate_hz=16_000, stride_ms=10.0), []),
        ("s3prl:fbank", AlignmentSettings(sample_rate_hz=8_000), ["made for 16000 Hz"]),
        ("s3prl:fbank", AlignmentSettings(stride_ms=20.0), ["a frame every 10 ms"]),
        ("minilm", AlignmentSettings(sample_rate_hz=8_000, stride_ms=20.0), []),
    ],
)
def test_settings_that_do_not_fit_are_warned_of(model, settings, said):
    warnings = fitting_warnings(find_model(model), settings)
    assert len(warnings) == len(said)
    assert all(text in warning for text, warning in zip(said, warnings, strict=True))


COARSE = replace(find_model("s3prl:fbank"), name="coarse", stride_samples=2560)


@pytest.mark.parametrize("rule", ["centre", "thesis", "pasad"])
def test_frames_half_as_long_as_words_are_to_be_weighted(rule):
    (warning,) = fitting_warnings(COARSE, AlignmentSettings(frame_rule=rule))
    assert warning.startswith("coarse: a frame every 160 ms is about 1.9 a word")
    assert "Choose the frame rule 'Overlap'" in warning
    assert fitting_warnings(COARSE, AlignmentSettings(frame_rule="overlap")) == ()


@pytest.mark.parametrize(("stride_ms", "is_coarse"), [(40.0, False), (40.1, True)])
def test_over_40_ms_a_stride_is_coarse_also_where_the_settings_give_it(stride_ms, is_coarse):
    settings = AlignmentSettings(stride_ms=stride_ms)
    warnings = fitting_warnings(find_model("s3prl:fbank"), settings)
    assert any("Overlap" in warning for warning in warnings) == is_coarse
    assert fitting_warnings(find_model("minilm"), settings) == ()
