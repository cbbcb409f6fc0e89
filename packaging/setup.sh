#!/usr/bin/env bash
# Installs what is missing to build, test and run Lossmith on Debian 12 or 13. Touches nothing that is there.
set -euo pipefail

. /etc/os-release
packages=(
    # to build
    g++ cmake ninja-build ccache git mold
    qt6-base-dev qt6-base-dev-tools libgl-dev libqcustomplot-dev libqscintilla2-qt6-dev
    libtorch-dev libgloo-dev libuchardet-dev libssl-dev nlohmann-json3-dev libcli11-dev libdtl-dev libbenchmark-dev
    # to run
    libqt6sql6-sqlite libopenblas0-openmp breeze-icon-theme fonts-dejavu-core
    # to test several machines on one
    iproute2
)
case ${VERSION_CODENAME:-} in
    bookworm) packages+=(libqt6svg6-dev qt6-qpa-plugins) ;;
    *) packages+=(qt6-svg-dev) ;;
esac
[ -z "${LOSSMITH_LINT:-}" ] || packages+=(clang-format-19 clang-tidy-19)

missing=()
for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "setup: everything is installed." >&2
    exit 0
fi

as_root=(env DEBIAN_FRONTEND=noninteractive)
if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        printf 'setup: %d packages are missing, and installing them needs root. Run this once:\n\n  sudo apt-get update && sudo apt-get install --no-install-recommends %s\n\n' \
            ${#missing[@]} "${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo env DEBIAN_FRONTEND=noninteractive)
fi
echo "setup: installing ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "setup: installing failed; the lines above say why." >&2
    exit 1
fi
