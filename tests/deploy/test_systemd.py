"""The units: systemd itself reads them, where there is one."""

import re
import shutil
import subprocess
import sys

import pytest

UNITS = ("layerscope-web.service", "layerscope-scheduler.service", "layerscope-worker@.service")
ROLES = dict(zip(UNITS, ("client", "scheduler", "worker"), strict=True))


@pytest.fixture(params=UNITS)
def unit(request, deploy):
    return request.param, (deploy / "systemd" / request.param).read_text(encoding="utf-8")


def test_systemd_accepts_them(deploy, tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("needs systemd-analyze")
    for name in UNITS:
        text = (deploy / "systemd" / name).read_text(encoding="utf-8")
        # Programs have to exist for it.
        there = re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", text, flags=re.MULTILINE)
        (tmp_path / name).write_text(there)
    files = [tmp_path / name for name in UNITS]
    done = subprocess.run([analyze, "verify", *files], capture_output=True, text=True, check=False)  # noqa: S603 - our own files
    ours = [line for line in done.stderr.splitlines() if "layerscope" in line]
    assert ours == []
    assert done.returncode == 0


def test_each_runs_as_its_own_user_with_nothing_to_write_but_its_folders(unit):
    for line in ("User=layerscope", "ProtectSystem=strict", "NoNewPrivileges=true", "UMask=0077"):
        assert f"\n{line}\n" in unit[1]
    assert "\nCapabilityBoundingSet=\n" in unit[1]


def test_each_has_its_own_key_and_talks_over_tls(unit):
    name, text = unit
    assert set(re.findall(r"/tls/(\w+)\.key", text)) == {ROLES[name]}
    assert "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=True" in text
    assert "tcp://" not in text


def test_every_variable_exists(unit, unknown):
    assert unknown(unit[1]) == set()
