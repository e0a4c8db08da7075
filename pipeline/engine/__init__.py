"""Where work runs: a process of its own, beside the dashboard, over Dask.

The dashboard and the engine meet in the store alone. The page writes a job there, the engine
finds it, computes what is missing and writes it back; so both survive each other's restart, two
people asking for the same thing share one job, and no link between the processes needs guarding.
"""

from pipeline.engine.jobs import Job, find_job, submit
from pipeline.engine.lifecycle import engine_pid, ensure_running

__all__ = ["Job", "engine_pid", "ensure_running", "find_job", "submit"]
