"""What is deployed keeps the house rules: every container is bounded, probed and without root; every alert has its page."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from gateway.server import Settings, load_settings
from subgraphs.users.settings import UsersSettings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
BASE = DEPLOY / "k8s" / "base"
SERVICES = ("user-service", "question-service", "matching-service", "collaboration-service", "gateway")


def documents(path: Path) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document]


def workloads() -> list[tuple[str, dict[str, Any]]]:
    """The pod templates of all Deployments, Jobs and StatefulSets, with their names."""
    found = []
    for path in sorted(BASE.glob("*.yaml")):
        for document in documents(path):
            if document.get("kind") in ("Deployment", "Job", "StatefulSet"):
                found.append((document["metadata"]["name"], document["spec"]["template"]["spec"]))
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_manifests_and_the_image_that_the_seed_lists(service: str) -> None:
    assert (BASE / f"{service}-deployment.yaml").exists()
    assert (BASE / f"{service}-service.yaml").exists()
    assert (DEPLOY / "docker" / f"Dockerfile.{service}").exists()


@pytest.mark.parametrize(("name", "pod"), workloads(), ids=lambda value: value if isinstance(value, str) else "")
def test_containers_run_without_root_rights_and_within_bounds(name: str, pod: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"]["cpu"]


@pytest.mark.parametrize("service", SERVICES)
def test_services_are_probed_and_end_within_their_grace(service: str) -> None:
    [deployment] = documents(BASE / f"{service}-deployment.yaml")
    pod = deployment["spec"]["template"]["spec"]
    [container] = pod["containers"]

    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health"
    settings = {document["metadata"]["name"]: document["data"] for document in documents(BASE / "settings.yaml")}
    notice, drain = (
        (
            settings["gateway-settings"]["GATEWAY_SHUTDOWN__GRACE"],
            settings["gateway-settings"]["GATEWAY_SHUTDOWN__DRAIN"],
        )
        if service == "gateway"
        else (settings["tandem-settings"]["SHUTDOWN_NOTICE"], settings["tandem-settings"]["SHUTDOWN_GRACE"])
    )
    _, before = container["lifecycle"]["preStop"]["exec"]["command"]
    assert float(notice) == 5  # seconds in which it is not ready and goes on answering
    assert float(before) + float(notice) + float(drain) < pod["terminationGracePeriodSeconds"] == 30
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_secrets_stand_in_no_manifest_of_production() -> None:
    overlay = yaml.safe_load((DEPLOY / "k8s/overlays/production/kustomization.yaml").read_text())

    assert "secretGenerator" not in overlay
    assert not [d for path in BASE.glob("*.yaml") for d in documents(path) if d.get("kind") == "Secret"]


def test_the_compose_file_runs_every_image_that_is_built() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    images = {service["image"] for service in compose["services"].values()}
    built = {f"tandem/{path.name.removeprefix('Dockerfile.')}" for path in (DEPLOY / "docker").glob("Dockerfile.*")}

    assert built - {"tandem/base"} <= images


def test_every_alert_has_its_runbook_and_every_runbook_its_alert() -> None:
    rules = yaml.safe_load((DEPLOY / "monitoring/prometheus/rules.yaml").read_text())["groups"][0]["rules"]
    named = {rule["annotations"]["runbook"] for rule in rules}
    pages = {str(path.relative_to(ROOT)) for path in (ROOT / "docs/runbooks").glob("*.md")}

    assert named == pages


def test_every_alert_is_seen_to_fire_by_a_test_of_promtool() -> None:
    rules = yaml.safe_load((DEPLOY / "monitoring/prometheus/rules.yaml").read_text())["groups"][0]["rules"]
    tests = yaml.safe_load((DEPLOY / "monitoring/prometheus/rules_test.yaml").read_text())["tests"]
    fired = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case["exp_alerts"]}

    assert {rule["alert"] for rule in rules} == fired


def test_services_scale_survive_disruptions_and_are_spread() -> None:
    found: dict[str, set[str]] = {}
    for path in BASE.glob("*.yaml"):
        for document in documents(path) if path.name != "kustomization.yaml" else ():
            found.setdefault(document["kind"], set()).add(document["metadata"]["name"])
            if document["kind"] == "Deployment":
                assert document["spec"]["template"]["spec"]["topologySpreadConstraints"], document["metadata"]["name"]
    scaled = {*SERVICES, "runner"}
    assert found["PodDisruptionBudget"] >= scaled
    assert found["HorizontalPodAutoscaler"] >= scaled


@pytest.mark.parametrize(
    ("service", "metric"),
    [
        ("gateway", "gateway_websockets"),
        ("matching-service", "tandem_open_sockets"),
        ("collaboration-service", "tandem_open_sockets"),
    ],
)
def test_services_with_sockets_scale_on_processor_time_and_on_live_sockets(service: str, metric: str) -> None:
    [scaler] = [d for d in documents(BASE / f"{service}-scaling.yaml") if d["kind"] == "HorizontalPodAutoscaler"]
    kinds = {entry["type"]: entry for entry in scaler["spec"]["metrics"]}

    assert kinds["Resource"]["resource"]["name"] == "cpu"
    assert kinds["Pods"]["pods"]["metric"]["name"] == metric
    adapter = yaml.safe_load((DEPLOY / "monitoring/prometheus-adapter.yaml").read_text())
    assert any(rule["seriesQuery"].startswith(f"{metric}{{") for rule in adapter["rules"]["custom"])


def test_nothing_but_the_autoscaler_says_how_many_there_are() -> None:
    """A number in a Deployment would undo the autoscaler's at every apply: all but those would be stopped at once."""
    scaled = {
        document["spec"]["scaleTargetRef"]["name"]
        for path in BASE.glob("*.yaml")
        for document in documents(path)
        if document.get("kind") == "HorizontalPodAutoscaler"
    }
    deployments = {
        document["metadata"]["name"]: document["spec"]
        for path in BASE.glob("*.yaml")
        for document in documents(path)
        if document.get("kind") == "Deployment"
    }
    assert deployments.keys() == scaled
    assert not [name for name, spec in deployments.items() if "replicas" in spec]


