#!/usr/bin/env bash
# Makes a Debian root the root of this mount namespace, then becomes the given program.
# Call: unshare --mount --propagation private -- bash enter-root.sh ROOT CACHE CWD PROGRAM [ARGUMENT...]
# The namespace and with it every mount below ends with the program: nothing is left on the machine.
# A plain chroot is not enough: runc wants a root that is a mount point.
set -euo pipefail

root="$1" cache="$2" cwd="$3"
shift 3

mount --rbind "$root" "$root"
for folder in dev proc sys; do mount --rbind "/$folder" "$root/$folder"; done
# A proc of our own where a pid namespace of our own is in use.
if [ "${FANFOLD_OWN_PROC:-}" = 1 ]; then mount -t proc proc "$root/proc"; fi
mount -t tmpfs -o mode=755 tmpfs "$root/run"

# Paths of the machine's that hold no programs mean the same inside: /tmp, /home, a checkout wherever it is.
for folder in /*; do
  case "$folder" in
    /bin | /boot | /dev | /etc | /lib* | /lost+found | /opt | /proc | /run | /sbin | /srv | /sys | /usr | /var) continue ;;
  esac
  if [ -L "$folder" ] || [ ! -d "$folder" ]; then continue; fi
  mkdir -p "$root$folder"
  mount --rbind "$folder" "$root$folder"
done
if [ ! -d "$root$cache/root" ]; then
  mkdir -p "$root$cache"
  mount --bind "$cache" "$root$cache"
fi

cd "$root"
mkdir -p .machine
pivot_root . .machine
umount -l /.machine
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd "$cwd" 2>/dev/null || cd /
exec "$@"
