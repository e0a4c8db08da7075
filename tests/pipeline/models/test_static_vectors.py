import numpy as np
import pytest

from pipeline.corpus import open_corpus
from pipeline.errors import ModelError
from pipeline.extraction import embed
from pipeline.models.catalogue import find_model
from pipeline.models.extractor import TextModel
from pipeline.models.opening import open_model
from pipeline.settings import AlignmentSettings


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "glove.txt"
    path.write_text("the 1 2\nRiver 3 4\nriver 5 6\ndon't 7 8\n", encoding="utf-8")
    return path


def test_known_words_have_their_vector_and_others_none(file):
    model = open_model(f"glove:{file}", device="cpu")
    assert isinstance(model, TextModel)
    extraction = model.extract_text(["The", "brown", "river", "DON\u2019T", "the"])
    assert extraction.tokens == ("The", "river", "DON\u2019T", "the")
    assert extraction.layers[0].tolist() == [[1, 2], [5, 6], [7, 8], [1, 2]]
    assert extraction.spans.tolist() == [[0, 1], [0, 0], [1, 2], [2, 3], [3, 4]]


def test_the_case_of_words_is_kept_on_request(file):
    model = open_model(f"vectors:{file}?case=keep", device="cpu")
    assert model.extract_text(["River", "THE"]).layers[0].tolist() == [[3, 4], [1, 2]]
    assert find_model(f"vectors:{file}?case=lower") == find_model(f"vectors:{file}")


def test_a_word_without_a_vector_is_missing_in_the_embeddings_not_zero(file):
    utterance = open_corpus("demo").utterances[0]
    embedded = embed(open_model(f"glove:{file}", "cpu"), utterance, AlignmentSettings())
    words = [utterance.words[index] for index in embedded.token_ids]
    assert set(words) <= {"the", "river"}
    assert embedded.vectors.shape == (1, len(words), 2)
    assert np.all(embedded.vectors != 0)


def test_a_transcript_of_unknown_words_has_no_vectors(file):
    extraction = open_model(f"glove:{file}", "cpu").extract_text(["brown"])
    assert extraction.layers[0].shape == (0, 2)
    assert extraction.spans.tolist() == [[0, 0]]


def test_other_vectors_under_the_same_name_are_another_model(file):
    before = find_model(f"glove:{file}")
    file.write_text("the 1 3\n")
    after = find_model(f"glove:{file}")
    assert before.name == after.name
    assert before.fingerprint != after.fingerprint


def test_a_missing_file_says_where_to_get_one(tmp_path):
    with pytest.raises(ModelError, match=r"expected a text file of word vectors.*glove\.6B\.zip"):
        find_model(f"glove:{tmp_path / 'absent.txt'}")
