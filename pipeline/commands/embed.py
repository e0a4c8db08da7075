"""``embed``: one model's word embeddings of a corpus, into the store."""

import argparse

from pipeline.commands import options as shared
from pipeline.configuration import open_store
from pipeline.corpus.digests import audio_digests
from pipeline.models.catalogue import find_model
from pipeline.planning import coverage, fitting_warnings, make_side
from pipeline.run import embed_missing

NAME = "embed"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    shared.add_corpus(parser)
    parser.add_argument("--model", required=True, help="a model's name (see: models list)")
    shared.add_settings(parser)
    parser.add_argument("--device", help="cpu or cuda (default: cuda where there is one)")
    parser.add_argument(
        "--layers", choices=("all",), default="all", help="all layers are kept: they cost one run"
    )
    shared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Embed what is missing."""
    corpus, spec = shared.corpus_from(options), find_model(options.model)
    settings = shared.settings_from(options)
    shared.report_problems(corpus)
    shared.warn(fitting_warnings(spec, settings))
    with open_store() as store:
        side = make_side(corpus, spec, settings, audio_digests(corpus, store))
        counts = embed_missing(
            side, corpus, settings, store, progress=shared.show_progress, device=options.device
        )
        shared.report_failures(coverage(side, store).failed.values())
    text = (
        f"{spec.name} on {corpus.name}: {counts['computed']} computed, {counts['cached']} were in "
        f"the cache, {counts['failed']} failed"
    )
    if spec.modality == "control":
        text = f"{spec.name} is made from the words themselves; there is nothing to embed"
    shared.report(options, {"model": spec.name, "corpus": corpus.name, **counts}, text)
    return 0
