# shellcheck shell=bash
# Where the real peers of the tests live. Sourced by the scripts beside it.

# Installed programs, outside the tree, kept between runs.
PEERS="${FANFOLD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fanfold}/peers"
# A Debian root with every program in it.
ROOT="$PEERS/root"
# What is running now. A socket's path holds at most 107 characters, hence /tmp and a short name.
# shellcheck disable=SC2034
STATE="/tmp/fanfold-peers-$(printf '%s' "$PEERS" | sha256sum | cut -c1-8)"
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

say() { printf 'peers: %s\n' "$*" >&2; }

# Runs a program inside the Debian root, in a mount namespace that ends with it.
in_root() { unshare --mount --propagation private -- bash "$HERE/enter-root.sh" "$ROOT" "$PEERS" / "$@"; }
