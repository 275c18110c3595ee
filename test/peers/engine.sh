#!/usr/bin/env bash
# Starts, stops and describes the Docker engine of the tests and its buildx builder `fanfold`.
# engine.sh start [--keep] | stop [--if-unused] | status
# `start` uses what is up already; --keep leaves it up when a run's end asks for `stop --if-unused`.
# An engine that is on the machine already is used; FANFOLD_TEST_ENGINE=own forces ours.
set -euo pipefail
# shellcheck source=test/peers/paths.sh
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

LOGS="$PEERS/logs"
DOCKER="$PEERS/bin/docker"
BUILDKIT="$STATE/buildkit.sock"
# The engine's data: images, BuildKit's cache. Kept between runs.
DATA="$PEERS/engine"
# Of the bridge and of the handler for arm64: 15 characters at most.
NAME="ff-${STATE##*-}"
BINFMT=/proc/sys/fs/binfmt_misc
export DOCKER_CONFIG="$PEERS/docker"

main() {
  local verb="${1:-}" option="${2:-}"
  case "$verb" in
    start) require_root && prepare && locked start "$option" ;;
    stop) require_root && prepare && locked stop "$option" ;;
    status) status ;;
    *)
      say 'usage: engine.sh start [--keep] | stop [--if-unused] | status'
      return 2
      ;;
  esac
}

require_root() {
  if [ "$(id -u)" = 0 ]; then return 0; fi
  say 'the engine needs root'
  return 1
}

prepare() {
  mkdir -p "$STATE" "$LOGS" "$DATA"
  # Anybody may make a folder in /tmp: ours must be ours.
  if [ ! -O "$STATE" ] || [ -L "$STATE" ]; then
    say "$STATE is not ours"
    return 1
  fi
  chmod 755 "$STATE"
  # Made here, as root, for whoever runs the tests to read and lock.
  touch "$STATE/users.lock"
}

# One start or stop at a time. Long-lived children close descriptor 9, or they would hold the lock.
locked() {
  exec 9>"$STATE/engine.lock"
  flock 9
  "$@"
}

status() {
  if is_up; then
    printf 'up\n'
    cat "$STATE/engine"
  else
    printf 'down\n'
    return 1
  fi
}

is_up() {
  [ -f "$STATE/engine" ] && alive bridge || return 1
  if [ -f "$STATE/dockerd.pid" ]; then alive dockerd || return 1; fi
  DOCKER_HOST="$(engine_host)" timeout 10 "$DOCKER" version >/dev/null 2>&1
}

engine_host() { sed -n 's/^DOCKER_HOST=//p' "$STATE/engine"; }

start() {
  if [ "$1" = --keep ]; then touch "$STATE/keep"; fi
  if is_up; then return 0; fi
  end_all
  local host
  if ! host="$(engine_of_the_machine)"; then
    start_dockerd
    host="unix://$STATE/docker.sock"
  fi
  register_arm64 || say 'arm64 is not emulated here'
  start_bridge "$host"
  make_builder
  printf 'DOCKER_HOST=%s\n' "$host" >"$STATE/engine.new"
  mv "$STATE/engine.new" "$STATE/engine"
  say "engine $(DOCKER_HOST="$host" "$DOCKER" version --format '{{.Server.Version}}') at $host"
}

# An engine that answers on this machine, as its own client finds it.
engine_of_the_machine() {
  if [ "${FANFOLD_TEST_ENGINE:-}" = own ]; then return 1; fi
  local host="${DOCKER_HOST:-unix:///var/run/docker.sock}"
  DOCKER_HOST="$host" timeout 10 "$DOCKER" version >/dev/null 2>&1 || return 1
  printf '%s' "$host"
}

start_dockerd() {
  local bridge=none
  if make_network; then bridge="$NAME"; else say 'no network for the engine: SBOM generators cannot run'; fi
  cat >"$STATE/daemon.json" <<JSON
{"features":{"containerd-snapshotter":true},"iptables":false,"ip6tables":false,"ip-forward":false,
 "bridge":"$bridge","insecure-registries":["127.0.0.0/8"]}
JSON
  spawn_dockerd
  wait_for dockerd 60 engine_answers || give_up "dockerd did not start; see $LOGS/dockerd.log"
  chown "$(owner)" "$STATE/docker.sock"
}

