"""What a job computes, in one line: for the command line and the page alike."""

from collections.abc import Mapping
from typing import Any

from pipeline.engine.care_task import Pruning
from pipeline.engine.jobs import Job


def title(job: Job) -> str:
    """Return what a job computes."""
    task = job.task
    if job.kind == "comparison":
        return _compared(task)
    if job.kind == "analysis":
        of = "" if task["layers"] is None else " of layers {} and {}".format(*task["layers"])
        return f"{_compared(task['comparison'])}, {task['name']}{of}"
    if job.kind == "alignment":
        return f"{task['corpus']}: alignment by {task['aligner']} into {task['out']}"
    if job.kind == "care":
        return f"store: {task['action']}" + (
            f" {Pruning.from_task(task)}" if task["action"] == "prune" else ""
        )
    return f"{task['corpus']}: page of {task['utterance']}"


def unit(job: Job) -> str:
    """Return what a job's counts are of."""
    return "records" if job.kind == "care" else "utterances"


def _compared(task: Mapping[str, Any]) -> str:
    measure = task.get("measure", "cka")
    return f"{task['corpus']}: {task['model_a']} x {task['model_b']}" + (
        "" if measure == "cka" else f" by {measure}"
    )
