"""``cache``: what the store holds, whether it is sound, making room in it, sharing, backing up."""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from cache import Entry, Usage
from pipeline.backup import BackupReport, back_up, restore
from pipeline.commands import options as shared
from pipeline.configuration import home, open_store, shared_tier, size_from
from pipeline.demonstration import DEFAULT_REQUEST
from pipeline.engine import LABELS, Pruning
from pipeline.errors import SettingsError
from pipeline.run import run_plan

NAME = "cache"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True)
    usage = actions.add_parser("usage", help="records and bytes by kind, corpus, model, settings")
    verify = actions.add_parser("verify", help="check every record; drop the damaged ones")
    prune = actions.add_parser("prune", help="delete records by what they are, by age or by size")
    prune.add_argument("--kind", help="e.g. embedding, matrix, comparison")
    for label in LABELS:
        prune.add_argument(f"--{label}", help="as `cache usage` shows it")
    prune.add_argument("--older-than", type=float, metavar="DAYS")
    prune.add_argument(
        "--to-size", metavar="SIZE", help="only the oldest, until the store is no larger, e.g. 10GB"
    )
    prune.add_argument("--dry-run", action="store_true", help="only say what would be deleted")
    share = actions.add_parser("share", help="copy to LAYERSCOPE_SHARED what is not there")
    warm = actions.add_parser("warm", help="compute the demonstration's comparison")
    backup = actions.add_parser("backup", help="copy store, jobs and saved views into a new folder")
    backup.add_argument("folder", type=Path, metavar="DIR")
    restoring = actions.add_parser("restore", help="copy a backup into an empty home folder")
    restoring.add_argument("folder", type=Path, metavar="DIR")
    for action in (usage, verify, prune, share, warm, backup, restoring):
        shared.add_json(action)


def run(options: argparse.Namespace) -> int:
    """Do what is asked; 1 where records were damaged, or could not be shared."""
    actions = {
        "usage": _usage,
        "verify": _verify,
        "prune": _prune,
        "share": _share,
        "warm": _warm,
        "backup": _backup,
        "restore": _restore,
    }
    return actions[options.action](options)


def _usage(options: argparse.Namespace) -> int:
    with open_store() as store:
        usage = store.usage(by=LABELS)
    lines = [
        f"{each.kind:16} {each.records:8} records {_mib(each.size_bytes):>12}  {_labels(each)}"
        for each in usage
    ]
    records, total = (sum(each.records for each in usage), sum(each.size_bytes for each in usage))
    text = "\n".join([*lines, f"{'in all':16} {records:8} records {_mib(total):>12}"])
    values = {"usage": [asdict(each) for each in usage], "records": records, "size_bytes": total}
    shared.report(options, values, text)
    return 0


def _verify(options: argparse.Namespace) -> int:
    with open_store() as store:
        known = {entry.digest: entry for entry in store.find()}
        found = store.verify()
    dropped = [known[digest] for digest in found.damaged if digest in known]
    lines = [f"dropped {each.digest}: {each.kind}, {_labels(each)}" for each in dropped]
    lines.append(f"{found.checked} records checked, {len(found.damaged)} damaged ones dropped")
    shared.report(options, asdict(found), "\n".join(lines))
    return 1 if found.damaged else 0


def _prune(options: argparse.Namespace) -> int:
    pruning = Pruning(
        options.kind,
        **{name: getattr(options, name) for name in LABELS},
        older_than_days=options.older_than,
        to_size_bytes=options.to_size and size_from(options.to_size, "--to-size"),
    )
    with open_store() as store:
        pruned = pruning.run(store, dry_run=options.dry_run)
    verb = "would be deleted" if options.dry_run else "deleted"
    text = f"{pruned.records} records {verb}, {_mib(pruned.size_bytes)}"
    shared.report(options, asdict(pruned), text)
    return 0


def _share(options: argparse.Namespace) -> int:
    tier = shared_tier()
    if tier is None:
        raise SettingsError(
            "LAYERSCOPE_SHARED is not set; expected where hosts share results, e.g. "
            "file:///mnt/shared/layerscope or s3://bucket/folder"
        )
    with open_store() as store:
        done = tier.publish_all(store)
    text = f"{done.published} published, {done.present} were there, {done.left} could not be"
    shared.report(options, asdict(done), text)
    return 1 if done.left else 0


def _warm(options: argparse.Namespace) -> int:
    with open_store() as store:
        done = run_plan(DEFAULT_REQUEST.plan(store), store, progress=shared.show_progress)
    shared.report(options, dict(done), f"{done['computed']} computed, {done['cached']} were there")
    return 0


def _backup(options: argparse.Namespace) -> int:
    done = back_up(home(), options.folder, _with_progress)
    return _report_copy(options, done, f"copied into {options.folder}")


def _restore(options: argparse.Namespace) -> int:
    done = restore(options.folder, home(), _with_progress)
    return _report_copy(options, done, f"restored into {home()}")


def _with_progress(entries: Sequence[Entry]) -> Iterable[Entry]:
    return shared.show_progress(entries, len(entries), "records")


def _report_copy(options: argparse.Namespace, done: BackupReport, what: str) -> int:
    beside = ", ".join(done.beside) or "nothing beside them"
    lines = [f"left out, because it is damaged: {digest}" for digest in done.damaged]
    lines.append(
        f"{done.records} records, {_mib(done.size_bytes)}, and {beside}, checked and {what}"
    )
    shared.report(options, asdict(done), "\n".join(lines))
    return 1 if done.damaged else 0


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:,.1f} MiB"


def _labels(told: Usage | Entry) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(told.labels.items()))
