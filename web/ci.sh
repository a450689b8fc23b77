#!/bin/sh
# What continuous integration does with the pages: build them, test their units, then browsers against the real system.
# Where Node or Chromium cannot be had it says so and ends well; what runs and fails, fails.
set -eu
cd "$(dirname -- "$0")/.."
BROWSER_TESTS=900 # seconds at most; alone on two cores they take a third of it

skip() {
    echo "ci: SKIPPED: $*" >&2
    exit 0
}

install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" = 0 ]; then apt-get install -yq --no-install-recommends "$@" >/dev/null 2>&1
    elif command -v sudo >/dev/null 2>&1; then sudo -n apt-get install -yq --no-install-recommends "$@" >/dev/null 2>&1
    else return 1
    fi
}

is_new_enough() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
        node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'
}

is_new_enough || install nodejs npm || true
if ! is_new_enough && command -v npm >/dev/null 2>&1; then
    # Debian's Node is older than the pages need: npm has newer ones.
    npm install --silent --no-audit --no-fund --prefix .data/node node@22 >/dev/null 2>&1 || true
    PATH="$PWD/.data/node/node_modules/node/bin:$PATH"
fi
is_new_enough || skip "Node 20.19 or newer cannot be had; the pages are neither built nor tested"

if ! sh web/build.sh install; then
    npm ping >/dev/null 2>&1 || skip "npm cannot reach its registry; the pages are neither built nor tested"
    exit 1
fi
sh web/build.sh
(cd web && npm run types --silent && npx tsc -p tsconfig.json)
./just web-test unit

for name in chromium chromium-browser google-chrome; do
    CHROMIUM=${CHROMIUM:-$(command -v "$name" || true)}
done
if [ -z "$CHROMIUM" ]; then
    install chromium || true
    CHROMIUM=$(command -v chromium || true)
fi
[ -n "$CHROMIUM" ] || skip "Chromium cannot be had; the pages are built, and not tested in a browser"
export CHROMIUM
for project in integration browser; do
    # As with the other tests: what failed is asked once more on a fresh system; what a busy machine disturbed passes then, a defect does not.
    timeout --kill-after=60 "$BROWSER_TESTS" ./just web-test "$project" ||
        { echo "ci: the $project tests run once more" >&2 && timeout --kill-after=60 "$BROWSER_TESTS" ./just web-test "$project"; }
done
