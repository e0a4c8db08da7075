"""``matrix``: one layer's word vectors as a NumPy file, with a table of what each row is."""

import argparse
from pathlib import Path

import numpy as np

from pipeline.commands import options as shared
from pipeline.compared import positions
from pipeline.configuration import open_store
from pipeline.corpus.digests import audio_digests
from pipeline.corpus.filtering import utterances_saying
from pipeline.errors import SettingsError
from pipeline.matrices import load_embeddings, matrix_of
from pipeline.models.catalogue import find_model
from pipeline.planning import coverage, make_side
from pipeline.run import embed_missing
from pipeline.words.rows import rows_listed, rows_with, spoken_rows
from pipeline.words.storage import labels_of

NAME = "matrix"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    shared.add_corpus(parser)
    parser.add_argument("--model", required=True, help="a model's name (see: models list)")
    parser.add_argument("--layer", type=int, required=True, help="0 is the first (models show)")
    shared.add_settings(parser)
    shared.add_rows(parser)
    parser.add_argument("--words", type=Path, help="JSON: utterance id -> words to keep")
    parser.add_argument("--out", type=Path, required=True, help="FILE.npy")
    parser.add_argument("--device", help="cpu or cuda (default: cuda where there is one)")
    shared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Write ``FILE.npy`` (words, dim) and ``FILE.rows.csv``."""
    corpus, spec = shared.corpus_from(options), find_model(options.model)
    shared.check_layer(spec, options.layer)
    settings, asked = shared.settings_from(options), shared.rows_from(options)
    if asked.controls or asked.values != "tokens":
        raise SettingsError(
            "a matrix holds the vectors themselves; take --values and --without to the command cka"
        )
    utterances = utterances_saying(corpus, asked.where)
    with open_store() as store:
        side = make_side(corpus, spec, settings, audio_digests(corpus, store), utterances)
        embed_missing(
            side, corpus, settings, store, progress=shared.show_progress, device=options.device
        )
        found = coverage(side, store)
        shared.report_failures(found.failed.values())
        names = found.done or tuple(utterance.id for utterance in utterances)
        embeddings = load_embeddings(side, names, store)
        rows = spoken_rows(corpus, settings.unit, frozenset(names))
        if embeddings is not None:
            rows = rows_with(rows, embeddings.token_ids())
        if options.words is not None:
            rows = rows_listed(rows, options.words)
        rows = rows.take(positions(asked, rows))
        labels = labels_of(spec, corpus.name, settings)
        matrix = matrix_of(side, names, embeddings, rows, store, labels).layers[options.layer]
        options.out.parent.mkdir(parents=True, exist_ok=True)
        np.save(options.out, matrix, allow_pickle=False)
    table = options.out.with_suffix(".rows.csv")
    rows.write_csv(table)
    values = {"file": options.out, "rows_file": table, "shape": matrix.shape, "rows": rows.digest}
    shape = " x ".join(map(str, matrix.shape))
    shared.report(options, values, f"{options.out}: {shape}, rows in {table}")
    return 0
