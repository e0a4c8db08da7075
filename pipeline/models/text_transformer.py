"""Text models of Hugging Face transformers: every layer of every sub-word token."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer, BatchEncoding, PreTrainedModel, PreTrainedTokenizerBase

from pipeline.errors import ModelError
from pipeline.models.extractor import TextExtraction
from pipeline.models.hidden_states import Layers, in_eval_mode, run_transformer
from pipeline.models.pretrained import LOCAL_ONLY, load_encoder
from pipeline.models.spec import ModelSpec
from pipeline.models.token_spans import token_spans, whole_words, word_of_tokens
from pipeline.settings import Pooling

_POOLINGS: Mapping[str, Pooling] = {"mean": "mean", "first": "first", "last": "last"}
# Tokenizers without a limit of their own say so with a huge number.
_NO_LIMIT = 1_000_000


class TextTransformer:
    """A text model that reads one transcript at a time.

    A transcript longer than the model can take is read in overlapping windows; the rows of all
    windows are kept, and each word's tokens are those of the window where it is most central. A
    word longer than a window has none: it is missing.

    Parameters
    ----------
    spec : ModelSpec
    model : PreTrainedModel
        An encoder, or a decoder-only model.
    tokenizer : PreTrainedTokenizerBase
        A fast one: only those tell the characters that a token came from.
    device : str
    """

    def __init__(
        self,
        spec: ModelSpec,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        device: str,
    ) -> None:
        if not tokenizer.is_fast:
            raise ModelError(
                f"{spec.name}: expected a fast tokenizer, found {type(tokenizer).__name__}; save "
                "it with transformers so that the folder has a tokenizer.json"
            )
        self.spec = spec
        self._model = in_eval_mode(model, device)
        self._tokenizer = tokenizer
        self._longest = longest_text(model, tokenizer)
        self._pooling = _POOLINGS[spec.options.get("tokens", "mean")]

    def extract_text(self, words: Sequence[str]) -> TextExtraction:
        """Return every layer of every token, and each word's range of tokens.

        Raises
        ------
        ModelError
            If there are no words, or the model is not what its spec announces.
        """
        if not words:
            raise ModelError(f"{self.spec.name}: the transcript has no words")
        if self.spec.options.get("context") == "word":
            return self._one_by_one(words)
        return self._read(words)

    def _one_by_one(self, words: Sequence[str]) -> TextExtraction:
        """Read each word as a text of its own, and repeated ones once."""
        alone = {word: self._read([word]) for word in dict.fromkeys(words)}
        read = [alone[word] for word in words]
        starts = np.cumsum([0, *(len(each.tokens) for each in read[:-1])])
        return TextExtraction(
            [np.concatenate(layer) for layer in zip(*(each.layers for each in read), strict=True)],
            np.concatenate([each.spans + start for each, start in zip(read, starts, strict=True)]),
            tuple(token for each in read for token in each.tokens),
            self._pooling,
        )

    def _read(self, words: Sequence[str]) -> TextExtraction:
        encoding = self._tokenise(" ".join(words))
        offsets = [np.array(each, dtype=np.int64) for each in encoding["offset_mapping"]]
        owners = [
            word_of_tokens(words, each, np.array(special, dtype=bool))
            for each, special in zip(offsets, encoding["special_tokens_mask"], strict=True)
        ]
        spans = token_spans(len(words), owners)
        # A part of a word is not the word.
        spans[~whole_words(len(words), owners, offsets)] = 0
        ids: list[list[int]] = encoding["input_ids"]
        by_window = [self._run(window) for window in ids]
        return TextExtraction(
            [np.concatenate(layer) for layer in zip(*by_window, strict=True)],
            spans,
            tuple(
                token for window in ids for token in self._tokenizer.convert_ids_to_tokens(window)
            ),
            self._pooling,
        )

    def _tokenise(self, text: str) -> BatchEncoding:
        return self._tokenizer(
            text,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            return_overflowing_tokens=True,
            truncation=self._longest is not None,
            max_length=self._longest,
            stride=(self._longest or 0) // 3,
        )

    def _run(self, ids: list[int]) -> Layers:
        tokens = torch.tensor([ids], device=self._model.device)
        mask = torch.ones_like(tokens)
        return run_transformer(self.spec, self._model, input_ids=tokens, attention_mask=mask)


def longest_text(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int | None:
    """Return how many tokens the model takes at most, special ones included; None: any number."""
    positions = getattr(model.config, "max_position_embeddings", None)
    for name, module in model.named_modules():
        # RoBERTa's kind counts positions from the padding index on.
        if (
            name.endswith("position_embeddings")
            and getattr(module, "padding_idx", None) is not None
        ):
            positions = module.num_embeddings - module.padding_idx - 1
    limits = [limit for limit in (tokenizer.model_max_length, positions) if limit]
    return min((int(limit) for limit in limits if limit < _NO_LIMIT), default=None)


def load(spec: ModelSpec, device: str) -> TextTransformer:
    """Return the text model in the folder ``spec.source``."""
    folder = Path(spec.source)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **LOCAL_ONLY)
    except (OSError, ValueError, ImportError) as error:
        raise ModelError(f"{folder}: transformers cannot load its tokenizer: {error}") from error
    return TextTransformer(spec, load_encoder(folder), tokenizer, device)
