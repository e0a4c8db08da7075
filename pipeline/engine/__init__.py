"""Where work runs: a process of its own, beside the dashboard, over Dask.

The dashboard and the engine meet in the home folder alone. The page puts a job into a table, the
engine finds it there, computes what the store lacks and writes it back; so both survive each
other's restart, two people asking for the same thing share one job, and no link between the
processes needs guarding.
"""

from pipeline.engine.care_task import LABELS, VERIFY, Pruning
from pipeline.engine.job_queue import JobQueue, find_job, open_queue
from pipeline.engine.job_title import title, unit
from pipeline.engine.jobs import ENDED, KINDS, Job, Kind, LogLine, State
from pipeline.engine.lifecycle import engine_pid, engine_scheduler, ensure_running
from pipeline.engine.retrying import retry
from pipeline.engine.status import EngineState, EngineStatus, engine_status

__all__ = [
    "ENDED",
    "KINDS",
    "LABELS",
    "VERIFY",
    "EngineState",
    "EngineStatus",
    "Job",
    "JobQueue",
    "Kind",
    "LogLine",
    "Pruning",
    "State",
    "engine_pid",
    "engine_scheduler",
    "engine_status",
    "ensure_running",
    "find_job",
    "open_queue",
    "retry",
    "title",
    "unit",
]
