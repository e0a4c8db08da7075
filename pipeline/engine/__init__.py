"""Where work runs: a process of its own, beside the dashboard, over Dask.

The dashboard and the engine meet in the home folder alone. The page puts a job into a table, the
engine finds it there, computes what the store lacks and writes it back; so both survive each
other's restart, two people asking for the same thing share one job, and no link between the
processes needs guarding.
"""

from pipeline.engine.job_queue import JobQueue, find_job, open_queue
from pipeline.engine.jobs import Job, LogLine
from pipeline.engine.lifecycle import engine_pid, engine_scheduler, ensure_running

__all__ = [
    "Job",
    "JobQueue",
    "LogLine",
    "engine_pid",
    "engine_scheduler",
    "ensure_running",
    "find_job",
    "open_queue",
]
