from dataclasses import replace

import pytest

from pipeline.corpus import open_corpus
from pipeline.corpus.filtering import said, utterances_saying
from pipeline.errors import SettingsError


@pytest.fixture
def corpus():
    demo = open_corpus("demo")
    told = [("F", "north"), ("M", "north"), ("F", "south"), (None, "south")]
    utterances = [
        replace(utterance, speaker=f"s{number}", sex=sex, metadata={"region": region})
        for number, (utterance, (sex, region)) in enumerate(
            zip(demo.utterances, told, strict=False)
        )
    ]
    return replace(demo, utterances=tuple(utterances))


def speakers(corpus, *where):
    return [utterance.speaker for utterance in utterances_saying(corpus, where)]


def test_without_a_condition_all_are_there(corpus):
    assert utterances_saying(corpus, ()) == corpus.utterances


def test_every_name_has_to_be_met_and_any_value_of_it_is_enough(corpus):
    assert speakers(corpus, ("sex", "F")) == ["s0", "s2"]
    assert speakers(corpus, ("sex", "F"), ("region", "south")) == ["s2"]
    assert speakers(corpus, ("sex", "F"), ("sex", "M")) == ["s0", "s1", "s2"]
    assert speakers(corpus, ("speaker", "s3"), ("speaker", "s1")) == ["s1", "s3"]


def test_where_none_is_left_it_is_said_what_the_utterances_say(corpus):
    with pytest.raises(
        SettingsError, match="no utterance of sex X; its utterances say sex: F, M, nothing"
    ):
        utterances_saying(corpus, (("sex", "X"),))
    with pytest.raises(SettingsError, match="of colour red; its utterances say colour: nothing"):
        utterances_saying(corpus, (("colour", "red"),))


def test_what_is_not_said_is_none(corpus):
    assert said(corpus.utterances[3], "sex") is None
    assert said(corpus.utterances[3], "colour") is None
