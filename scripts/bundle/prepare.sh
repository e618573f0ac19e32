#!/usr/bin/env bash
# Installs what `make bundle` needs on Debian 12 or newer: compilers from Debian, zig from Python's package index.
# Says what is missing where it may not install. Does nothing when all is there.
set -euo pipefail
. "$(dirname "$0")/settings.sh"

packages=(rustc-web cargo-web rust-web-src gcc-mingw-w64-x86-64-win32 gcc-mingw-w64-i686-win32 gcc libc6-dev python3-venv git ca-certificates)
if [ "${1:-}" = --with-checks ]; then
    packages+=(wine wine64 debootstrap openssl)
fi

missing=()
for package in "${packages[@]}"; do
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2> /dev/null || die "these packages are missing: sudo apt-get install ${missing[*]}"
        as_root=(sudo -n)
    fi
    say "bundle: installing ${missing[*]}"
    "${as_root[@]}" apt-get update --quiet --quiet >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --quiet --quiet --no-install-recommends "${missing[@]}" >&2 ||
        die "apt-get could not install ${missing[*]}"
fi

if [ ! -e "$python_tools/ready" ]; then
    mkdir -p "$work"
    rm -rf "$python_tools"
    python3 -m venv "$python_tools"
    "$python_tools/bin/python" -m pip install --quiet --disable-pip-version-check \
        "ziglang==$ziglang_version" "cargo-zigbuild==$zigbuild_version" >&2 ||
        die "pip could not install zig: see above"
    touch "$python_tools/ready"
fi
