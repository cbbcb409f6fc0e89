#!/usr/bin/env bash
# Tries ./dev demo and ./dev test on a bare Debian: a fresh clone of HEAD in a fresh chroot, nothing else installed.
# usage (as root): try-in-chroot.sh bookworm|trixie FOLDER [VERB …]     VERBs default to "demo" and "test"
set -euo pipefail
release=$1
root=$2
shift 2
verbs=("$@")
[ ${#verbs[@]} -gt 0 ] || verbs=(demo test)
repository=$(git -C "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" rev-parse --show-toplevel)

[ -x "$root/bin/bash" ] || debootstrap --variant=minbase "$release" "$root"
rm -rf "$root/lossmith"
git clone --quiet --no-hardlinks "$repository" "$root/lossmith"
cp /etc/resolv.conf "$root/etc/resolv.conf"
for file in /etc/apt/apt.conf.d/*proxy*; do [ -e "$file" ] && cp "$file" "$root/etc/apt/apt.conf.d/"; done
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/dev" || mount --bind /dev "$root/dev"
trap 'umount "$root/proc" "$root/dev"' EXIT

for verb in "${verbs[@]}"; do
    started=$SECONDS
    chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 bash -c "cd /lossmith && ./dev $verb"
    printf '%s: ./dev %s ended with 0 after %d seconds\n' "$release" "$verb" $((SECONDS - started))
done
