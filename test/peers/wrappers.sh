#!/usr/bin/env bash
# Writes $PEERS/bin: one wrapper for each program of the root. Each becomes its program by exec, so that a signal to
# the wrapper's pid reaches the program. Programs that only talk to the network run by the root's own loader and see the
# machine's files as they are, without root; buildah, which mounts, runs inside the root.
set -euo pipefail
# shellcheck source=test/peers/paths.sh
source "$(dirname "${BASH_SOURCE[0]}")/paths.sh"

main() {
  mkdir -p "$PEERS/bin" "$PEERS/docker/cli-plugins" "$PEERS/etc" "$PEERS/lib"
  put "$PEERS/lib/enter-root.sh" <"$HERE/enter-root.sh"
  write_containers_configuration
  local program
  for program in docker docker-registry oras crane cosign openssl socat; do
    write_loaded "$PEERS/bin/$program" "/usr/bin/$program"
  done
  write_loaded "$PEERS/bin/skopeo" /usr/bin/skopeo "--policy '$PEERS/etc/policy.json'"
  write_buildah
  write_buildx_plugin
  link_judges
}

# put PATH: standard input as an executable, replaced at once, for tests may be running it.
put() {
  cat >"$1.new"
  chmod 755 "$1.new"
  mv "$1.new" "$1"
}

# write_loaded WRAPPER PATH [ARGUMENTS]: nothing where the root lacks the program.
write_loaded() {
  local wrapper="$1" program="$ROOT$2" arguments="${3:-}" loader libraries start
  if [ ! -x "$program" ]; then return 0; fi
  loader="$(find "$ROOT/usr/lib64" "$ROOT/usr/lib" -maxdepth 1 -name 'ld-linux-*.so.*' 2>/dev/null | head -n 1)" || true
  libraries="$ROOT/usr/lib/$(uname -m)-linux-gnu"
  start="'$loader' --library-path '$libraries' '$program'"
  # A static program has no loader.
  if ! "$loader" --verify "$program" >/dev/null 2>&1; then start="'$program'"; fi
  printf '#!/bin/bash\nexec %s %s "$@"\n' "$start" "$arguments" | put "$wrapper"
}

# buildah raises a step's limits to a million, which not every root may: here a step has the limits of the machine.
write_buildah() {
  if [ ! -x "$ROOT/usr/bin/buildah" ]; then return 0; fi
  put "$PEERS/bin/buildah" <<EOF
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
}

# buildx as docker's plugin, outside of PATH.
write_buildx_plugin() {
  local plugin
  for plugin in /usr/libexec/docker/cli-plugins/docker-buildx /usr/lib/docker/cli-plugins/docker-buildx; do
    write_loaded "$PEERS/docker/cli-plugins/docker-buildx" "$plugin"
  done
  printf '{"cliPluginsExtraDirs":["%s"]}\n' "$PEERS/docker/cli-plugins" >"$PEERS/docker/config.json"
}

# What Go built, and Python and npm brought, where the root has no program of that name.
link_judges() {
  local judge name
  for judge in "$PEERS"/go/bin/* "$PEERS"/python/bin/{zizmor,check-jsonschema} \
    "$PEERS"/npm/node_modules/.bin/gitlab-ci-local; do
    name="${judge##*/}"
    if [ -x "$judge" ] && [ ! -x "$ROOT/usr/bin/$name" ]; then ln -sfn "$judge" "$PEERS/bin/$name"; fi
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

main "$@"
