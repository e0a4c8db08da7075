"""``cache``: what the store holds, whether it is sound, and making room in it."""

import argparse
from dataclasses import asdict

from pipeline.commands import options as shared
from pipeline.configuration import open_store
from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.run import run_plan

NAME = "cache"
DAY_S = 86_400


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True)
    usage = actions.add_parser("usage", help="records and bytes by kind, corpus and model")
    verify = actions.add_parser("verify", help="check every record; drop the damaged ones")
    prune = actions.add_parser("prune", help="delete records by kind, model, corpus or age")
    prune.add_argument("--kind", help="e.g. embedding, matrix, comparison")
    prune.add_argument("--model")
    prune.add_argument("--corpus")
    prune.add_argument("--older-than", type=float, metavar="DAYS")
    prune.add_argument("--dry-run", action="store_true", help="only say what would be deleted")
    warm = actions.add_parser("warm", help="compute the demonstration's comparison")
    for action in (usage, verify, prune, warm):
        shared.add_json(action)


def run(options: argparse.Namespace) -> int:
    """Do what is asked; `verify` returns 1 where records were damaged."""
    actions = {"usage": _usage, "verify": _verify, "prune": _prune, "warm": _warm}
    return actions[options.action](options)


def _usage(options: argparse.Namespace) -> int:
    with open_store() as store:
        usage = store.usage()
    lines = [
        f"{each.kind:16} {each.records:8} records {_mib(each.size_bytes):>12}  "
        + ", ".join(f"{name} {value}" for name, value in each.labels.items())
        for each in usage
    ]
    total = sum(each.size_bytes for each in usage)
    text = "\n".join([*lines, f"{_mib(total)} in all"])
    shared.report(options, {"usage": [asdict(each) for each in usage], "size_bytes": total}, text)
    return 0


def _verify(options: argparse.Namespace) -> int:
    with open_store() as store:
        found = store.verify()
    text = f"{found.checked} records checked, {len(found.damaged)} damaged ones dropped"
    shared.report(options, asdict(found), text)
    return 1 if found.damaged else 0


def _prune(options: argparse.Namespace) -> int:
    asked = {"model": options.model, "corpus": options.corpus}
    with open_store() as store:
        pruned = store.prune(
            kind=options.kind,
            labels={name: value for name, value in asked.items() if value} or None,
            older_than_s=options.older_than and options.older_than * DAY_S,
            dry_run=options.dry_run,
        )
    verb = "would be deleted" if options.dry_run else "deleted"
    text = f"{pruned.records} records {verb}, {_mib(pruned.size_bytes)}"
    shared.report(options, asdict(pruned), text)
    return 0


def _warm(options: argparse.Namespace) -> int:
    with open_store() as store:
        done = run_plan(DEFAULT_REQUEST.plan(store), store, progress=shared.show_progress)
    shared.report(options, dict(done), f"{done['computed']} computed, {done['cached']} were there")
    return 0


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:,.1f} MiB"
