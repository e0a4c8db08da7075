import pytest

from pipeline.errors import ModelError
from pipeline.models.known.options import SEED, TEXT, split_options, split_precision, with_options


def test_options_are_taken_off_the_name_and_defaults_are_dropped():
    assert split_options("m?tokens=first&context=word", TEXT) == (
        "m",
        {"tokens": "first", "context": "word"},
    )
    assert split_options("m?tokens=mean&context=utterance", TEXT) == ("m", {})
    assert split_options("m?seed=0", SEED) == ("m", {})
    assert split_options("m", {}) == ("m", {})


@pytest.mark.parametrize(
    "query", ["tokens=middle", "tokens=", "tokens", "token=last", "tokens=last&tokens=last", ""]
)
def test_what_is_no_option_is_refused_with_those_there_are(query):
    match = r"m\?.*: expected tokens=mean\|first\|last or context=utterance\|word after the '\?'"
    with pytest.raises(ModelError, match=match):
        split_options(f"m?{query}", TEXT)


@pytest.mark.parametrize("seed", ["-1", "1.5", "01", "x", "1000000000"])
def test_seeds_are_whole_numbers_below_a_billion(seed):
    with pytest.raises(ModelError, match="expected seed="):
        split_options(f"m?seed={seed}", SEED)


def test_a_model_without_options_says_so():
    with pytest.raises(ModelError, match=r"m\?seed=1: it has no options"):
        split_options("m?seed=1", {})


def test_the_order_of_options_makes_no_other_name():
    for query in ("tokens=last&context=word", "context=word&tokens=last"):
        assert with_options(*split_options(f"m?{query}", TEXT)) == "m?context=word&tokens=last"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("m", ("m", "fp32")),
        ("m?seed=1", ("m?seed=1", "fp32")),
        ("m?precision=fp32", ("m", "fp32")),
        ("m?precision=bf16", ("m", "bf16")),
        ("m?seed=1&precision=fp16&tokens=last", ("m?seed=1&tokens=last", "fp16")),
    ],
)
def test_the_precision_is_taken_off_the_name(name, expected):
    assert split_precision(name) == expected


@pytest.mark.parametrize(
    "query", ["precision=", "precision=fp8", "precision=bf16 ", "precision=bf16&precision=bf16"]
)
def test_a_precision_that_is_none_or_given_twice_is_refused(query):
    with pytest.raises(ModelError, match=r"expected precision=fp32\|bf16\|fp16 once"):
        split_precision(f"m?{query}")
