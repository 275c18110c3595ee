#!/usr/bin/env bash
# The plainest way to the same end: each blob to each registry by one POST and one PUT of curl, all at once, then the manifest.
# parallel-curl.sh LAYOUT REPOSITORY "HOST HOST" MANIFEST-DIGEST BLOB-DIGEST...
set -euo pipefail
layout=$1 repository=$2 hosts=$3 manifest=$4
shift 4

file_of() { printf '%s/blobs/%s' "$layout" "${1/://}"; }

put_blob() {
  local location
  location="$(curl -fsS -o /dev/null -D - -X POST "http://$1/v2/$repository/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')"
  curl -fsS -o /dev/null -H 'Expect:' -H 'Content-Type: application/octet-stream' -T "$(file_of "$2")" "$location&digest=$2"
}

running=()
for host in $hosts; do
  for digest in "$@"; do
    put_blob "$host" "$digest" &
    running+=($!)
  done
done
for pid in "${running[@]}"; do wait "$pid"; done
for host in $hosts; do
  curl -fsS -o /dev/null -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' -T "$(file_of "$manifest")" \
    "http://$host/v2/$repository/manifests/latest"
done
