#!/usr/bin/env bash
# Installs the real peers of the tests: a Debian root with registries, clients, builders and a Docker engine in a
# cache folder, wrappers for its programs, and the judges that Go and Python bring. Root only; idempotent; safe to interrupt.
set -euo pipefail
# shellcheck source=test/peers/paths.sh
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

PACKAGES=(docker.io docker-cli docker-buildx docker-registry skopeo buildah netavark crun oras cosign socat git iproute2
  ca-certificates qemu-user)
# The official suite for a registry's API; OCI_* variables configure it.
CONFORMANCE='github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111'
CRANE='github.com/google/go-containerregistry/cmd/crane@v0.20.7'
# Of workflows: their syntax and expressions; their security; GitLab's schema.
ACTIONLINT='github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'
PYTHON_JUDGES=('zizmor==1.32.0' 'check-jsonschema==0.39.0')
# Carries out GitLab's pipelines as processes; it wants rsync.
GITLAB_CI_LOCAL='gitlab-ci-local@4.64.1'
DEBIAN_MIRROR='http://deb.debian.org/debian'

main() {
  if is_installed; then return 0; fi
  if [ "$(id -u)" != 0 ]; then
    say 'installing needs root'
    return 1
  fi
  mkdir -p "$PEERS"
  exec 8>"$PEERS/install.lock"
  flock 8
  if is_installed; then return 0; fi
  rm -f "$PEERS/stamp"
  install_root
  install_busybox
  local judges=0
  install_judges || judges=1
  install_python_judges || judges=1
  install_gitlab_ci_local || judges=1
  bash "$HERE/wrappers.sh"
  # Where a judge could not be built, the next run tries again.
  if [ "$judges" = 0 ]; then stamp >"$PEERS/stamp"; fi
  say "installed in $PEERS"
}

is_installed() { [ "$(cat "$PEERS/stamp" 2>/dev/null)" = "$(stamp)" ]; }

# What the cache was made by, and whether Go and Python were there.
stamp() {
  cat "$HERE"/{install,wrappers,enter-root,paths}.sh | sha256sum
  if command -v go >/dev/null; then printf 'with judges by Go\n'; fi
  if has_python; then printf 'with judges by Python\n'; fi
}

has_python() { python3 -c 'import ensurepip, venv' >/dev/null 2>&1; }

# The root is made under another name and renamed when it is whole, so an interrupted install leaves none.
install_root() {
  local wanted suite
  wanted="${PACKAGES[*]}"
  if [ "$(cat "$ROOT/.packages" 2>/dev/null)" = "$wanted" ]; then return 0; fi
  require_debootstrap
  for suite in unstable trixie; do
    if make_root "$suite"; then
      printf '%s\n' "$wanted" >"$PEERS/root.new/.packages"
      bash "$HERE/engine.sh" stop
      remove_root "$ROOT"
      mv "$PEERS/root.new" "$ROOT"
      return 0
    fi
    say "Debian $suite did not install"
  done
  return 1
}

make_root() {
  local suite="$1" root="$PEERS/root.new" log="$PEERS/install.log"
  say "making a root of Debian $suite (log: $log)"
  remove_root "$root"
  # In a mount namespace: debootstrap's mounts end with it even if it is killed.
  unshare --mount --propagation private -- \
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$(mirror)" >"$log" 2>&1 || return 1
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  copy_apt_configuration "$root"
  printf 'exit 101\n' | install -m 755 /dev/stdin "$root/usr/sbin/policy-rc.d"
  # shellcheck disable=SC2016
  local script='
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends "$@" || exit 1
    # Not in every suite; where one is missing its wrapper is missing, too.
    for package in crane qemu-user-binfmt; do apt-get install -y --no-install-recommends "$package" || true; done
    apt-get clean'
  ROOT="$root" in_root bash -c "$script" install "${PACKAGES[@]}" >>"$log" 2>&1
}

# No mount of ours outlives its namespace, yet a root is never removed across a file system's border.
remove_root() { rm -rf --one-file-system "$1"; }

require_debootstrap() {
  local missing=()
  command -v debootstrap >/dev/null || missing+=(debootstrap)
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
  if [ "${#missing[@]}" = 0 ]; then return 0; fi
  say "installing ${missing[*]}"
  apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
}

