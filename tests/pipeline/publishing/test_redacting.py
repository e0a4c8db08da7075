from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.corpus.demonstration import open_demonstration
from pipeline.errors import BundleError
from pipeline.models.catalogue import find_model
from pipeline.publishing.redacting import Redaction, corpus_names, model_names, redaction_of

PRIVATE = Redaction(
    models={"hf-text:/home/ada/bert": "hf-text:bert", "minilm": "minilm"},
    corpora={"demo": "demo"},
    texts={"/home/ada/bert": "bert"},
    private=("/home/ada/speech", "/home/ada"),
)


def test_models_that_lie_somewhere_keep_their_last_name_and_stay_apart():
    names = model_names(
        [
            "minilm?tokens=last",
            "s3prl:hubert",
            "hf:org/name",
            "untrained:hf:/m/my bert?seed=1",
            "glove:/a/v.txt",
            "glove:/b/v.txt",
            "glove:/b/v.txt?case=keep",
        ]
    )
    assert list(names.values()) == [
        "minilm?tokens=last",
        "s3prl:hubert",
        "hf:org/name",
        "untrained:hf:my bert?seed=1",
        "glove:v.txt",
        "glove:v.txt-2",
        "glove:v.txt-2?case=keep",
    ]


def test_corpora_get_names_that_folders_may_have():
    names = corpus_names(["demo", "../..", "/x/Ünsere Daten", "a" * 200, "Demo"])
    assert list(names.values()) == ["demo", "corpus", "nsere-daten", "a" * 90, "demo-2"]


def test_a_reason_names_files_and_not_where_they_lie():
    told = PRIVATE.prose("/home/ada/speech/84/1.flac: no rate; see /opt/x/y.log, and hf:org/name")
    assert told == "84/1.flac: no rate; see y.log, and hf:org/name"
    assert PRIVATE.prose("run models fetch hf-text:/home/ada/bert") == (
        "run models fetch hf-text:bert"
    )
    assert PRIVATE.prose("a/b and 1/2, or and/or") == "a/b and 1/2, or and/or"


def test_values_bear_the_bundle_s_names_and_numbers_stay():
    found = PRIVATE.values(
        {"model_a": {"name": "hf-text:/home/ada/bert", "source": "/home/ada/bert"}, "n": [1, None]}
    )
    assert found == {"model_a": {"name": "hf-text:bert", "source": "bert"}, "n": [1, None]}


@pytest.mark.parametrize("text", ["/home/ada", "see /home/ada/notes", '{"x": "/home/ada/speech"}'])
def test_a_folder_that_is_left_is_refused(text):
    with pytest.raises(BundleError, match="which a bundle may not tell"):
        PRIVATE.values({"words": [text]})


def test_what_only_begins_like_a_folder_is_none():
    assert PRIVATE.values("/home/adagio and me/home/ada") == "/home/adagio and me/home/ada"


def test_what_lies_here_is_gathered_from_models_corpora_and_the_environment(home, tmp_path):
    weights = tmp_path / "my models" / "bert"
    bert = replace(find_model("minilm"), name=f"hf-text:{weights}", source=str(weights))
    corpus = replace(open_demonstration(), name="demo")
    found = redaction_of([bert], {f"hf-text:{weights}": bert.name}, [corpus])
    assert found.models == {bert.name: "hf-text:bert"}
    assert found.prose(bert.source) == "bert, elsewhere"
    for place in (
        home / "store",
        tmp_path / "my models" / "x",
        corpus.root / "a",
        Path.home() / "b",
    ):
        with pytest.raises(BundleError, match="may not tell"):
            found.checked(f"see {place}")
