#!/usr/bin/env bash
# `npm test [-- VITEST ARGUMENTS]`: installs what is needed, starts the real peers, runs the tests, leaves nothing running.
# The last line is `tests: N passed, N failed, N skipped`; the status is other than 0 if anything failed.
# FANFOLD_PEERS_KEEP=1 leaves the engine up for the next run; FANFOLD_TEST_ENGINE=own ignores an engine of the machine.
# Without root or sudo the tests that need a missing peer are named and skipped; with CI=true they fail.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
FANFOLD_CACHE="${FANFOLD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fanfold}"
export FANFOLD_CACHE
# shellcheck source=test/peers/paths.sh
source test/peers/paths.sh
# shellcheck source=test/peers/session.sh
source test/peers/session.sh

main() {
  bash scripts/install.sh
  results="$(mktemp -d /tmp/fanfold-results-XXXXXX)"
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  start_peers || say 'the peers are not all here; tests that need a missing one cannot run'
  export FANFOLD_MISSING_PEERS="$results/missing-peers"
  local status=0
  npx vitest run --reporter=default --reporter=json --outputFile.json="$results/tests.json" "$@" </dev/null 7<&- ||
    status=$?
  name_missing_peers
  stop_peers
  npx tsx scripts/closing-line.ts "$results/tests.json" "$status"
}

finish() {
  local status=$?
  stop_peers
  rm -rf "$results"
  exit "$status"
}

name_missing_peers() {
  if [ ! -s "$FANFOLD_MISSING_PEERS" ]; then return 0; fi
  say 'could not run:'
  sort -u "$FANFOLD_MISSING_PEERS" >&2
}

main "$@"
