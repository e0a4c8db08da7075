"""``corpora``: list the registered corpora; check, add, align or fetch one."""

import argparse
from pathlib import Path

from pipeline.commands import corpora_align, corpora_check, corpora_fetch
from pipeline.commands import options as shared
from pipeline.configuration import home
from pipeline.corpus.registry import registered
from pipeline.library import register_corpus

NAME = "corpora"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="the registered corpora")
    shared.add_json(listing)
    listing.set_defaults(run_action=_list)
    add = actions.add_parser("add", help="register a folder or a manifest under a name")
    add.add_argument("name")
    add.add_argument("path", type=Path)
    add.add_argument("--alignments", type=Path, help="folder of the alignments")
    shared.add_json(add)
    add.set_defaults(run_action=_add)
    for name, module, title in _ACTIONS:
        action = actions.add_parser(name, help=title, description=title)
        module.add_options(action)
        action.set_defaults(run_action=module.run)


_ACTIONS = (
    ("check", corpora_check, "what a corpus holds, and every problem in it"),
    ("align", corpora_align, "find word times where there are none"),
    ("fetch", corpora_fetch, "download a public corpus with its alignments, and register it"),
)


def run(options: argparse.Namespace) -> int:
    """Do what is asked."""
    return int(options.run_action(options))


def _list(options: argparse.Namespace) -> int:
    corpora = registered(home())
    values = {"corpora": [{"name": each.name, "path": each.path} for each in corpora]}
    text = "\n".join(f"{each.name:20} {each.path or 'comes with LayerScope'}" for each in corpora)
    shared.report(options, values, text)
    return 0


def _add(options: argparse.Namespace) -> int:
    corpus = register_corpus(options.name, options.path, options.alignments)
    shared.report_problems(corpus)
    text = f"{options.name}: {len(corpus.utterances)} utterances registered"
    shared.report(options, {"name": options.name, "utterances": len(corpus.utterances)}, text)
    return 0
