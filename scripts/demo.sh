#!/usr/bin/env bash
# The main job on real input: examples/tools to staging and two destinations, all OCI layouts; no Docker, no registry.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/install.sh
if [ ! -e dist/cli.js ] || [ -n "$(find src scripts/bundle.ts package.json -newer dist/cli.js -print -quit)" ]; then
  npx --no-install tsx scripts/bundle.ts
fi
exec node dist/cli.js run --file examples/tools/fanfold.yaml "$@"
