"""The manifests: by the schemas of Kubernetes, and by its rules for restricted pods."""

import copy
import re

import kubernetes_validate
import pytest

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
