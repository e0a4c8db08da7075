"""The compose file: by its specification, and who reaches what."""

import copy
import json
import re

import compose_spec
import pytest
import yaml

SERVICES = ("proxy", "web", "scheduler", "worker")


def read_by_the_specification(said):
    return compose_spec.PyCompose.from_json(json.dumps(said)).service_names()


def test_it_is_what_the_specification_says(compose, deploy):
    assert set(read_by_the_specification(compose)) == set(SERVICES)
    for name, service in (("gpu", "worker"), ("metrics", "web")):
        more = yaml.safe_load((deploy / f"compose.{name}.yaml").read_text(encoding="utf-8"))
        assert read_by_the_specification(more) == [service]
    misspelt = copy.deepcopy(compose)
    misspelt["services"]["web"]["reed_only"] = True
    with pytest.raises(ValueError, match="reed_only"):
        read_by_the_specification(misspelt)


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_has_few_rights_and_a_health_check(compose, name):
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["stop_grace_period"]
    assert ("mem_limit" in service) == (name in ("web", "scheduler"))
    assert "privileged" not in service
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+(-\w+)?", service["image"])


def test_only_the_proxy_is_reached_and_workers_reach_nobody_outside(compose):
    services = compose["services"]
    assert [name for name in SERVICES if "ports" in services[name]] == ["proxy"]
    assert compose["networks"]["compute"] == {"internal": True}
    assert services["scheduler"]["networks"] == services["worker"]["networks"] == ["compute"]
    assert services["proxy"]["networks"] == ["edge"]


def test_scheduler_and_workers_talk_over_tls_each_with_its_own_key(compose):
    roles = {"web": "client", "scheduler": "scheduler", "worker": "worker"}
    for name, role in roles.items():
        service = compose["services"][name]
        told = service["environment"]
        assert told["DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION"] == "True"
        assert told["DASK_DISTRIBUTED__COMM__TLS__CA_FILE"] == "/run/secrets/ca.pem"
        prefix = f"DASK_DISTRIBUTED__COMM__TLS__{role.upper()}"
        assert told[f"{prefix}__KEY"] == f"/run/secrets/{role}.key"
        assert told[f"{prefix}__CERT"] == f"/run/secrets/{role}.pem"
        keys = {each for each in service["secrets"] if each.endswith(".key")}
        assert keys == {f"{role}.key"}
    assert compose["services"]["web"]["environment"]["LAYERSCOPE_SCHEDULER"].startswith("tls://")
    assert "tls://scheduler:8786" in compose["services"]["worker"]["command"]
    command = compose["services"]["scheduler"]["command"]
    assert command[command.index("--protocol") + 1] == "tls"


def test_workers_share_the_memory_of_the_machine_and_not_by_their_threads(compose, memory_of):
    worker = compose["services"]["worker"]
    assert 0.7 < worker["deploy"]["replicas"] * memory_of(worker["command"]) < 0.95


def test_what_prometheus_needs_is_one_network_and_one_secret(compose, deploy):
    more = yaml.safe_load((deploy / "compose.metrics.yaml").read_text(encoding="utf-8"))
    web = more["services"]["web"]
    told = web["environment"]
    assert told["LAYERSCOPE_METRICS_TOKEN_FILE"] == f"/run/secrets/{web['secrets'][0]}"
    assert more["secrets"] == {"metrics": {"file": "./secrets/metrics"}}
    # By its name there; nobody gets out of that network, nor to the workers by it.
    assert told["LAYERSCOPE_HOSTS"] in compose["services"]
    assert more["networks"]["metrics"]["internal"] is True


def test_secrets_are_files_that_are_not_kept_with_the_source(compose, deploy):
    assert {name for s in compose["services"].values() for name in s.get("secrets", [])} == set(
        compose["secrets"]
    )
    ignored = (deploy.parent / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "/deploy/secrets/" in ignored
    assert "/deploy/layerscope.env" in ignored
    for secret in compose["secrets"].values():
        assert secret["file"].startswith("./secrets/")


def test_what_is_mounted_is_there_or_said_to_be_made(compose, deploy):
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            is_named = source in compose["volumes"]
            assert (
                is_named
                or source in ("./corpora", "./models", "./backup")
                or (deploy / source).exists()
            )


def test_every_variable_exists(deploy, unknown):
    assert unknown((deploy / "compose.yaml").read_text(encoding="utf-8")) == set()
