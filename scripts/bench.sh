#!/usr/bin/env bash
# `npm run bench:NAME`: installs what is needed, starts the real peers, runs bench/NAME.ts, leaves nothing running.
# FANFOLD_PEERS_KEEP=1 leaves the engine up for the next run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
FANFOLD_CACHE="${FANFOLD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fanfold}"
export FANFOLD_CACHE
# shellcheck source=test/peers/paths.sh
source test/peers/paths.sh
# shellcheck source=test/peers/session.sh
source test/peers/session.sh

main() {
  local name="${1:-}"
  if [ ! -e "bench/$name.ts" ]; then
    say "usage: scripts/bench.sh publish|endpoint|merge|plan|start|cache"
    exit 2
  fi
  bash scripts/install.sh
  trap stop_peers EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ "$name" != start ] && [ "$name" != plan ]; then start_peers; fi
  npx --no-install tsx "bench/$name.ts" </dev/null 7<&-
}

main "$@"