# BuildKit runs an SBOM generator in the default network, hence a bridge: our own, that leads nowhere.
make_network() {
  local third=$((16#${NAME: -2}))
  # shellcheck disable=SC2016
  in_root bash -c 'ip link add "$1" type bridge && ip address add "$2" dev "$1" && ip link set "$1" up' network \
    "$NAME" "10.213.$third.1/24" 2>>"$LOGS/network.log"
}

remove_network() { in_root ip link delete "$NAME" 2>/dev/null || true; }

spawn_dockerd() {
  rm -f "$STATE/docker.sock"
  # A pid namespace of its own: whatever the engine started ends with it, however it ends.
  # init is bash, which reaps what the engine leaves, and hands on the signal to stop.
  # shellcheck disable=SC2016
  FANFOLD_OWN_PROC=1 setsid unshare --mount --propagation private --pid --fork --kill-child -- \
    bash "$HERE/enter-root.sh" "$ROOT" "$PEERS" / bash -c '
      "$@" &
      engine=$!
      trap "kill -TERM $engine" TERM
      while kill -0 $engine 2>/dev/null; do wait $engine; done' init \
    dockerd --config-file "$STATE/daemon.json" --host "unix://$STATE/docker.sock" --data-root "$DATA" \
    --exec-root /run/docker --pidfile /run/docker.pid </dev/null >"$LOGS/dockerd.log" 2>&1 9>&- &
  remember dockerd $!
}

engine_answers() { DOCKER_HOST="unix://$STATE/docker.sock" timeout 5 "$DOCKER" version >/dev/null 2>&1; }

# The engine's BuildKit behind a socket, so that buildx can use it by its remote driver, which has every exporter.
start_bridge() {
  rm -f "$BUILDKIT"
  mkdir -p "$STATE/buildx"
  DOCKER_HOST="$1" BUILDX_CONFIG="$STATE/bridge" setsid "$PEERS/bin/socat" \
    "UNIX-LISTEN:$BUILDKIT,fork,mode=600" "EXEC:'$DOCKER buildx --builder default dial-stdio'" \
    </dev/null >"$LOGS/bridge.log" 2>&1 9>&- &
  remember bridge $!
  wait_for bridge 10 test -S "$BUILDKIT" || give_up "the bridge did not start; see $LOGS/bridge.log"
  chown "$(owner)" "$BUILDKIT"
}

make_builder() {
  export BUILDX_CONFIG="$STATE/buildx"
  "$DOCKER" buildx inspect fanfold >/dev/null 2>&1 ||
    "$DOCKER" buildx create --name fanfold --driver remote "unix://$BUILDKIT" >/dev/null
  chown -R "$(owner)" "$BUILDX_CONFIG" "$PEERS/docker"
}

# Who called sudo uses the sockets; else root does.
owner() { printf '%s:%s' "${SUDO_UID:-0}" "${SUDO_GID:-0}"; }

# A handler of our own, for one that is there may know no container (flag F: the kernel keeps the interpreter's open
# file). The newest wins. Handlers last as long as they are mounted somewhere.
register_arm64() {
  if [ ! -e "$BINFMT/register" ]; then
    mount -t binfmt_misc none "$BINFMT" || return 1
    touch "$STATE/binfmt.mounted"
  fi
  if [ -e "$BINFMT/$NAME" ]; then return 0; fi
  # shellcheck disable=SC2016
  in_root bash -c 'sed "s/^:[^:]*:/:$1:/" /usr/lib/binfmt.d/qemu-aarch64.conf >"$2/register"' register "$NAME" "$BINFMT"
}

unregister_arm64() {
  if [ -e "$BINFMT/$NAME" ]; then printf -- '-1' >"$BINFMT/$NAME" || true; fi
  # The mount is ours, and nobody else's handlers are in it.
  if [ -e "$STATE/binfmt.mounted" ] && [ "$(cd "$BINFMT" && printf '%s ' *)" = 'register status ' ]; then
    umount "$BINFMT" || true
    rm -f "$STATE/binfmt.mounted"
  fi
}

stop() {
  if [ "$1" = --if-unused ] && { [ -e "$STATE/keep" ] || in_use; }; then return 0; fi
  end_all
  rm -f "$STATE/keep"
}

# A run of the tests holds this lock, shared, as long as it lasts (scripts/test.sh).
in_use() { ! flock --nonblock --exclusive "$STATE/users.lock" true; }

end_all() {
  rm -f "$STATE/engine"
  end bridge
  # Also where the process is gone already: the network outlives it.
  if [ -e "$STATE/dockerd.pid" ]; then
    end dockerd
    remove_network
  fi
  unregister_arm64
}

# A pid alone may have been given to another process since: its start time tells.
remember() { printf '%s %s\n' "$2" "$(started "$2")" >"$STATE/$1.pid"; }
# Nothing for a process that has ended and waits for its parent (state Z).
started() { sed -n '/) Z /!s/.*) //p' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

alive() {
  local pid since
  read -r pid since 2>/dev/null <"$STATE/$1.pid" || return 1
  [ -n "$since" ] && [ "$(started "$pid")" = "$since" ]
}

# Ends what `remember` wrote down: asks first, insists after ten seconds.
end() {
  local name="$1" pid
  if alive "$name"; then
    read -r pid _ <"$STATE/$name.pid"
    # unshare waits for its child and ignores the signal itself; socat has a child for each connection.
    local children=()
    read -r -a children <"/proc/$pid/task/$pid/children" || true
    kill -TERM "$pid" "${children[@]}" 2>/dev/null || true
    wait_while_alive "$name" || kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -f "$STATE/$name.pid"
}

wait_while_alive() {
  local deadline=$((SECONDS + 10))
  while alive "$1"; do
    if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 0.1
  done
}

# wait_for NAME SECONDS COMMAND...: until the command is true; false when the time is over or the process has ended.
wait_for() {
  local name="$1" deadline=$((SECONDS + $2))
  shift 2
  until "$@"; do
    if [ "$SECONDS" -ge "$deadline" ] || ! alive "$name"; then return 1; fi
    sleep 0.1
  done
}

give_up() {
  say "$1"
  end_all
  exit 1
}

main "$@"
