#!/usr/bin/env bash
# Everything that can be told without running it: format, lint, types, unused code, import floors, generated files.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/install.sh
step() { echo "== $1"; shift; "$@"; }
step 'format and lint' npx --no-install biome ci .
step 'types' npx --no-install tsc --noEmit -p .
step 'floors' npx --no-install tsx scripts/floors.ts
step 'unused code' npx --no-install knip
step 'generated files' npx --no-install tsx scripts/schema.ts --check
step 'generated pages' npx --no-install tsx scripts/docs.ts --check
step 'generated workflows' npx --no-install tsx scripts/workflows.ts --check
step "the action's bundle" npx --no-install tsx scripts/action.ts --check
step 'lock file' bash -c '! grep -n "\"resolved\"" package-lock.json examples/tools/*/package-lock.json'
echo 'check: all is well'
