import fcntl
import os
import subprocess
import sys

import pytest

from pipeline.engine.lifecycle import engine_pid, engine_scheduler, serving, tell_scheduler
from pipeline.errors import EngineError


def test_who_serves_a_home_folder_is_known_while_it_does(tmp_path):
    assert engine_pid(tmp_path) is None
    with serving(tmp_path):
        assert engine_pid(tmp_path) == os.getpid()
        with (
            pytest.raises(EngineError, match="an engine runs already"),
            serving(tmp_path, patience_s=0.1),
        ):
            pytest.fail("two engines serve one folder")
    assert engine_pid(tmp_path) is None


def test_what_the_engine_says_of_its_scheduler_is_read_back_and_may_fail_to_be_written(
    tmp_path, caplog
):
    assert engine_scheduler(tmp_path) == ""
    tell_scheduler(tmp_path, "tls://127.0.0.1:1")
    assert engine_scheduler(tmp_path) == "tls://127.0.0.1:1"
    tell_scheduler(tmp_path / "gone", "tls://127.0.0.1:1")
    assert "engine.scheduler cannot be written" in caplog.text


def test_the_lock_can_be_inherited_from_who_starts_the_engine(tmp_path):
    with (tmp_path / "engine.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert engine_pid(tmp_path) == 0
        inherited = os.dup(lock.fileno())
    with serving(tmp_path, inherited):
        assert engine_pid(tmp_path) == os.getpid()
        assert not os.get_inheritable(inherited)
    assert engine_pid(tmp_path) is None


def test_a_killed_process_serves_no_longer(tmp_path, wait_until):
    code = (
        "import sys; from pathlib import Path; from pipeline.engine.lifecycle import serving\n"
        "with serving(Path(sys.argv[1])): print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        assert engine_pid(tmp_path) == process.pid
        process.kill()
        process.wait()
        wait_until(lambda: engine_pid(tmp_path) is None, "the lock is free")
