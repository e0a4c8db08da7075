"""``corpora``: list the registered corpora, check one, register another."""

import argparse
from collections import Counter
from pathlib import Path

from pipeline.commands import options as shared
from pipeline.configuration import home
from pipeline.corpus.opening import open_corpus
from pipeline.corpus.registry import add_corpus, registered

NAME = "corpora"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True)
    shared.add_json(actions.add_parser("list", help="the registered corpora"))
    check = actions.add_parser("check", help="what a corpus holds, and every problem in it")
    check.add_argument("path", help="a registered corpus' name, or a folder")
    add = actions.add_parser("add", help="register a folder under a name")
    add.add_argument("name")
    add.add_argument("path", type=Path)
    for action in (check, add):
        action.add_argument("--alignments", type=Path, help="folder of the alignments")
        shared.add_json(action)


def run(options: argparse.Namespace) -> int:
    """Do what is asked; `check` returns 1 where there are problems."""
    return {"list": _list, "check": _check, "add": _add}[options.action](options)


def _list(options: argparse.Namespace) -> int:
    corpora = registered(home())
    values = {"corpora": [{"name": each.name, "path": each.path} for each in corpora]}
    text = "\n".join(f"{each.name:20} {each.path or 'comes with LayerScope'}" for each in corpora)
    shared.report(options, values, text)
    return 0


def _check(options: argparse.Namespace) -> int:
    corpus = open_corpus(options.path, options.alignments, registry_folder=home())
    words = Counter(word for utterance in corpus.utterances for word in utterance.words)
    timed = sum(i is not None for u in corpus.utterances for i in u.word_intervals)
    values = {
        "name": corpus.name,
        "utterances": len(corpus.utterances),
        "speakers": len({utterance.speaker for utterance in corpus.utterances}),
        "hours": sum(utterance.duration_s for utterance in corpus.utterances) / 3600,
        "tokens": words.total(),
        "tokens_with_times": timed,
        "types": len(words),
        "problems": [
            {"file": each.file, "utterance": each.utterance, "reason": each.reason}
            for each in corpus.problems
        ],
    }
    summary = (
        f"{corpus.name}: {values['utterances']} utterances by {values['speakers']} speakers, "
        f"{values['hours']:.2f} hours, {values['tokens']} words ({values['types']} types), "
        f"{timed} with times; {len(corpus.problems)} problems"
    )
    problems = [f"  {each.file}: {each.reason}" for each in corpus.problems]
    shared.report(options, values, "\n".join([summary, *problems]))
    return 1 if corpus.problems else 0


def _add(options: argparse.Namespace) -> int:
    corpus = open_corpus(options.path, options.alignments)
    add_corpus(options.name, options.path, options.alignments, home())
    shared.report_problems(corpus)
    text = f"{options.name}: {len(corpus.utterances)} utterances registered"
    shared.report(options, {"name": options.name, "utterances": len(corpus.utterances)}, text)
    return 0
