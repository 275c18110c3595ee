#!/usr/bin/env bash
# Installs the npm dependencies where they are missing or the lock file has changed since; else does nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

stamp=node_modules/.installed-lock
lock="$(sha256sum <package-lock.json)"
if [ "$(cat "$stamp" 2>/dev/null)" = "$lock" ]; then exit 0; fi
# A developer's own `npm install` left no stamp: what it installed is kept if it is what the lock file says.
if [ -d node_modules ] && npm ls --all >/dev/null 2>&1; then
  printf '%s\n' "$lock" >"$stamp"
  exit 0
fi
# `npm ci` would empty the folder that a link names, under the feet of those who use it.
if [ -L node_modules ]; then
  echo 'node_modules is a link, and what it names is not what package-lock.json says: install there' >&2
  exit 1
fi
npm ci >&2
printf '%s\n' "$lock" >"$stamp"
