#!/usr/bin/env bash
# Writes $PEERS/bin: one wrapper for each program of the root. Each becomes its program by exec, so that a signal to
# the wrapper's pid reaches the program. Programs that only talk to the network run by the root's own loader and see the
# machine's files as they are, without root; buildah, which mounts, runs inside the root.
set -euo pipefail
# shellcheck source=test/peers/paths.sh
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

main() {
  rm -rf "$PEERS/bin.new"
  mkdir -p "$PEERS/bin.new" "$PEERS/docker/cli-plugins" "$PEERS/etc" "$PEERS/lib" "$PEERS/go/bin"
  cp "$HERE/enter-root.sh" "$PEERS/lib/enter-root.sh"
  write_containers_configuration
  local program
  for program in docker docker-registry oras crane cosign socat openssl; do write_loaded "$program" "/usr/bin/$program"; done
  write_loaded skopeo /usr/bin/skopeo "--policy '$PEERS/etc/policy.json'"
  write_buildah
  rm -rf "$PEERS/bin"
  mv "$PEERS/bin.new" "$PEERS/bin"
  write_plugin
}

# write_loaded NAME PATH [ARGUMENTS]: nothing where the root lacks the program.
write_loaded() {
  local name="$1" program="$ROOT$2" arguments="${3:-}" loader
  [ -x "$program" ] || return 0
  loader="$(find "$ROOT/usr/lib64" "$ROOT/usr/lib" -maxdepth 1 -name 'ld-linux-*.so.*' 2>/dev/null | head -n 1)" || true
  local libraries="$ROOT/usr/lib/$(uname -m)-linux-gnu"
  local start="'$loader' --library-path '$libraries' '$program'"
  # A static program has no loader.
  if ! "$loader" --verify "$program" >/dev/null 2>&1; then start="'$program'"; fi
  write_script "$PEERS/bin.new/$name" "exec $start $arguments \"\$@\""
}

# buildah raises a step's limits to a million, which not every root may: here a step has the limits of the machine.
write_buildah() {
  [ -x "$ROOT/usr/bin/buildah" ] || return 0
  cat >"$PEERS/bin.new/buildah" <<EOF
#!/bin/bash
limits="\$(ulimit -Hu):\$(ulimit -Hn)"
export CONTAINERS_CONF_OVERRIDE="$STATE-buildah/limits-\$limits.conf"
if [ ! -e "\$CONTAINERS_CONF_OVERRIDE" ]; then
  mkdir -p "$STATE-buildah"
  printf '[containers]\ndefault_ulimits = ["nproc=%s:%s", "nofile=%s:%s"]\n' "\${limits%:*}" "\${limits%:*}" \
    "\${limits#*:}" "\${limits#*:}" >"\$CONTAINERS_CONF_OVERRIDE.\$\$"
  mv "\$CONTAINERS_CONF_OVERRIDE.\$\$" "\$CONTAINERS_CONF_OVERRIDE"
fi
export BUILDAH_ISOLATION=chroot
export CONTAINERS_STORAGE_CONF='$PEERS/etc/storage.conf' CONTAINERS_REGISTRIES_CONF='$PEERS/etc/registries.conf'
become_root=
[ "\$(id -u)" = 0 ] || become_root='sudo -n -E'
exec \$become_root unshare --mount --propagation private -- \
  bash '$PEERS/lib/enter-root.sh' '$ROOT' '$PEERS' "\$PWD" buildah "\$@"
EOF
  chmod 755 "$PEERS/bin.new/buildah"
}

write_plugin() {
  local plugin
  for plugin in /usr/libexec/docker/cli-plugins/docker-buildx /usr/lib/docker/cli-plugins/docker-buildx; do
    [ -x "$ROOT$plugin" ] || continue
    mkdir -p "$PEERS/bin.new"
    write_loaded docker-buildx "$plugin"
    mv "$PEERS/bin.new/docker-buildx" "$PEERS/docker/cli-plugins/docker-buildx"
    rmdir "$PEERS/bin.new"
    printf '{"cliPluginsExtraDirs":["%s"]}\n' "$PEERS/docker/cli-plugins" >"$PEERS/docker/config.json"
    return 0
  done
}

write_containers_configuration() {
  printf '{"default":[{"type":"insecureAcceptAnything"}]}\n' >"$PEERS/etc/policy.json"
  printf 'unqualified-search-registries = []\nshort-name-mode = "enforcing"\n' >"$PEERS/etc/registries.conf"
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' \
    "$PEERS/buildah" "$STATE-buildah" >"$PEERS/etc/storage.conf"
  mkdir -p "$ROOT/etc/containers"
  cp "$PEERS/etc/policy.json" "$ROOT/etc/containers/policy.json"
}

write_script() {
  printf '#!/bin/bash\n%s\n' "$2" >"$1"
  chmod 755 "$1"
}

main "$@"
