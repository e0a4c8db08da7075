import os
import subprocess
import sys

import pytest

from pipeline.engine.lifecycle import engine_pid, serving
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
