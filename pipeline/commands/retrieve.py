"""``retrieve``: how often one model's layer names the words that another's holds, as JSON."""

import argparse
import json
from collections.abc import Collection
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from cache import Store
from pipeline.analyses.named_rows import each_row
from pipeline.analyses.retrieval import RetrievedWords, retrieved_words
from pipeline.commands import options as shared
from pipeline.commands.embedding import embed_sides
from pipeline.comparison import provenance
from pipeline.configuration import open_store
from pipeline.matrices import build_matrices
from pipeline.models.catalogue import find_model
from pipeline.planning import Plan, make_plan
from pipeline.similarity.retrieval import RetrievalSettings
from pipeline.words.matrix import check_same_rows
from pipeline.words.rows import Rows, rows_listed

NAME = "retrieve"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    shared.add_corpus(parser)
    parser.add_argument("--model1", required=True, help="its vectors are looked up")
    parser.add_argument("--layer1", type=int, required=True, help="0 is the first (models show)")
    parser.add_argument("--model2", required=True, help="its vectors are the candidates")
    parser.add_argument("--layer2", type=int, required=True, help="0 is the first (models show)")
    shared.add_settings(parser)
    defaults = RetrievalSettings()
    parser.add_argument("--k", type=int, default=defaults.k, help="products kept of each token")
    parser.add_argument("--p", type=int, default=defaults.p, help="the power they are raised to")
    parser.add_argument(
        "--held-out", type=float, default=defaults.held_out, help="share of tokens looked up"
    )
    parser.add_argument("--seed", type=int, default=defaults.seed, help="which tokens these are")
    parser.add_argument(
        "--unit-length", action="store_true", help="scale vectors to length 1 first"
    )
    parser.add_argument("--words", type=Path, help="JSON: utterance id -> words to keep")
    parser.add_argument("--out", type=Path, required=True, help="FILE.json")
    parser.add_argument("--device", help="cpu or cuda (default: cuda where there is one)")
    shared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Compute what is missing, look the held-out words up and write how many were found."""
    corpus, settings = shared.corpus_from(options), shared.settings_from(options)
    specs = find_model(options.model1), find_model(options.model2)
    layers = options.layer1, options.layer2
    for spec, layer in zip(specs, layers, strict=True):
        shared.check_layer(spec, layer)
    wanted = RetrievalSettings(
        **{field.name: getattr(options, field.name) for field in fields(RetrievalSettings)}
    )
    shared.report_problems(corpus)
    with open_store() as store:
        plan = make_plan(corpus, *specs, settings, store)
        failed = embed_sides(plan, store, options.device)
        vectors, rows = _vectors(plan, store, failed, layers, options.words)
        found = retrieved_words(*vectors, rows, wanted, rows.digest)
    versions = {"layerscope": version("layerscope"), "numpy": np.__version__}
    values = {
        "layer1": specs[0].layer_names[layers[0]],
        "layer2": specs[1].layer_names[layers[1]],
        "settings": asdict(wanted),
        **_plain(found),
        "provenance": provenance(plan, versions),
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    document = json.dumps(values, indent=1, allow_nan=False) + "\n"
    options.out.write_text(document, encoding="utf-8")
    text = (
        f"{options.out}: {found.among_anchors['top1']:.1%} of {len(found.named)} words found "
        f"among {found.anchors} anchors ({found.majority:.1%} by always naming the commonest)"
    )
    shared.report(options, values, text)
    return 0


def _vectors(
    plan: Plan,
    store: Store,
    failed: Collection[str],
    layers: tuple[int, int],
    word_list: Path | None,
) -> tuple[tuple[np.ndarray, np.ndarray], Rows]:
    """Return both models' vectors of the words they share, or of those that a list names."""
    a, b = build_matrices(plan, store, failed)
    check_same_rows(a, b)
    vectors, rows = (a.layers[layers[0]], b.layers[layers[1]]), a.rows
    if word_list is None:
        return vectors, rows
    kept = rows.among(rows_listed(rows, word_list))
    return (vectors[0][kept], vectors[1][kept]), rows.select(kept)


def _plain(found: RetrievedWords) -> dict[str, Any]:
    """Return the accuracies and every token that was looked up; null where no value exists."""
    rows = zip(each_row(found), found.named, strict=True)
    return {
        "among_anchors": found.among_anchors,
        "among_all": found.among_all,
        "majority": found.majority,
        "counts": {
            "anchors": found.anchors,
            "held_out": len(found.named),
            "unseen": found.unseen,
        },
        "row_digest": found.row_digest,
        "tokens": [{**row, "named": named} for row, named in rows],
    }
