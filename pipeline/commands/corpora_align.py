"""``corpora align``: word times for the utterances of a corpus that have none."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.commands import options as shared
from pipeline.forced_alignment import ALIGNERS, open_aligner
from pipeline.forced_alignment.corpus_alignment import Outcome, align_corpus, conclude
from pipeline.library import open_corpus


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("path", help="a registered corpus' name, or a folder")
    parser.add_argument("--alignments", type=Path, help="folder of the alignments there are")
    listed = "; ".join(f"{name}: {purpose}" for name, purpose in ALIGNERS.items())
    parser.add_argument("--aligner", required=True, help=listed)
    parser.add_argument("--out", type=Path, required=True, help="folder for the TextGrids")
    shared.add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Align what has no times; return 1 where some could not be aligned."""
    corpus = open_corpus(options.path, options.alignments)
    aligner = open_aligner(options.aligner)
    utterances = corpus.unaligned
    outcomes = list(
        shared.show_progress(
            align_corpus(utterances, corpus.root, aligner, options.out),
            len(utterances),
            aligner.name,
        )
    )
    conclude(options.out, outcomes)
    values = _values(outcomes)
    shared.report_failures(values["failures"].values())
    text = (
        f"{corpus.name}: {values['aligned']} utterances aligned by {aligner.name}, "
        f"{values['found']} were there, {len(values['failures'])} failed; "
        f"{len(values['notes'])} with notes (--json lists them). "
        f"Use them with --alignments {options.out}"
    )
    named = {"corpus": corpus.name, "aligner": aligner.name, "out": options.out}
    shared.report(options, named | values, text)
    return 1 if values["failures"] else 0


def _values(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    failures = {each.utterance: each.failure for each in outcomes if each.failure is not None}
    found = sum(each.was_there for each in outcomes)
    return {
        "aligned": len(outcomes) - found - len(failures),
        "found": found,
        "failures": failures,
        "notes": {each.utterance: each.notes for each in outcomes if each.notes},
    }
