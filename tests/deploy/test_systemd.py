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
    given = dict(re.findall(r"^LoadCredential=([\w.]+):/etc/layerscope/(.+)$", text, re.MULTILINE))
    used = set(re.findall(r"=%d/([\w.]+)$", text, re.MULTILINE))
    assert set(given) == used
    assert {name for name in used if name.endswith(".key")} == {f"{ROLES[name]}.key"}
    # From where the user of the unit cannot read.
    assert "=/etc/layerscope/" not in text.replace("EnvironmentFile=/etc/", "")
    assert "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=True" in text
    assert "tcp://" not in text


def test_what_prometheus_needs_is_a_token_that_the_unit_is_given(deploy):
    text = (deploy / "systemd" / "metrics.conf").read_text(encoding="utf-8")
    assert "\nLoadCredential=metrics:/etc/layerscope/metrics\n" in text
    assert "\nEnvironment=LAYERSCOPE_METRICS_TOKEN_FILE=%d/metrics\n" in text


def test_nobody_but_workers_takes_all_memory(unit):
    assert ("\nMemoryMax=" in unit[1]) == (unit[0] != "layerscope-worker@.service")


def test_libraries_can_write_what_they_keep(unit):
    # The home of the user is outside of the folders of the unit.
    assert "\nEnvironment=HOME=/tmp\n" in unit[1]
    assert "\nPrivateTmp=true\n" in unit[1]


def test_workers_share_the_memory_of_the_machine_and_not_by_their_threads(deploy, memory_of):
    text = (deploy / "systemd" / "layerscope-worker@.service").read_text(encoding="utf-8")
    said = re.search(r"^Environment=WORKER_MEMORY=(\S+)$", text, re.MULTILINE)[1]
    command = re.search(r"^ExecStart=(.+)$", text, re.MULTILINE)[1].split()
    assert command[command.index("--memory-limit") + 1] == "${WORKER_MEMORY}"
    # The guide starts two.
    assert 0.7 < 2 * memory_of(["--memory-limit", said]) < 0.95


def test_every_variable_exists(unit, unknown):
    assert unknown(unit[1]) == set()
