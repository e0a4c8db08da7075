import subprocess

import pytest

from pipeline.corpus.fetching.checksum import checksum


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_checksums_are_those_of_coreutils(tmp_path, algorithm):
    path = tmp_path / "a"
    path.write_bytes(bytes(range(256)) * 10_000)
    done = subprocess.run(  # noqa: S603 - a fixed command
        [f"/usr/bin/{algorithm}sum", path], capture_output=True, text=True, check=True
    )
    assert checksum(path, algorithm) == f"{algorithm}:{done.stdout.split()[0]}"


def test_the_checksum_of_nothing_is_the_one_in_the_standard(tmp_path):
    (tmp_path / "a").touch()
    # RFC 1321, appendix A.5.
    assert checksum(tmp_path / "a", "md5") == "md5:d41d8cd98f00b204e9800998ecf8427e"
