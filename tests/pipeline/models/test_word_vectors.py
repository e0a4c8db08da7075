import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.models.extractor import AudioModel, TextModel, WordModel
from pipeline.models.opening import open_model

VECTORS = np.random.default_rng(0).standard_normal((2, 4, 3)).astype(np.float32)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "words.npz"
    ids = np.array(["b", "a", "b", "b"])
    np.savez(path, vectors=VECTORS, utterance=ids, word=np.array([4, 1, 0, 2]))
    return path


def test_an_utterances_words_come_in_their_order_and_others_are_missing(file):
    model = open_model(f"file:{file}")
    assert isinstance(model, WordModel)
    assert not isinstance(model, AudioModel | TextModel)
    found = model.vectors_of("b", 5)
    assert found.word_ids.tolist() == [0, 2, 4]
    np.testing.assert_array_equal(found.vectors, VECTORS[:, [2, 3, 0]])
    assert model.vectors_of("c", 5).vectors.shape == (2, 0, 3)


def test_a_file_of_another_transcript_is_refused(file):
    with pytest.raises(ModelError, match="has a word 4 of b, whose transcript has words 0 to 3"):
        open_model(f"file:{file}").vectors_of("b", 4)


def test_a_vector_that_is_not_finite_is_refused(file):
    broken = VECTORS.copy()
    broken[1, 1, 2] = np.nan
    np.savez(file, vectors=broken, utterance=np.array(["b", "a", "b", "b"]), word=np.arange(4))
    model = open_model(f"file:{file}")
    assert len(model.vectors_of("b", 5).word_ids) == 3
    with pytest.raises(ModelError, match="a vector of a is not finite"):
        model.vectors_of("a", 5)
