"""``jobs``: what the engine computes; start, watch, cancel and retry it."""

import argparse
import time
from collections.abc import Callable
from dataclasses import asdict

from pipeline.commands import job_text, jobs_start, jobs_wait
from pipeline.commands import options as shared
from pipeline.configuration import home, open_store
from pipeline.engine import (
    Job,
    JobQueue,
    engine_pid,
    engine_scheduler,
    ensure_running,
    open_queue,
    retry,
)
from pipeline.errors import EngineError

NAME = "jobs"
_LATEST = 20


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's sub-commands."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="what waits, what runs, and what ended last")
    listing.add_argument("--all", action="store_true", help=f"not only the latest {_LATEST}")
    listing.set_defaults(run_action=_list)
    shared.add_json(listing)
    for name, (act, purpose) in _ACTIONS.items():
        action = actions.add_parser(name, help=purpose, description=purpose)
        action.add_argument("id", help="as jobs list shows it, or its first digits")
        action.set_defaults(run_action=_run_for_job, act=act)
        shared.add_json(action)
    start = actions.add_parser("start", help=jobs_start.PURPOSE, description=jobs_start.PURPOSE)
    jobs_start.add_options(start)
    start.set_defaults(run_action=jobs_start.run)


def run(options: argparse.Namespace) -> int:
    """Do what is asked."""
    return int(options.run_action(options))


def _list(options: argparse.Namespace) -> int:
    folder = home()
    pid = engine_pid(folder)
    scheduler = engine_scheduler(folder) if pid else None
    engine = "no engine runs" if pid is None else "the engine starts"
    if pid:
        engine = f"the engine is process {pid}; its scheduler: {scheduler}"
    with open_queue() as queue:
        latest = queue.latest() if options.all else queue.latest(_LATEST)
        older = [job for job in queue.active() if job not in latest]
    jobs = [*latest, *older]
    values = {
        "engine": {"pid": pid, "scheduler": scheduler},
        "jobs": [job_text.values(job) for job in jobs],
    }
    shared.report(options, values, "\n".join([engine, *map(job_text.line, jobs)]))
    return 0


def _run_for_job(options: argparse.Namespace) -> int:
    with open_queue() as queue:
        act: Callable[[argparse.Namespace, JobQueue, Job], int] = options.act
        return act(options, queue, queue.by_id(options.id))


def _show(options: argparse.Namespace, _queue: JobQueue, job: Job) -> int:
    values = job_text.values(job)
    lines = [
        f"{name:18} {_clock(each) if name.endswith('_at_s') else each}"
        for name, each in values.items()
    ]
    shared.report(options, values, "\n".join(lines))
    return 0


def _log(options: argparse.Namespace, queue: JobQueue, job: Job) -> int:
    lines = queue.log_of(job.digest)
    values = {"id": job.id, "log": [asdict(line) for line in lines]}
    shared.report(options, values, "\n".join(f"{_clock(line.at_s)} {line.text}" for line in lines))
    return 0


def _clock(at_s: float) -> str:
    return "" if not at_s else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at_s))


def _cancel(options: argparse.Namespace, queue: JobQueue, job: Job) -> int:
    if not queue.cancel(job, jobs_start.user()):
        raise EngineError(f"job {job.id} is {job.state}; only what waits or runs can be cancelled")
    text = f"{job.id} cancelled; what it computed is kept"
    shared.report(options, {"id": job.id, "state": "cancelled"}, text)
    return 0


def _retry(options: argparse.Namespace, queue: JobQueue, job: Job) -> int:
    with open_store() as store:
        again = retry(queue, store, job, jobs_start.user())
    ensure_running(home())
    shared.report(options, job_text.values(again), job_text.line(again))
    return 0


_ACTIONS = {
    "show": (_show, "all that is known of a job"),
    "log": (_log, "what happened to a job"),
    "cancel": (_cancel, "stop a job that waits or runs; what it computed is kept"),
    "retry": (_retry, "queue a job that failed or was cancelled, its failed utterances included"),
    "wait": (jobs_wait.run, "wait until a job has ended; fail if it does"),
}
