import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
import transformers
from transformers import (
    AutoModel,
    AutoTokenizer,
    BertConfig,
    BertModel,
    CanineTokenizer,
    LlamaConfig,
    LlamaModel,
    RobertaConfig,
    RobertaModel,
)

from pipeline.corpus import open_corpus
from pipeline.errors import ModelError
from pipeline.extraction import embed
from pipeline.models import minilm
from pipeline.models.catalogue import find_model
from pipeline.models.extractor import TextModel
from pipeline.models.opening import open_model
from pipeline.models.pretrained import load_encoder
from pipeline.models.text_transformer import MASKING, TextTransformer, longest_text
from pipeline.models.untrained import random_model
from pipeline.settings import AlignmentSettings

WORDS = ["DON'T", "say", "very", "very", "naïve", "unbelievably"]


@pytest.fixture(scope="module")
def minilm_model():
    return open_model("minilm", device="cpu")


def reference(folder, text):
    """Return the tokens and the layers as transformers gives them for a text."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder)
    inputs = tokenizer(text, return_tensors="pt")
    if model.config.is_encoder_decoder:
        model = model.get_encoder()
    with torch.no_grad():
        output = model(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            output_hidden_states=True,
        )
    return tokenizer.convert_ids_to_tokens(inputs["input_ids"][0]), output


def words_from(extraction):
    return [list(extraction.tokens[start:end]) for start, end in extraction.spans]


def test_minilm_gives_what_transformers_gives(minilm_model):
    assert isinstance(minilm_model, TextModel)
    tokens, output = reference(minilm_model.spec.source, " ".join(WORDS))
    extraction = minilm_model.extract_text(WORDS)
    assert list(extraction.tokens) == tokens
    for layer, expected in zip(extraction.layers, output.hidden_states, strict=True):
        np.testing.assert_allclose(layer, expected[0], atol=1e-6)


@pytest.mark.parametrize("fixture", ["bert_folder", "gpt2_folder", "t5_folder"])
def test_layers_are_those_of_transformers_and_end_in_the_last_hidden_state(
    request, fixture, spec_of
):
    folder = request.getfixturevalue(fixture)
    extraction = open_model(spec_of("text", folder), "cpu").extract_text(["the", "cat", "sat"])
    tokens, output = reference(folder, "the cat sat")
    assert list(extraction.tokens) == tokens
    np.testing.assert_allclose(extraction.layers[0], output.hidden_states[0][0], atol=1e-6)
    np.testing.assert_allclose(extraction.layers[-1], output.last_hidden_state[0], atol=1e-6)
    assert len(extraction.layers) == len(output.hidden_states)


def test_contractions_and_repeated_words_keep_their_own_tokens(minilm_model):
    assert words_from(minilm_model.extract_text(WORDS)) == [
        ["don", "'", "t"],
        ["say"],
        ["very"],
        ["very"],
        ["naive"],
        ["un", "##bel", "##ie", "##va", "##bly"],
    ]


@pytest.mark.parametrize("empty", ["\u200b", "\u0301"])
def test_a_word_that_becomes_no_token_is_missing(minilm_model, empty):
    spans = minilm_model.extract_text(["the", empty, "cat"]).spans
    assert (spans[:, 1] - spans[:, 0]).tolist() == [1, 0, 1]


def test_unicode_words_keep_their_places(minilm_model):
    words = ["🙂", "日本", "Ünïcode", "end"]
    assert words_from(minilm_model.extract_text(words)) == [
        ["[UNK]"],
        ["日", "本"],
        ["unicode"],
        ["end"],
    ]


def test_spans_agree_with_the_tokenizers_own_word_ids(minilm_model):
    tokenizer = AutoTokenizer.from_pretrained(minilm_model.spec.source)
    ids = tokenizer(WORDS, is_split_into_words=True).word_ids()
    expected = [(ids.index(word), len(ids) - ids[::-1].index(word)) for word in range(len(WORDS))]
    assert minilm_model.extract_text(WORDS).spans.tolist() == [list(span) for span in expected]


@pytest.mark.parametrize("words", [WORDS, ["🙂", "é", "z"], ["don't", "don't"]])
def test_byte_level_tokens_spell_their_words(gpt2_folder, spec_of, words):
    extraction = open_model(spec_of("text", gpt2_folder), "cpu").extract_text(words)
    tokenizer = AutoTokenizer.from_pretrained(gpt2_folder)
    spelled = [tokenizer.convert_tokens_to_string(tokens) for tokens in words_from(extraction)]
    assert spelled == [words[0], *(f" {word}" for word in words[1:])]


def test_a_long_text_is_read_in_windows_that_agree_with_a_direct_run(bert_folder, spec_of):
    words = [f"{chr(97 + index % 26)}cat{index}" for index in range(20)]
    extraction = open_model(spec_of("text", bert_folder), "cpu").extract_text(words)
    whole = AutoTokenizer.from_pretrained(bert_folder)
    assert words_from(extraction) == [whole.tokenize(word) for word in words]
    starts = [index for index, token in enumerate(extraction.tokens) if token == "[CLS]"]  # noqa: S105 - no password
    window = extraction.tokens[starts[1] : starts[2]]
    assert len(window) == 16
    model = AutoModel.from_pretrained(bert_folder)
    with torch.no_grad():
        expected = model(torch.tensor([whole.convert_tokens_to_ids(window)])).last_hidden_state[0]
    np.testing.assert_allclose(extraction.layers[-1][starts[1] : starts[2]], expected, atol=1e-6)


def test_the_limit_is_the_longest_text_that_runs():
    config = RobertaConfig(
        vocab_size=30, hidden_size=8, num_hidden_layers=1, num_attention_heads=1,
        intermediate_size=8, max_position_embeddings=20, pad_token_id=1,
    )  # fmt: skip
    model = RobertaModel(config).eval()
    tokenizer = AutoTokenizer.from_pretrained(find_model("minilm").source)
    longest = longest_text(model, tokenizer)
    model(torch.full((1, longest), 5))
    with pytest.raises((IndexError, RuntimeError)):
        model(torch.full((1, longest + 1), 5))


def test_a_transcript_without_words_is_refused(minilm_model):
    with pytest.raises(ModelError, match="minilm: the transcript has no words"):
        minilm_model.extract_text([])


def test_a_model_that_is_not_what_its_spec_says_is_refused():
    small = BertModel(
        BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    )
    spec = find_model("minilm")
    model = TextTransformer(spec, small, AutoTokenizer.from_pretrained(spec.source), "cpu")
    with pytest.raises(ModelError, match=r"expected 7 layers of 384 dimensions, found 2 of \[8\]"):
        model.extract_text(["the"])


def test_a_slow_tokenizer_is_refused(bert_folder):
    with pytest.raises(ModelError, match="expected a fast tokenizer, found CanineTokenizer"):
        TextTransformer(find_model("minilm"), load_encoder(bert_folder), CanineTokenizer(), "cpu")


def test_a_damaged_tokenizer_is_named(bert_folder, tmp_path, spec_of):
    folder = shutil.copytree(bert_folder, tmp_path / "model")
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match="model: transformers cannot load its tokenizer"):
        open_model(spec_of("text", folder), "cpu")


def test_words_read_alone_do_not_know_their_neighbours(minilm_model):
    alone = open_model("minilm?context=word", device="cpu")
    extraction = alone.extract_text(["unbelievably", "cold", "unbelievably"])
    single = minilm_model.extract_text(["unbelievably"])
    (start, end), (again, again_end) = extraction.spans[0], extraction.spans[2]
    (first, last) = single.spans[0]
    for layer, expected in zip(extraction.layers, single.layers, strict=True):
        np.testing.assert_array_equal(layer[start:end], expected[first:last])
        np.testing.assert_array_equal(layer[again:again_end], expected[first:last])
    assert words_from(extraction)[1] == ["cold"]


@pytest.mark.parametrize(("tokens", "pooled"), [("first", 0), ("last", -1)])
def test_a_word_may_be_its_first_or_last_token(minilm_model, tokens, pooled):
    utterance = replace(
        open_corpus("demo").utterances[0], words=("unbelievably",), word_intervals=(None,)
    )
    chosen = embed(open_model(f"minilm?tokens={tokens}", "cpu"), utterance, AlignmentSettings())
    extraction = minilm_model.extract_text(["unbelievably"])
    start, end = extraction.spans[0]
    rows = extraction.layers[-1][start:end]
    assert len(rows) == 5
    np.testing.assert_array_equal(chosen.vectors[-1, 0], rows[pooled])


@pytest.mark.parametrize(
    ("config", "model_class"),
    [
        (
            LlamaConfig(
                vocab_size=30_522,
                hidden_size=16,
                intermediate_size=32,
                num_hidden_layers=2,
                num_attention_heads=2,
                num_key_value_heads=1,
                max_position_embeddings=64,
            ),
            LlamaModel,
        ),
        (
            RobertaConfig(
                vocab_size=30_522,
                hidden_size=16,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=32,
                max_position_embeddings=66,
            ),
            RobertaModel,
        ),
    ],
    ids=["llama", "roberta"],
)
def test_other_architectures_equal_transformers_too(tmp_path, config, model_class, spec_of):
    random_model(model_class, config, seed=5).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(minilm.checked_folder()).save_pretrained(tmp_path)
    extraction = open_model(spec_of("text", tmp_path), "cpu").extract_text(WORDS)
    tokens, output = reference(tmp_path, " ".join(WORDS))
    assert list(extraction.tokens) == tokens
    assert len(extraction.layers) == len(output.hidden_states) == 3
    for layer, expected in zip(extraction.layers[:-1], output.hidden_states, strict=False):
        np.testing.assert_allclose(layer, expected[0], atol=1e-6)
    np.testing.assert_allclose(extraction.layers[-1], output.last_hidden_state[0], atol=1e-6)


def test_emoji_are_words_with_tokens_or_missing_never_anothers(minilm_model):
    words = ["the", "\U0001f600", "cat"]
    extraction = minilm_model.extract_text(words)
    assert words_from(extraction)[0] == ["the"]
    assert words_from(extraction)[2] == ["cat"]
    assert words_from(extraction)[1] in ([], ["[UNK]"])


@pytest.mark.parametrize("long", ["unbelievably" * 8, "xq" * 45])
def test_a_word_longer_than_the_window_is_missing_and_its_neighbours_are_not(
    bert_folder, spec_of, long
):
    model = open_model(spec_of("text", bert_folder), "cpu")
    assert len(model.extract_text([long]).tokens) > 16
    extraction = model.extract_text(["the", long, "cat"])
    lengths = extraction.spans[:, 1] - extraction.spans[:, 0]
    assert lengths.tolist() == [1, 0, 1]
    assert words_from(extraction)[0] == ["the"]
    assert words_from(extraction)[2] == ["cat"]


def test_an_empty_word_has_no_token_and_moves_no_other(minilm_model):
    assert words_from(minilm_model.extract_text(["the", "", "cat"])) == [["the"], [], ["cat"]]


TINY = {
    "vocab_size": 30_522, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 32, "pad_token_id": 0,
}  # fmt: skip
TINY_DECODER = {"vocab_size": 30_522, "pad_token_id": 0}
BATCHING = {
    "bert": transformers.BertConfig(**TINY),
    "roberta": transformers.RobertaConfig(**TINY),
    "xlm-roberta": transformers.XLMRobertaConfig(**TINY),
    "deberta-v2": transformers.DebertaV2Config(
        **TINY, relative_attention=True, pos_att_type=["p2c", "c2p"]
    ),
    "modernbert": transformers.ModernBertConfig(**TINY, local_attention=4),
    "electra": transformers.ElectraConfig(**TINY, embedding_size=16),
    "gpt2": transformers.GPT2Config(**TINY_DECODER, n_embd=16, n_layer=2, n_head=2),
    "opt": transformers.OPTConfig(
        **TINY_DECODER, hidden_size=16, word_embed_proj_dim=16, num_hidden_layers=2,
        num_attention_heads=2, ffn_dim=32,
    ),
    "llama": LlamaConfig(**TINY),
    "t5": transformers.T5Config(
        vocab_size=30_522, d_model=16, d_ff=32, d_kv=8, num_heads=2, num_layers=2
    ),
    "bart": transformers.BartConfig(
        **TINY_DECODER, d_model=16, encoder_layers=2, decoder_layers=1, encoder_ffn_dim=32,
        decoder_ffn_dim=32, encoder_attention_heads=2, decoder_attention_heads=2,
    ),
}  # fmt: skip


def tiny_text_model(config):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(6)
        model = AutoModel.from_config(config)
    model = model.get_encoder() if config.is_encoder_decoder else model
    names = ("0: embeddings", "1: first", "2: second")
    spec = replace(find_model("minilm"), name=config.model_type, layer_names=names, dims=16)
    tokenizer = AutoTokenizer.from_pretrained(minilm.checked_folder())
    return TextTransformer(spec, model, tokenizer, "cpu")


def test_every_architecture_that_is_padded_is_tried_here():
    assert set(BATCHING) == MASKING


@pytest.mark.parametrize("name", BATCHING)
def test_transcripts_read_at_once_have_the_layers_that_each_has_alone(name):
    model = tiny_text_model(BATCHING[name])
    transcripts = [WORDS, ["cat"], ["the", "cat", "sat"], WORDS[::-1] * 5]
    read = model.read(transcripts)
    for item, words in enumerate(transcripts):
        alone, together = model.extract_text(words), read.extraction(item)
        assert together.tokens == alone.tokens
        assert together.spans.tolist() == alone.spans.tolist()
        for found, expected in zip(together.layers, alone.layers, strict=True):
            scale = np.abs(expected).max()
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * scale)


def test_the_windows_of_several_long_transcripts_are_told_apart(bert_folder, spec_of):
    model = open_model(spec_of("text", bert_folder), "cpu")
    transcripts = [["unbelievably", "cold"] * 9, ["cat"], ["the", "cat", "sat"] * 8]
    read = model.read(transcripts)
    for item, words in enumerate(transcripts):
        alone, together = model.extract_text(words), read.extraction(item)
        assert together.tokens == alone.tokens
        assert together.spans.tolist() == alone.spans.tolist()
        np.testing.assert_allclose(together.layers[-1], alone.layers[-1], rtol=0, atol=1e-5)


def test_other_architectures_read_one_transcript_at_a_time():
    config = transformers.AlbertConfig(**TINY, embedding_size=16)
    model, batches = tiny_text_model(config), []
    hook = model._model.register_forward_pre_hook(  # noqa: SLF001
        lambda _model, _args, given: batches.append(len(given["input_ids"])), with_kwargs=True
    )
    read = model.read([["the", "cat"], ["sat"]])
    hook.remove()
    assert batches == [1, 1]
    alone = model.extract_text(["sat"])
    np.testing.assert_array_equal(read.extraction(1).layers[-1], alone.layers[-1])


def test_words_read_alone_are_the_same_in_every_transcript():
    spec = find_model("minilm?context=word")
    read = open_model(spec, "cpu").read([["the", "cat", "the"], ["cat"]])
    first, second = read.extraction(0), read.extraction(1)
    (start, end), (again, _) = first.spans[1], second.spans[0]
    np.testing.assert_array_equal(
        first.layers[-1][start:end], second.layers[-1][again : again + end - start]
    )
    assert first.spans[0].tolist() == first.spans[2].tolist()
