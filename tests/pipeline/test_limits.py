from dataclasses import replace

import pytest

from pipeline.corpus import open_corpus
from pipeline.errors import LimitError, SettingsError
from pipeline.limits import Limits, read_limits
from pipeline.models.catalogue import find_model


@pytest.fixture(scope="module")
def utterances():
    return open_corpus("demo").utterances


def test_without_limits_anything_may_be_asked_for(utterances):
    free = Limits()
    free.refuse_more_jobs(["ada"] * 1000, "ada")
    free.refuse_larger(utterances * 1000)
    free.refuse_models([find_model("minilm")])


def test_one_person_is_stopped_at_their_own_limit_and_another_is_not():
    limits = Limits(jobs_per_user=2)
    limits.refuse_more_jobs(["ada", "ben", "ben", "ben"], "ada")
    with pytest.raises(LimitError, match=r"yours that wait or run: 2; .*MAX_JOBS_PER_USER"):
        limits.refuse_more_jobs(["ada", "ben", "ada"], "ada")


def test_all_are_stopped_at_the_limit_of_all():
    limits = Limits(jobs=3)
    limits.refuse_more_jobs(["ada", "ben"], "eva")
    with pytest.raises(LimitError, match=r"that wait or run: 3; .*LAYERSCOPE_MAX_JOBS\)"):
        limits.refuse_more_jobs(["ada", "ben", "ben"], "eva")


def test_a_job_may_be_as_large_as_the_limit_and_no_larger(utterances):
    Limits(utterances=len(utterances)).refuse_larger(utterances)
    with pytest.raises(LimitError, match="a job may be about 3 here"):
        Limits(utterances=3).refuse_larger(utterances[:4])


def test_hours_are_those_of_the_speech(utterances):
    half_an_hour = [replace(utterances[0], duration_s=600.0)] * 3
    Limits(hours=0.5).refuse_larger(half_an_hour)
    with pytest.raises(LimitError, match=r"0\.5 hours of speech, and a job may be about 0\.49"):
        Limits(hours=0.49).refuse_larger(half_an_hour)


@pytest.mark.parametrize(
    ("patterns", "allowed"),
    [
        (("minilm",), True),
        (("MINILM",), False),
        (("s3prl:*", "text_transformer"), True),
        (("s3prl:*",), False),
        (("mini",), False),
        (("*",), True),
    ],
)
def test_models_are_allowed_by_name_or_family(patterns, allowed):
    limits, spec = Limits(models=patterns), find_model("minilm")
    if allowed:
        limits.refuse_models([spec])
    else:
        with pytest.raises(LimitError, match=r"minilm may not be used.*LAYERSCOPE_ALLOWED_MODELS"):
            limits.refuse_models([spec])


@pytest.mark.usefixtures("home")
def test_limits_are_those_of_the_environment(monkeypatch):
    assert read_limits() == Limits()
    for name, value in {
        "MAX_JOBS": "9",
        "MAX_JOBS_PER_USER": "2",
        "MAX_UTTERANCES": "1000",
        "MAX_HOURS": "1.5",
        "ALLOWED_MODELS": "minilm, control:*",
    }.items():
        monkeypatch.setenv(f"LAYERSCOPE_{name}", value)
    assert read_limits() == Limits(9, 2, 1000, 1.5, ("minilm", "control:*"))
    monkeypatch.setenv("LAYERSCOPE_MAX_UTTERANCES", "lots")
    with pytest.raises(SettingsError, match="how many utterances one job may be about"):
        read_limits()
