"""What is deployed keeps the house rules: every container is bounded, probed and without root; every alert has its page."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

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
    assert pod["terminationGracePeriodSeconds"] == 30  # preStop 5 s + drain 20 s fit in
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


def test_alerts_and_dashboards_ask_for_metrics_that_exist() -> None:
    rules = (DEPLOY / "monitoring/prometheus/rules.yaml").read_text(encoding="utf-8")
    dashboard = (DEPLOY / "monitoring/grafana/dashboards/tandem.json").read_text(encoding="utf-8")
    asked = {
        re.sub(r"_(total|bucket)$", "", name) for name in re.findall(r"\b(?:gateway|tandem)_[a-z_]+", rules + dashboard)
    }
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("gateway", "subgraphs")
        for path in (ROOT / folder).rglob("*.py")
    )

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