def test_images_that_were_built_here_are_pulled_from_nowhere() -> None:
    for _, pod in workloads():
        for container in pod["containers"]:
            assert not container["image"].startswith("tandem/") or container["imagePullPolicy"] == "IfNotPresent"


def test_a_gateway_has_the_memory_for_every_socket_that_it_takes() -> None:
    settings = Settings()
    [deployment] = documents(BASE / "gateway-deployment.yaml")
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    # 130 MiB at rest and 52 KiB for each (docs/capacity.md).
    assert container["resources"]["limits"]["memory"] == "1Gi"
    assert 130 * 2**20 + settings.websocket.max_connections * 52 * 2**10 < 2**30


def test_every_variable_in_the_manifests_is_one_that_its_service_knows() -> None:
    data = {document["metadata"]["name"]: document["data"] for document in documents(BASE / "settings.yaml")}
    gateway = {name: value for name, value in data["gateway-settings"].items() if name.startswith("GATEWAY_")}
    assert gateway.keys() == data["gateway-settings"].keys()
    assert load_settings(environment=gateway).trusted_proxies == ()
    known = {alias.upper() for field in UsersSettings.model_fields.items() for alias in names_of(*field)}
    assert data["tandem-settings"].keys() | data["user-service-settings"].keys() <= known


def names_of(name: str, field: FieldInfo) -> list[str]:
    """The environment variables that fill a field."""
    alias = field.validation_alias
    return [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [name]


def test_from_outside_only_the_gateway_is_reached_and_the_runner_reaches_nobody() -> None:
    policies = {
        document["metadata"]["name"]: document["spec"] for document in documents(BASE / "network-policies.yaml")
    }
    [runner] = [d["spec"] for d in documents(BASE / "runner.yaml") if d["kind"] == "NetworkPolicy"]
    tandem = {*SERVICES, "nats", "runner"}

    open_to_all = {name for name, spec in policies.items() for rule in spec.get("ingress", ()) if "from" not in rule}
    assert open_to_all == {"gateway-from-outside"}
    assert "ingress" not in policies["deny-by-default"]
    for name, spec in policies.items():
        for rule in spec.get("ingress", ()):
            for peer in rule.get("from", ()):
                if "namespaceSelector" in peer:
                    assert name == "metrics-from-monitoring"
                else:
                    assert _names_of(peer["podSelector"]) <= tandem
    assert runner["egress"] == []
    assert [_names_of(peer["podSelector"]) for rule in runner["ingress"] for peer in rule["from"]] == [
        {"collaboration-service"}
    ]


def _names_of(selector: dict[str, Any]) -> set[str]:
    """The services that a selector of pods names."""
    by_label = selector.get("matchLabels", {}).get("app.kubernetes.io/name")
    found = {by_label} if by_label else set()
    for expression in selector.get("matchExpressions", ()):
        if expression["key"] == "app.kubernetes.io/name":
            found |= set(expression["values"])
    return found


def all_code() -> str:
    """Of the services."""
    return "".join(
        path.read_text(encoding="utf-8")
        for folder in ("gateway", "subgraphs")
        for path in (ROOT / folder).rglob("*.py")
    )


def runbooks() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/runbooks").glob("*.md")))


def test_runbooks_name_lines_of_logs_and_tables_that_exist() -> None:
    code = all_code()
    events = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", runbooks())) - {"gateway.toml"}
    assert events
    assert {event for event in events if f'"{event}"' not in code} == set()
    tables = set(re.findall(r"(?:FROM|UPDATE) (?:[a-z]+|<subgraph>)\.([a-z_]+)", runbooks()))
    assert tables >= {"outbox", "signing_keys", "session_runs"}
    assert {table for table in tables if f'__tablename__ = "{table}"' not in code} == set()


def test_alerts_dashboards_and_docs_ask_for_metrics_that_exist() -> None:
    rules = (DEPLOY / "monitoring/prometheus/rules.yaml").read_text(encoding="utf-8")
    dashboard = (DEPLOY / "monitoring/grafana/dashboards/tandem.json").read_text(encoding="utf-8")
    docs = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    texts = rules + dashboard + "".join(re.findall(r"`[^`]*`", docs + runbooks()))
    asked = {re.sub(r"_(total|bucket)$", "", name) for name in re.findall(r"\b(?:gateway|tandem)_[a-z_]+", texts)}
    code = all_code()

    # The gateway's latencies are named from their counter: gateway_operations -> gateway_operations_seconds.
    written = {name.removesuffix("_seconds") if name.startswith("gateway_") else name for name in asked}
    missing = {name for name in written if f'"{name}"' not in code and f'"{name}_total"' not in code}
    assert missing == set()


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_alerts_fire_when_they_should_and_only_then() -> None:
    folder = DEPLOY / "monitoring" / "prometheus"
    result = subprocess.run(
        ["promtool", "test", "rules", "rules_test.yaml"], cwd=folder, capture_output=True, text=True
    )

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed (Debian: kubernetes-client)")
@pytest.mark.parametrize("overlay", ["local", "production"])
def test_the_overlays_build(overlay: str) -> None:
    folder = DEPLOY / "k8s" / "overlays" / overlay
    result = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True)

    assert result.returncode == 0, result.stderr
    names = {(d["kind"], d["metadata"]["name"]) for d in yaml.safe_load_all(result.stdout)}
    assert {("Deployment", service) for service in SERVICES} <= names
