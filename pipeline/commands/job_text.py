"""A job in words and in plain values."""

import time
from dataclasses import asdict
from typing import Any

from pipeline.engine import Job, title, unit


def line(job: Job) -> str:
    """Return a job in one line."""
    parts = [f"{job.id}  {job.state:9}  {title(job)}", _progress(job), f"asked by {job.asked_by}"]
    if job.error:
        parts.append(job.error)
    return "; ".join(part for part in parts if part)


def _progress(job: Job) -> str:
    if not job.total:
        return ""
    parts = [f"{job.done:,} of {job.total:,} done"]
    if job.failed:
        parts.append(f"{job.failed:,} failed")
    now_s = time.time()
    rate, left_s = job.rate(now_s), job.seconds_left(now_s)
    if rate is not None:
        parts.append(f"{rate:.3g} {unit(job)}/s")
    if left_s is not None and job.is_active:
        parts.append(f"about {left_s:,.0f} s left")
    return ", ".join(parts)


def values(job: Job) -> dict[str, Any]:
    """Return all that is known of a job."""
    now_s = time.time()
    return {
        "id": job.id,
        "digest": job.digest,
        **asdict(job),
        "utterances_per_s": job.rate(now_s),
        "seconds_left": job.seconds_left(now_s) if job.is_active else None,
    }
