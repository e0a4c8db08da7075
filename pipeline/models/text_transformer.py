"""Text models of Hugging Face transformers: every layer of every sub-word token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoTokenizer, BatchEncoding, PreTrainedModel, PreTrainedTokenizerBase

from pipeline.errors import ModelError
from pipeline.models.batching import DeviceLayers, Read
from pipeline.models.extractor import TextExtraction
from pipeline.models.hidden_states import in_eval_mode, run_transformer
from pipeline.models.pretrained import LOCAL_ONLY, load_encoder
from pipeline.models.spec import ModelSpec
from pipeline.models.token_spans import token_spans, whole_words, word_of_tokens
from pipeline.settings import Pooling

_POOLINGS: Mapping[str, Pooling] = {"mean": "mean", "first": "first", "last": "last"}
# Tokenizers without a limit of their own say so with a huge number.
_NO_LIMIT = 1_000_000
# Their rows see padded tokens as they see none.
MASKING = frozenset(
    {
        *("bert", "roberta", "xlm-roberta", "deberta-v2", "modernbert", "electra"),
        *("gpt2", "opt", "llama", "t5", "bart"),
    }
)


@dataclass(frozen=True, eq=False)
class Tokenised:
    """A text as token ids, a list for each window, and the range of each word in all of them."""

    windows: list[list[int]]
    spans: Int64[np.ndarray, "words 2"]

    @property
    def rows(self) -> int:
        """How many tokens all windows have."""
        return sum(map(len, self.windows))


class TextTransformer:
    """A text model that reads transcripts, several at once where that is exact.

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
        self.spec, self.device = spec, torch.device(device)
        self._model = in_eval_mode(model, device)
        self._tokenizer = tokenizer
        self._longest = longest_text(model, tokenizer)
        self._pooling = _POOLINGS[spec.options.get("tokens", "mean")]
        self._word_by_word = spec.options.get("context") == "word"
        # Of decoders without one, any token will do: it is masked.
        self._padding_id = tokenizer.pad_token_id or model.config.pad_token_id or 0

    def extract_text(self, words: Sequence[str]) -> TextExtraction:
        """Return every layer of every token, and each word's range of tokens.

        Raises
        ------
        ModelError
            If there are no words, or the model is not what its spec announces.
        """
        return self.read([words]).extraction(0)

    def read(self, transcripts: Sequence[Sequence[str]]) -> Read:
        """Return what `extract_text` does of each transcript, to within rounding.

        Raises
        ------
        ModelError
            As for `extract_text`, if it is so of one of them.
        """
        if not all(transcripts):
            raise ModelError(f"{self.spec.name}: the transcript has no words")
        if self._word_by_word:
            return self._joined([self._read_words(words) for words in transcripts])
        texts = [self._tokenise(words) for words in transcripts]
        windows = [window for text in texts for window in text.windows]
        if self._model.config.model_type in MASKING:
            layers = self._run(windows)
        else:
            layers = DeviceLayers.joined([self._run([window]) for window in windows])
        return Read(
            layers.merged([len(text.windows) for text in texts]),
            tuple(text.spans for text in texts),
            tuple(self._spelled(text) for text in texts),
            self._pooling,
        )

    def _read_words(self, words: Sequence[str]) -> Read:
        """Read each word as a text of its own, and repeated ones once.

        One by one, so that a word alone is the same wherever it was said.
        """
        unique = list(dict.fromkeys(words))
        texts = [self._tokenise([word]) for word in unique]
        windows = [window for text in texts for window in text.windows]
        layers = DeviceLayers.joined([self._run([window]) for window in windows])
        starts = np.cumsum([0, *(text.rows for text in texts[:-1])])
        spans = {
            word: text.spans + start
            for word, text, start in zip(unique, texts, starts, strict=True)
        }
        return Read(
            layers.merged([len(windows)]),
            (np.concatenate([spans[word] for word in words]),),
            (tuple(token for text in texts for token in self._spelled(text)),),
            self._pooling,
        )

    def _joined(self, parts: Sequence[Read]) -> Read:
        return Read(
            DeviceLayers.joined([part.layers for part in parts]),
            tuple(spans for part in parts for spans in part.spans),
            tuple(tokens for part in parts for tokens in part.tokens),
            self._pooling,
        )

    def _tokenise(self, words: Sequence[str]) -> Tokenised:
        encoding = self._encode(" ".join(words))
        offsets = [np.array(each, dtype=np.int64) for each in encoding["offset_mapping"]]
        owners = [
            word_of_tokens(words, each, np.array(special, dtype=bool))
            for each, special in zip(offsets, encoding["special_tokens_mask"], strict=True)
        ]
        spans = token_spans(len(words), owners)
        # A part of a word is not the word.
        spans[~whole_words(len(words), owners, offsets)] = 0
        return Tokenised(encoding["input_ids"], spans)

    def _encode(self, text: str) -> BatchEncoding:
        return self._tokenizer(
            text,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            return_overflowing_tokens=True,
            truncation=self._longest is not None,
            max_length=self._longest,
            stride=(self._longest or 0) // 3,
        )

    def _spelled(self, text: Tokenised) -> tuple[str, ...]:
        return tuple(
            token
            for window in text.windows
            for token in self._tokenizer.convert_ids_to_tokens(window)
        )

    def _run(self, windows: Sequence[list[int]]) -> DeviceLayers:
        """Run the model over windows, padded at their ends: positions count from the start."""
        ids = [torch.tensor(window, device=self.device) for window in windows]
        counts = [len(window) for window in windows]
        lengths = torch.tensor(counts, device=self.device)
        mask = torch.arange(max(counts), device=self.device) < lengths[:, None]
        padded = pad_sequence(ids, batch_first=True, padding_value=self._padding_id)
        return run_transformer(
            self.spec, self._model, counts, input_ids=padded, attention_mask=mask.long()
        )


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
