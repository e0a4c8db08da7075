import subprocess
import sys
import threading

import pytest

from pipeline.engine.time_limit import within

# What a worker does, without Dask: the error is heard, then the process ends.
CODE = """
import threading
from pipeline.engine.time_limit import within
from pipeline.errors import TaskTimeError
try:
    within({limit_s}, threading.Event().wait, {work_s})
except TaskTimeError as error:
    print(error, flush=True)
threading.Event().wait({then_s})
"""


def run(limit_s, work_s, then_s):
    code = CODE.format(limit_s=limit_s, work_s=work_s, then_s=then_s)
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )


def test_what_is_done_in_time_is_returned_from_a_thread_that_stays():
    threads = {within(60.0, threading.get_ident) for _ in range(2)}
    assert len(threads) == 1
    assert threads != {threading.get_ident()}
    assert within(60.0, divmod, 7, 2) == (3, 1)


@pytest.mark.parametrize("error", [LookupError, TimeoutError])
def test_what_the_function_raises_is_raised(error):
    def fail():
        raise error("of its own")

    with pytest.raises(error, match="of its own"):
        within(60.0, fail)


def test_who_waits_is_told_in_time_and_the_process_ends():
    done = run(limit_s=0.3, work_s=600, then_s=600)
    assert done.returncode == 1
    assert done.stdout.startswith("a task took longer than 0.005 minutes, which is the limit here")


def test_a_process_whose_work_is_done_in_time_lives_on():
    done = run(limit_s=60, work_s=0.01, then_s=1)
    assert (done.returncode, done.stdout) == (0, "")
