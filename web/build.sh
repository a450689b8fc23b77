#!/bin/sh
# Install what the pages need and build them; with "install" only the first. Says what is missing instead of failing oddly.
set -eu
cd "$(dirname -- "$0")"

if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    echo "web: Node.js is not installed, so the pages are not built. Everything else works without it: ./just up serves" >&2
    echo "     the API, and GraphiQL from a CDN. For the pages install Node 20.19 or newer and run ./just web again." >&2
    exit 1
fi
if ! node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'; then
    echo "web: Node 20.19 or newer is needed, this is $(node --version)." >&2
    exit 1
fi
if [ ! -f node_modules/.tandem-lock ] || ! cmp -s package-lock.json node_modules/.tandem-lock; then
    echo "web: installing what the pages are built with (once; a few minutes)" >&2
    npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json node_modules/.tandem-lock
fi
[ "${1:-}" = install ] && exit 0
npm run generate --silent >/dev/null
for package in live schema yjs call; do npm run build --silent --workspace "@tandem/$package"; done
npm run build --silent --workspace @tandem/practice -- --logLevel warn
npm run build --silent --workspace @tandem/explorer -- --logLevel error
node compress.mjs dist/practice ../gateway/server/explorer_dist
echo "web: built. With ./just up running: the practice page at http://localhost:4000/practice, the explorer at http://localhost:4000/graphql" >&2