# The mirror that this machine's apt uses for Debian, else Debian's own.
mirror() {
  local found
  found="$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    grep -vE '^[[:space:]]*#' | grep -oE 'https?://[^ ]+/debian/?([[:space:]]|$)' | head -n 1 | tr -d '[:space:]')" || true
  printf '%s' "${found:-$DEBIAN_MIRROR}"
}

copy_apt_configuration() {
  # A mirror may lag behind the few days for which a list of unstable calls itself valid.
  printf 'Acquire::Check-Valid-Until "false";\n' >"$1/etc/apt/apt.conf.d/90valid-until"
  apt-config dump 2>/dev/null | grep -E '^Acquire::https?::[Pp]roxy ' >"$1/etc/apt/apt.conf.d/90machine" || true
}

# Static busyboxes: a base image for each platform without any registry.
install_busybox() {
  local architecture folder
  for architecture in amd64 arm64; do
    folder="$PEERS/busybox/$architecture"
    if [ -x "$folder/busybox" ]; then continue; fi
    mkdir -p "$folder"
    # shellcheck disable=SC2016
    in_root bash -c '
      set -e
      dpkg --add-architecture "$1"
      apt-get update -q
      work="$(mktemp -d)"
      chmod 755 "$work"
      cd "$work"
      apt-get download -q "busybox-static:$1"
      dpkg -x busybox-static_*.deb files
      cp "$(find files -path "*bin/busybox" -type f)" "$2/busybox.new"
      rm -rf "$work"' busybox "$architecture" "$folder" >>"$PEERS/install.log" 2>&1
    mv "$folder/busybox.new" "$folder/busybox"
  done
}

# Judges that no Debian carries, built by Go from its module proxy.
install_judges() {
  local judges=("$CONFORMANCE" "$ACTIONLINT")
  [ -x "$ROOT/usr/bin/crane" ] || judges+=("$CRANE")
  if ! command -v go >/dev/null; then
    say "Go is missing, and with it the judges: ${judges[*]}"
    return 0
  fi
  local judge status=0
  for judge in "${judges[@]}"; do
    if [ "$(cat "$PEERS/go/${judge//\//-}" 2>/dev/null)" = built ]; then continue; fi
    if GOPATH="$PEERS/go" GOCACHE="$PEERS/go/cache" GOFLAGS=-modcacherw GOBIN="$PEERS/go/bin" \
      go install "$judge" >>"$PEERS/install.log" 2>&1; then
      printf 'built\n' >"$PEERS/go/${judge//\//-}"
    else
      say "a judge was not built: $judge (log: $PEERS/install.log)"
      status=1
    fi
  done
  return "$status"
}

# Judges from PyPI, in an environment of their own.
install_python_judges() {
  local folder="$PEERS/python"
  if ! has_python; then
    say "Python with venv is missing, and with it the judges: ${PYTHON_JUDGES[*]}"
    return 0
  fi
  if [ "$(cat "$folder/.judges" 2>/dev/null)" = "${PYTHON_JUDGES[*]}" ]; then return 0; fi
  if python3 -m venv --clear "$folder" >>"$PEERS/install.log" 2>&1 &&
    "$folder/bin/pip" install --quiet --disable-pip-version-check "${PYTHON_JUDGES[@]}" >>"$PEERS/install.log" 2>&1; then
    printf '%s\n' "${PYTHON_JUDGES[*]}" >"$folder/.judges"
  else
    say "judges were not installed: ${PYTHON_JUDGES[*]} (log: $PEERS/install.log)"
    return 1
  fi
}

install_gitlab_ci_local() {
  local folder="$PEERS/npm"
  if ! command -v rsync >/dev/null; then
    say 'installing rsync'
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends rsync >>"$PEERS/install.log" 2>&1 ||
      { apt-get update -q && apt-get install -y -q --no-install-recommends rsync; } >>"$PEERS/install.log" 2>&1 || return 1
  fi
  if [ "$(cat "$folder/.installed" 2>/dev/null)" = "$GITLAB_CI_LOCAL" ]; then return 0; fi
  rm -rf "$folder"
  mkdir -p "$folder"
  if npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --silent "$GITLAB_CI_LOCAL" \
    >>"$PEERS/install.log" 2>&1; then
    printf '%s\n' "$GITLAB_CI_LOCAL" >"$folder/.installed"
  else
    say "$GITLAB_CI_LOCAL was not installed (log: $PEERS/install.log)"
    return 1
  fi
}

main "$@"
