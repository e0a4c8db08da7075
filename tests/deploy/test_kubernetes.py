"""The manifests: by the schemas of Kubernetes, and by its rules for restricted pods."""

import copy
import re
import tomllib
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).parents[2]
VERSION = "1.37"


def of_kind(manifests, kind):
    return {each["metadata"]["name"]: each for each in manifests if each["kind"] == kind}


def test_they_are_what_the_schemas_say(manifests):
    for each in manifests:
        kubernetes_validate.validate(each, VERSION, strict=True)
    misspelt = copy.deepcopy(of_kind(manifests, "Deployment")["web"])
    misspelt["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(misspelt, VERSION, strict=True)


def test_the_pod_for_volumes_mounts_what_the_pages_do_and_may_write_it(manifests, deploy):
    shell = yaml.safe_load((deploy / "kubernetes.shell.yaml").read_text(encoding="utf-8"))
    kubernetes_validate.validate(shell, VERSION, strict=True)
    web = of_kind(manifests, "Deployment")["web"]["spec"]["template"]["spec"]
    assert shell["spec"]["securityContext"] == web["securityContext"]
    ((there,), (here,)) = web["containers"], shell["spec"]["containers"]
    assert here["image"] == there["image"]
    assert here["securityContext"] == there["securityContext"]
    places = {m["mountPath"]: (m["name"], m.get("subPath")) for m in there["volumeMounts"]}
    mounted = {m["mountPath"]: (m["name"], m.get("subPath")) for m in here["volumeMounts"]}
    assert {"/data/home", "/data/corpora", "/data/models", "/backup"} < set(mounted)
    assert mounted.items() <= places.items()
    assert not [mount for mount in here["volumeMounts"] if mount.get("readOnly")]


@pytest.mark.parametrize("name", ["web", "scheduler", "worker"])
def test_each_pod_has_few_rights_a_probe_and_limits(manifests, name):
    pod = of_kind(manifests, "Deployment")[name]["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert re.search(r":\d+\.\d+\.\d+$", container["image"])
    assert "livenessProbe" in container
    assert "memory" in container["resources"]["limits"]
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_secrets_are_named_and_not_held(manifests):
    assert of_kind(manifests, "Secret") == {}
    roles = {"web": "client", "scheduler": "scheduler", "worker": "worker"}
    for name, deployment in of_kind(manifests, "Deployment").items():
        volumes = deployment["spec"]["template"]["spec"]["volumes"]
        (tls,) = [each["secret"] for each in volumes if each["name"] == "tls"]
        role = roles[name]
        assert [item["key"] for item in tls["items"]] == ["ca.pem", f"{role}.pem", f"{role}.key"]


def test_the_settings_are_those_of_the_example(manifests, example):
    assert of_kind(manifests, "ConfigMap")["layerscope"]["data"] == example


def test_the_base_path_is_the_same_everywhere(manifests, example):
    base = f"/{example['STREAMLIT_SERVER_BASE_URL_PATH']}"
    (web,) = of_kind(manifests, "Deployment")["web"]["spec"]["template"]["spec"]["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = web[probe]["httpGet"]
        assert asked["path"] == f"{base}/_stcore/health"
        # By the pod's address the server would not answer.
        assert asked["httpHeaders"] == [{"name": "Host", "value": "localhost"}]
    (rule,) = of_kind(manifests, "Ingress")["web"]["spec"]["rules"]
    assert rule["http"]["paths"][0]["path"] == base
    assert example["LAYERSCOPE_PUBLIC_URL"] == f"https://{rule['host']}{base}"


def test_files_of_a_page_pass_the_ingress(manifests):
    told = of_kind(manifests, "Ingress")["web"]["metadata"]["annotations"]
    passed = re.fullmatch(r"(\d+)m", told["nginx.ingress.kubernetes.io/proxy-body-size"])
    largest = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]
    assert int(passed[1]) > largest["maxUploadSize"]


def test_prometheus_is_let_in_with_a_token_and_by_a_name_that_is_known(manifests):
    pod = of_kind(manifests, "Deployment")["web"]["spec"]["template"]["spec"]
    told = {each["name"]: each["value"] for each in pod["containers"][0]["env"]}
    assert told["LAYERSCOPE_METRICS_TOKEN_FILE"] == "/run/secrets/metrics/token"  # noqa: S105 - a place
    service = of_kind(manifests, "Service")["web"]["metadata"]
    assert told["LAYERSCOPE_HOSTS"] == f"{service['name']}.{service['namespace']}.svc"
    (rule,) = of_kind(manifests, "NetworkPolicy")["web"]["spec"]["ingress"]
    let_in = [each["namespaceSelector"]["matchLabels"] for each in rule["from"]]
    assert [*let_in[0].values(), *let_in[1].values()] == ["ingress-nginx", "monitoring"]


def test_a_worker_takes_nearly_what_its_pod_may(manifests, memory_of):
    pod = of_kind(manifests, "Deployment")["worker"]["spec"]["template"]["spec"]
    assert 0.8 < memory_of(pod["containers"][0]["command"]) < 0.95


def test_nobody_reaches_scheduler_and_workers_but_each_other_and_the_web(manifests):
    policies = of_kind(manifests, "NetworkPolicy")
    assert policies["closed"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    for name, reached_by in {
        "scheduler": {"web", "worker"},
        "worker": {"scheduler", "worker"},
    }.items():
        (rule,) = policies[name]["spec"]["ingress"]
        sources = [each["podSelector"]["matchLabels"]["app"] for each in rule["from"]]
        assert set(sources) == reached_by
    for service in of_kind(manifests, "Service").values():
        assert service["spec"].get("type", "ClusterIP") == "ClusterIP"


def test_every_variable_exists(deploy, unknown):
    assert unknown((deploy / "kubernetes.yaml").read_text(encoding="utf-8")) == set()
