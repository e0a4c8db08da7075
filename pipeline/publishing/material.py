"""What views need: the corpora, models and records behind them, and what of it is not there."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import get_args

from cache import Entry, Key, Store
from pipeline.analyses import ANALYSES, AnalysisRequest
from pipeline.analyses.running import ASKED, key_within
from pipeline.comparison import failed_names, load_result, result_key
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.utterance import Corpus
from pipeline.errors import BundleError, LayerScopeError, SettingsError
from pipeline.exports.reproducing import shell_command
from pipeline.library import open_corpus
from pipeline.models.catalogue import find_model
from pipeline.models.spec import ModelSpec
from pipeline.planning import CONTROL_MODELS, Plan, Side, coverage, make_side
from pipeline.publishing.choosing import ChosenView
from pipeline.request import ComparisonRequest
from pipeline.similarity.measure import MEASURES
from pipeline.similarity.result import Estimator
from pipeline.words.storage import failure_key

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Material:
    """What a bundle of views is made of; the records by their digests.

    Attributes
    ----------
    corpora : dict of str to Corpus
    models : dict of str to ModelSpec
        By the name that a view asks for.
    results : dict of str to ComparisonRequest
    analyses, frames, failures : dict of str to None
    named : dict of str to dict of str to None
        Of each corpus, the utterances that views and analyses name, those of views first.
    """

    corpora: dict[str, Corpus] = field(default_factory=dict)
    models: dict[str, ModelSpec] = field(default_factory=dict)
    results: dict[str, ComparisonRequest] = field(default_factory=dict)
    analyses: dict[str, None] = field(default_factory=dict)
    frames: dict[str, None] = field(default_factory=dict)
    failures: dict[str, None] = field(default_factory=dict)
    named: dict[str, dict[str, None]] = field(default_factory=dict)


def gather(
    views: Sequence[ChosenView], store: Store
) -> tuple[Material, tuple[ChosenView, ...], tuple[str, ...]]:
    """Return what views are made of, the views that can be shown, and why others cannot."""
    material, shown, refused = Material(), list[ChosenView](), list[str]()
    for view in views:
        try:
            _require(view, material, store)
        except LayerScopeError as error:
            refused.append(f"{view.name}: {error}")
        else:
            shown.append(view)
    for view in shown:
        for request in view.requests:
            if view.page == "alignments":
                _add_recordings(request, material, store)
            else:
                _add_comparison(request, material, store)
    _drop_unused(material, shown)
    return material, tuple(shown), tuple(refused)


def _require(view: ChosenView, material: Material, store: Store) -> None:
    """Raise an error unless all that a view shows is there."""
    for request in view.requests:
        if request.alignments is not None:
            raise BundleError(
                f"it takes the alignments of {request.corpus} from another folder; register the "
                "corpus with them (python -m pipeline corpora add --alignments), compute, and "
                "publish that"
            )
        if view.page == "alignments":
            _require_recording(str(view.parameters.get("utterance", "")), request, material, store)
        elif load_result(_plan(request, material, store), store) is None:
            raise BundleError(
                "its result is not computed; open it and press Compute, or run: "
                f"{shell_command(request)}"
            )


def _require_recording(
    name: str, request: ComparisonRequest, material: Material, store: Store
) -> None:
    corpus = _corpus(request.corpus, material, store)
    utterance = name or next(iter(corpus.by_id), "")
    if utterance not in corpus.by_id:
        raise BundleError(f"corpus {request.corpus} has no utterance {utterance!r}")
    material.named.setdefault(request.corpus, {})[utterance] = None
    for side in _sides(request, material, store):
        found = coverage(side, store)
        if utterance in found.missing or (side.keys and utterance not in side.keys):
            raise BundleError(
                f"what {side.spec.name} makes of {utterance} is not computed; open the view on a "
                "server that computes, and publish then"
            )


def _corpus(name: str, material: Material, store: Store) -> Corpus:
    if name not in material.corpora:
        material.corpora[name] = open_corpus(name, store=store)
    return material.corpora[name]


def _plan(request: ComparisonRequest, material: Material, store: Store) -> Plan:
    plan = request.plan(store, _corpus(request.corpus, material, store))
    material.models.update({request.model_a: plan.a.spec, request.model_b: plan.b.spec})
    material.models.update({side.spec.name: side.spec for side in plan.controls})
    return plan


def _sides(request: ComparisonRequest, material: Material, store: Store) -> list[Side]:
    corpus = _corpus(request.corpus, material, store)
    digests = audio_digests(corpus, store)
    asked = dict.fromkeys((request.model_a, request.model_b))
    material.models.update({name: find_model(name) for name in asked})
    return [make_side(corpus, material.models[name], request.settings, digests) for name in asked]


def _add_recordings(request: ComparisonRequest, material: Material, store: Store) -> None:
    for side in _sides(request, material, store):
        _add_side(side, material, store)


def _add_comparison(request: ComparisonRequest, material: Material, store: Store) -> None:
    """Add a comparison by every measure that is there, and their analyses."""
    plan = _plan(request, material, store)
    coverages = [coverage(side, store) for side in plan.sides]
    for side in plan.sides:
        _add_side(side, material, store)
    failed, results = failed_names(coverages), dict[str, Key]()
    for name, measure in MEASURES.items():
        key = result_key(replace(plan, measure=measure), failed)
        if not store.missing([key]):
            results[name] = key
            material.results.setdefault(key.digest, replace(request, measure=name))
    known = {entry.digest: entry for entry in store.find("analysis")}
    named = material.named.setdefault(request.corpus, {})
    for name, key in results.items():
        for digest in _analyses(key, replace(request, measure=name), plan, known, store):
            material.analyses[digest] = None
            record = store.read(digest)
            named.update(dict.fromkeys(record.metadata.get("utterances", ()) if record else ()))


def _analyses(
    result: Key, request: ComparisonRequest, plan: Plan, known: Mapping[str, Entry], store: Store
) -> Iterator[str]:
    """Yield the digests of the analyses of a result that the store holds."""
    for asked in (*_by_default(request, plan), *_remembered(plan, known, store)):
        try:
            digest = key_within(result, asked).digest
        except SettingsError:
            # Of an analysis, or with settings, that there were in an earlier version.
            continue
        if digest in known:
            yield digest


def _by_default(request: ComparisonRequest, plan: Plan) -> Iterator[AnalysisRequest]:
    """Yield what the pages ask for where nothing is chosen: earlier records do not tell."""
    layers_a, layers_b = (range(len(side.spec.layer_names)) for side in (plan.a, plan.b))
    pairs = list(product(layers_a, layers_b))
    for name, analysis in ANALYSES.items():
        for layers in (None,) if analysis.of_all_layers else pairs:
            for estimator in get_args(Estimator):
                yield AnalysisRequest(request, name, layers, estimator)


def _remembered(plan: Plan, known: Mapping[str, Entry], store: Store) -> Iterator[AnalysisRequest]:
    """Yield what was asked of comparisons of the same models on the same corpus."""
    for entry in known.values():
        labels = entry.labels
        models = f"{plan.a.spec.name} x {plan.b.spec.name}"
        if (labels.get("corpus"), labels.get("model")) != (plan.corpus.name, models):
            continue
        record = store.read(entry.digest)
        if record is None or ASKED not in record.metadata:
            continue
        try:
            yield AnalysisRequest.from_dict(record.metadata[ASKED])
        except (LookupError, TypeError, ValueError, AttributeError, SettingsError) as error:
            log.warning("the analysis %s does not tell what was asked: %r", entry.digest, error)


def _add_side(side: Side, material: Material, store: Store) -> None:
    found = coverage(side, store)
    material.frames.update(dict.fromkeys(side.keys[name].digest for name in found.done))
    notes = (failure_key(side.keys[name]) for name in found.failed)
    material.failures.update(dict.fromkeys(key.digest for key in notes))


def _drop_unused(material: Material, shown: Sequence[ChosenView]) -> None:
    """Forget corpora and models that only views ask for which cannot be shown."""
    requests = [request for view in shown for request in view.requests]
    corpora = {request.corpus for request in requests}
    models = {name for request in requests for name in (request.model_a, request.model_b)}
    for name in material.corpora.keys() - corpora:
        del material.corpora[name]
        material.named.pop(name, None)
    from_controls = {CONTROL_MODELS[each] for request in requests for each in request.rows.controls}
    for name in material.models.keys() - models - from_controls:
        del material.models[name]
