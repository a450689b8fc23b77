# Recipes of Tandem. `./just` makes the environment on first use; `just` works too where it is installed.

# In quotes: the folder may have spaces in its name.
python := quote(justfile_directory() / ".venv/bin/python")
export PYTHONPATH := justfile_directory()

# List the recipes
default:
    @just --list --unsorted

# Start everything: PostgreSQL, four subgraphs, the gateway (Ctrl-C stops all; data stays in .data/)
[no-exit-message]
up *options:
    @{{python}} -m deploy.local up {{options}}

# Play the journey of two people against the running system and print it
demo *options:
    @{{python}} -m deploy.local demo {{options}}

# Serve one subgraph by itself on the settings in the environment or .env (users, questions, matching, collaboration)
serve name:
    @{{python}} -m subgraphs serve {{name}}

# Run the fast tests (minutes): units, properties, real sockets, real PostgreSQL, the journey
test *options:
    @{{python}} -m pytest -m "not slow and not audit" -n auto --maxprocesses 4 --dist loadfile {{options}}

# Run every test, the slow ones too
test-all *options:
    @{{python}} -m pytest {{options}}

# Run the public federation gateway audit (needs ../shared/audit and its Node server: see tests/gateway/audit/run_audit.py)
audit *options:
    @{{python}} -m tests.gateway.audit.run_audit --strict {{options}}

# Run schemathesis against both REST faces (installed into .data/schemathesis on first use); EXAMPLES per operation
rest-conformance examples="25":
    @{{python}} -m tests.subgraphs.whole.rest_conformance {{examples}}

# Measure the gateway beside the Node gateways (--peers DIR --node NODE; see bench/README.md)
bench *options:
    @{{python}} -m bench.gateway.run {{options}}

# Measure planning beside Apollo's planner
bench-planning *options:
    @{{python}} -m bench.gateway.planning {{options}}

# Format, lint, types, layers, stale schemas
check: format-check lint types layers schema-check

# Format the code
format:
    @{{python}} -m ruff format .
    @{{python}} -m ruff check --fix .

[private]
format-check:
    @{{python}} -m ruff format --check .

# Lint
lint:
    @{{python}} -m ruff check .

# Check the types (mypy --strict)
types:
    @{{python}} -m mypy

# Check the layers of the architecture
layers:
    @.venv/bin/lint-imports

# Export the SDL of every subgraph to schema/ and compose the supergraph
schema: && compose
    @{{python}} -m subgraphs export-schema all

# Compose schema/supergraph.graphql from the SDL files
compose *options:
    @{{python}} -m gateway compose --config schema/supergraph.toml --output schema/supergraph.graphql {{options}}

# Fail when an SDL or the supergraph is stale, or a change breaks clients
schema-check *options:
    @{{python}} -m subgraphs export-schema all --check
    @{{python}} -m gateway compose --config schema/supergraph.toml --output schema/supergraph.graphql --check {{options}}

# Migrate a database (DATABASE_URL) to the newest tables, or see --help
migrate *options:
    @{{python}} -m subgraphs migrate all {{options}}

# Build the container images with Docker, Podman or Buildah (BASE_IMAGE names another base)
images:
    @deploy/docker/build

# Build every image with Buildah on a base of our own and run them: their rights, their health, the journey (Debian, root)
images-check:
    @deploy/docker/check

# Lint Dockerfiles and workflows, validate the manifests, write the bill of materials to build/sbom.json
check-deploy:
    @.ci/deploy

# Replace every replica of the running system, one after the other (it needs ./just up --replicas ...)
rolling-restart *options:
    @{{python}} -m deploy.local rolling-restart {{options}}

# Disturb a system of its own and see that nothing is lost: rolling restart at 50 requests/s, kills, old code on new tables, restore (half an hour)
disturb *options:
    @{{python}} -m pytest -s -q tests/system {{options}}

# Back up the database into one file, while everybody goes on working
backup *options:
    @{{python}} -m deploy.local backup {{options}}

# Restore a backup into an empty database
restore *options:
    @{{python}} -m deploy.local restore {{options}}

# Check question files against the author format and their reference solutions
validate-questions *paths:
    @{{python}} -m subgraphs.questions.bank validate {{paths}}

# Import exercism/problem-specifications from a copy at PATH; shows what would change, --apply writes it (DATABASE_URL)
import-questions path *options:
    @{{python}} -m subgraphs.questions import {{path}} {{options}}

# Make a new subgraph that composes and passes the tests
new-subgraph name:
    @{{python}} -m deploy.local new-subgraph {{name}}
    @{{python}} -m ruff format -q subgraphs/{{name}} alembic/versions/{{name}} tests/subgraphs/{{name}}
    @{{python}} -m subgraphs export-schema {{name}}
    @{{python}} -m gateway compose --config schema/supergraph.toml --output schema/supergraph.graphql

# Build the pages and packages for browsers (needs Node 20.19 or newer): the explorer at /graphql, the practice page at /practice
web:
    @sh web/build.sh

# Test the packages and pages: units; with "integration" or "browser" against the real system
web-test project="unit":
    @sh web/build.sh install
    @cd web && npm run generate --silent && npx vitest run --project {{project}}

# Measure for minutes what tests cannot in seconds: memory over MINUTES at half load, overload, killed subgraphs, sockets
soak *options:
    @{{python}} -m tests.soak {{options}}

# Let schemathesis look for server errors in the gateway, in an environment of its own
fuzz *options:
    @{{python}} -m pytest tests/gateway/server/test_fuzz.py -q -s {{options}}
