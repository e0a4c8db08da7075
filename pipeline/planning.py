"""What a comparison is made of, and how much of it the store holds; nothing is computed here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from cache import Key, Store
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.filtering import utterances_saying
from pipeline.corpus.utterance import Corpus, Utterance
from pipeline.errors import SettingsError
from pipeline.models.catalogue import find_model
from pipeline.models.spec import ModelSpec
from pipeline.settings import AlignmentSettings
from pipeline.similarity.measure import MEASURES, Measure
from pipeline.similarity.row_settings import Control, RowSettings
from pipeline.words.storage import embedding_key, failure_key, labels_of

_COARSE_STRIDE_MS = 40
_WORD_MS = 300  # about half of all words in read English are shorter

CONTROL_MODELS: Mapping[Control, str] = MappingProxyType(
    {"mel": "s3prl:mel", "duration": "control:duration", "speaker": "control:speaker"}
)
"""The model whose vectors are regressed out for each control."""


@dataclass(frozen=True, eq=False)
class Side:
    """One model's part of a comparison.

    Attributes
    ----------
    spec : ModelSpec
    keys : mapping
        Utterance id -> key of its embeddings; empty for controls, which need none.
    """

    spec: ModelSpec
    keys: Mapping[str, Key]


@dataclass(frozen=True, eq=False)
class Coverage:
    """How much of a side is in the store: ids done and missing, and why others failed."""

    done: tuple[str, ...]
    missing: tuple[str, ...]
    failed: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Plan:
    """A corpus, settings and two models; cheap to make.

    Attributes
    ----------
    corpus : Corpus
    settings : AlignmentSettings
    a, b : Side
    rows : RowSettings
    measure : Measure
    controls : tuple of Side
        The models whose vectors are regressed out.
    """

    corpus: Corpus
    settings: AlignmentSettings
    a: Side
    b: Side
    rows: RowSettings
    measure: Measure
    controls: tuple[Side, ...] = ()

    @property
    def sides(self) -> tuple[Side, ...]:
        """All sides that differ: one where a model meets itself."""
        return tuple({side.spec.name: side for side in (self.a, self.b, *self.controls)}.values())

    def labels(self, side: Side) -> dict[str, str]:
        """Return what the store's accounts say of a side's records."""
        return labels_of(side.spec, self.corpus.name, self.settings)

    @cached_property
    def utterances(self) -> tuple[Utterance, ...]:
        """The utterances that are asked for, and whose audio every model that hears can find."""
        known = [side.keys.keys() for side in self.sides if side.keys]
        asked = utterances_saying(self.corpus, self.rows.where)
        return tuple(u for u in asked if all(u.id in ids for ids in known))


def make_plan(  # noqa: PLR0913 (what is compared, how its vectors are made, and how compared)
    corpus: Corpus,
    spec_a: ModelSpec,
    spec_b: ModelSpec,
    settings: AlignmentSettings,
    store: Store,
    *,
    rows: RowSettings | None = None,
    measure: Measure = MEASURES["cka"],
) -> Plan:
    """Return what a comparison is made of.

    Raises
    ------
    SettingsError
        If the settings ask of a model or a corpus what it cannot give.
    """
    rows = rows or RowSettings()
    specs = [spec_a, spec_b, *(find_model(CONTROL_MODELS[name]) for name in rows.controls)]
    digests: Mapping[str, str] = {}
    if any(spec.hears for spec in specs):
        digests = audio_digests(corpus, store)
    asked = utterances_saying(corpus, rows.where)
    a, b, *controls = (make_side(corpus, spec, settings, digests, asked) for spec in specs)
    return Plan(corpus, settings, a, b, rows, measure, tuple(controls))


def make_side(
    corpus: Corpus,
    spec: ModelSpec,
    settings: AlignmentSettings,
    digests: Mapping[str, str],
    utterances: Iterable[Utterance] | None = None,
) -> Side:
    """Return one model's part; an utterance whose audio has no digest is not in it.

    `utterances` are those that are asked for; by default all of the corpus.
    """
    if settings.unit == "phone" and spec.modality in ("text", "words"):
        read = "text" if spec.modality == "text" else "a file of words"
        raise SettingsError(
            f"{spec.name} reads {read}, which has no phones; choose the unit 'word', "
            "or a model that hears"
        )
    if spec.modality == "control":
        return Side(spec, {})
    if not spec.on_disk:
        raise SettingsError(
            f"{spec.name} is not on this machine; run: python -m pipeline models fetch {spec.name}"
        )
    asked = corpus.utterances if utterances is None else utterances
    return Side(
        spec,
        {
            utterance.id: embedding_key(utterance, spec, settings, digests.get(utterance.id, ""))
            for utterance in asked
            if not spec.hears or utterance.id in digests
        },
    )


def fitting_warnings(spec: ModelSpec, settings: AlignmentSettings) -> tuple[str, ...]:
    """Return, in plain words, where the settings do not fit a model."""
    warnings = []
    rate_hz, stride_ms = settings.sample_rate_hz, settings.stride_ms
    if spec.hears and rate_hz is not None and rate_hz != spec.sample_rate_hz:
        warnings.append(
            f"{spec.name} was made for {spec.sample_rate_hz} Hz; at {rate_hz} Hz it hears the "
            "speech at another speed and pitch."
        )
    own_ms = spec.stride_ms
    if spec.hears and stride_ms is not None and own_ms is not None and stride_ms != own_ms:
        warnings.append(
            f"{spec.name} gives a frame every {own_ms:g} ms; read as one every {stride_ms:g} ms, "
            "its frames drift away from the words."
        )
    used_ms = stride_ms or own_ms
    if spec.hears and used_ms and used_ms > _COARSE_STRIDE_MS and settings.frame_rule != "overlap":
        warnings.append(
            f"{spec.name}: a frame every {used_ms:g} ms is about {_WORD_MS / used_ms:.2g} a word; "
            "which of them count matters much. Choose the frame rule 'Overlap', which weights each "
            "by how much of it the word covers."
        )
    return tuple(warnings)


def coverage(side: Side, store: Store) -> Coverage:
    """Look up what the store holds of a side."""
    # Two utterances may share a key: the same sentence is read once.
    absent = {key.digest for key in store.missing(side.keys.values())}
    not_done = {name: key for name, key in side.keys.items() if key.digest in absent}
    reasons = {name: _failure(key, store) for name, key in not_done.items()}
    failed = {name: reason for name, reason in reasons.items() if reason is not None}
    return Coverage(
        done=tuple(name for name in side.keys if name not in not_done),
        missing=tuple(name for name in not_done if name not in failed),
        failed=failed,
    )


def bytes_needed(plan: Plan, coverages: Sequence[Coverage]) -> int:
    """Return about how much room in the store the rest of a comparison takes.

    Parameters
    ----------
    coverages : sequence of Coverage
        Of the plan's sides.
    """
    by_id = plan.corpus.by_id
    # Each missing embedding, and the matrices over all words.
    return sum(
        embedding_bytes(side.spec, plan.settings, [by_id[name] for name in names])
        for side, found in zip(plan.sides, coverages, strict=True)
        for names in (found.missing, side.keys)
    )


def embedding_bytes(
    spec: ModelSpec, settings: AlignmentSettings, utterances: Iterable[Utterance]
) -> int:
    """Return about how much room the word vectors of utterances take."""
    by_word = settings.unit == "word"
    words = sum(len(each.words if by_word else each.phone_intervals) for each in utterances)
    return words * len(spec.layer_names) * spec.dims * np.dtype(settings.storage).itemsize


def _failure(key: Key, store: Store) -> str | None:
    record = store.get(failure_key(key))
    return None if record is None else str(record.metadata["reason"])


def forget_failures(plan: Plan, store: Store) -> None:
    """Drop the notes on utterances that failed, so that they are tried again."""
    for side in plan.sides:
        for name in coverage(side, store).failed:
            store.delete(failure_key(side.keys[name]))
