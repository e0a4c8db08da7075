import os
import subprocess
import sys

import pytest

from pipeline.corpus.fetching.locking import only_process
from pipeline.errors import CorpusError


def test_one_process_at_a_time_and_a_killed_one_no_longer(tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from pipeline.corpus.fetching.locking import only_process\n"
        "with only_process(Path(sys.argv[1])): print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        with (
            pytest.raises(CorpusError, match=f"process {process.pid} is fetching into {tmp_path}"),
            only_process(tmp_path),
        ):
            pytest.fail("two processes fetch into one folder")
        process.kill()
        process.wait()

    def locked():
        with only_process(tmp_path):
            return (tmp_path / ".fetch.lock").read_text()

    assert locked() == str(os.getpid())


def test_folders_have_locks_of_their_own(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with only_process(tmp_path / "a"), only_process(tmp_path / "b"):
        pass
    with only_process(tmp_path / "a"):
        pass
