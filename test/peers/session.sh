# shellcheck shell=bash
# The peers for as long as a script runs: sourced by scripts/test.sh and scripts/bench.sh, after paths.sh, in the project's folder.

# Installs and starts them. The lock says that the engine is in use. Started once more under it: another run may have stopped it just before.
start_peers() {
  as_root bash test/peers/install.sh || return 1
  local option=''
  if [ "${FANFOLD_PEERS_KEEP:-}" = 1 ]; then option=--keep; fi
  as_root bash test/peers/engine.sh start "$option" || return 1
  exec 7<"$STATE/users.lock"
  flock --shared 7
  as_root bash test/peers/engine.sh start "$option" 7<&-
}

# Stops what nobody else uses.
stop_peers() {
  exec 7<&-
  if [ -e "$STATE/users.lock" ]; then as_root bash test/peers/engine.sh stop --if-unused || true; fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
    return
  fi
  local ask=(sudo)
  if [ ! -t 0 ] || [ "${CI:-}" = true ]; then ask+=(-n); fi
  "${ask[@]}" env "HOME=$HOME" "FANFOLD_CACHE=$FANFOLD_CACHE" "FANFOLD_TEST_ENGINE=${FANFOLD_TEST_ENGINE:-}" \
    ${DOCKER_HOST:+"DOCKER_HOST=$DOCKER_HOST"} "PATH=$PATH" "$@"
}
