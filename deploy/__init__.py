"""How Tandem runs: on one machine (local), in containers (docker, compose.yaml) and on Kubernetes (k8s)."""
