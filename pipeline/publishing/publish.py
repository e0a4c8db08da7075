"""Write a bundle: everything is looked up first, then written, then put into its place."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

from cache import Entry, Key, NewRecord, Store, freeze
from pipeline.bundle import FORMAT, LISTED, MARKER, SOUNDS
from pipeline.configuration import home
from pipeline.corpus.bundled import bundled_key, bundled_record
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.utterance import Corpus, Utterance
from pipeline.errors import BundleError
from pipeline.link_parameters import Parameters
from pipeline.models.bundled import spec_values
from pipeline.models.spec import ModelSpec
from pipeline.publishing import stripping
from pipeline.publishing.choosing import ChosenView
from pipeline.publishing.folder import refuse_taken, replaced
from pipeline.publishing.material import Material, gather
from pipeline.publishing.recordings import (
    chosen_recordings,
    picture_key,
    published_corpus,
    write_sound,
)
from pipeline.publishing.redacting import Redaction, redaction_of
from pipeline.request_text import request_of_text, request_text

Progress: TypeAlias = Callable[[Sequence[Utterance]], Iterable[Utterance]]
"""Given the utterances whose recordings are copied, yields them again."""


@dataclass(frozen=True)
class PublishReport:
    """What a bundle holds.

    Attributes
    ----------
    views, comparisons, analyses, recordings : int
    size_bytes : int
    left_out : tuple of str
        Views that cannot be shown, and why.
    without_sound : tuple of str
        Utterances whose recording was to be copied and could not be, and why.
    """

    views: int
    comparisons: int
    analyses: int
    recordings: int
    size_bytes: int
    left_out: tuple[str, ...]
    without_sound: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Draft:
    folder: Path
    store: Store
    redaction: Redaction
    pictures: dict[str, None] = field(default_factory=dict)
    sounds: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def publish(
    views: Sequence[ChosenView],
    folder: Path,
    store: Store,
    *,
    most_sounds: int | None = None,
    leave_out: bool = False,
    progress: Progress = iter,
) -> PublishReport:
    """Write a bundle of views, in the place of an older one if that is there.

    Parameters
    ----------
    views : sequence of ChosenView
    folder : Path
    store : Store
        What is drawn of recordings is computed into it where it is missing.
    most_sounds : int, optional
        Of how many utterances of each corpus the sound and the picture are copied; by default all.
    leave_out : bool
        Whether views that are not computed are left out, instead of refusing.
    progress : callable

    Raises
    ------
    BundleError
        If views are not computed, the folder is taken or cannot be written, or a text names a
        folder of this host. Nothing is written then.
    """
    refuse_taken(folder, home())
    material, shown, refused = gather(views, store)
    if not shown or (refused and not leave_out):
        raise BundleError("nothing is written: " + "; ".join(refused or ["no view is named"]))
    redaction = _redaction(material)
    listed = redaction.values(_listed(shown, material, redaction))
    with replaced(folder) as place:
        draft = _Draft(place, store, redaction)
        for name, corpus in material.corpora.items():
            chosen = chosen_recordings(corpus, material.named.get(name, {}), most_sounds)
            _copy_sounds(redaction.corpora[name], corpus, progress(chosen), draft)
        freeze(place, _records(material, draft))
        text = json.dumps(listed, indent=1, ensure_ascii=False)
        (place / LISTED).write_text(text, encoding="utf-8")
        size_bytes = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
    return PublishReport(
        views=len(shown),
        comparisons=len(material.results),
        analyses=len(material.analyses),
        recordings=len(draft.sounds),
        size_bytes=size_bytes,
        left_out=refused,
        without_sound=tuple(draft.failed),
    )


def _redaction(material: Material) -> Redaction:
    asked = {name: spec.name for name, spec in material.models.items()}
    # A corpus is called here as the views call it.
    corpora = (replace(corpus, name=name) for name, corpus in material.corpora.items())
    return redaction_of(_specs(material), asked, corpora)


def _specs(material: Material) -> tuple[ModelSpec, ...]:
    return tuple({spec.name: spec for spec in material.models.values()}.values())


def _listed(
    shown: Iterable[ChosenView], material: Material, redaction: Redaction
) -> dict[str, Any]:
    return {
        MARKER: FORMAT,
        "made_with": f"layerscope {version('layerscope')}",
        "views": [
            {
                "page": view.page,
                "name": view.name,
                "note": view.note,
                "saved_at_s": view.saved_at_s,
                "parameters": _renamed(view.parameters, redaction),
            }
            for view in shown
        ],
        "models": [
            spec_values(
                replace(
                    spec,
                    name=redaction.models[spec.name],
                    source=redaction.prose(spec.source),
                    description=redaction.prose(spec.description),
                )
            )
            for spec in _specs(material)
        ],
        "corpora": list(redaction.corpora.values()),
    }


def _renamed(parameters: Parameters, redaction: Redaction) -> dict[str, str | list[str]]:
    """Return the parameters of a link by the bundle's names."""
    names = {"corpus": redaction.corpora, **dict.fromkeys(_MODELS, redaction.models)}
    renamed: dict[str, str | list[str]] = {}
    for name, value in parameters.items():
        if name == "pair":
            pairs = [value] if isinstance(value, str) else value
            renamed[name] = [
                request_text(stripping.renamed(request_of_text(each), redaction)) for each in pairs
            ]
        else:
            known: Mapping[str, str] = names.get(name, {})
            renamed[name] = known.get(value, value) if isinstance(value, str) else value
    return renamed


_MODELS = ("a", "b", "model", "model2")


def _copy_sounds(name: str, corpus: Corpus, utterances: Iterable[Utterance], draft: _Draft) -> None:
    numbers = {each: number for number, each in enumerate(corpus.by_id)}
    digests = audio_digests(corpus, draft.store)
    places = draft.folder / SOUNDS / name
    for utterance in utterances:
        places.mkdir(parents=True, exist_ok=True)
        place = places / f"{numbers[utterance.id]:06d}.flac"
        reason = write_sound(utterance, place)
        key, why_not_drawn = picture_key(utterance, digests, draft.store)
        if reason is None:
            draft.sounds.append(utterance.id)
        if key is not None:
            draft.pictures[key.digest] = None
        draft.failed.extend(each for each in (reason, why_not_drawn) if each is not None)


def _records(material: Material, draft: _Draft) -> Iterator[NewRecord]:
    store, redaction = draft.store, draft.redaction
    for name, corpus in material.corpora.items():
        yield _corpus_record(corpus, redaction.corpora[name], draft)
    for digest, request in material.results.items():
        yield stripping.comparison(store, _entry(store, digest), request, redaction)
    for digests, strip in (
        (material.analyses, stripping.analysis),
        (material.frames, stripping.frames),
        (material.failures, stripping.failure),
        (draft.pictures, stripping.picture),
    ):
        for digest in digests:
            yield strip(store, _entry(store, digest), redaction)


def _entry(store: Store, digest: str) -> Entry:
    entry = store.entry(digest)
    if entry is None:
        raise BundleError(f"the record {digest[:12]} was deleted meanwhile; publish again")
    return entry


def _corpus_record(corpus: Corpus, name: str, draft: _Draft) -> NewRecord:
    key: Key = bundled_key(name)
    arrays, metadata = bundled_record(published_corpus(corpus, draft.store, draft.redaction, name))
    told = draft.redaction.values(metadata)
    return NewRecord(key.digest, key.kind, {"corpus": name}, 0.0, arrays, told)
