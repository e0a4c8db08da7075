import pytest

from dashboard.parts.job_list import progress_text
from pipeline.engine import Job


def running(**counts):
    return Job("comparison", {}, "running", started_at_s=100.0, **counts)


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (running(), "Running for 50 s"),
        (running(total=80), "0 of 80 · the first is on its way"),
        (running(total=80, done=30, settled_at_start=30), "30 of 80 · the first is on its way"),
        (
            running(total=1000, done=100, settled_at_start=50),
            "100 of 1,000 · 1 utterances/s · about 15 min left",
        ),
        (running(total=80, done=78, failed=2), "80 of 80 · 2 failed · concluding"),
    ],
)
def test_progress_in_words(job, expected):
    assert progress_text(job, 150.0) == expected
