#!/bin/sh
# Looks for what a purpose needs (check, demo, test, bench) and installs it with apt where that is allowed;
# otherwise says exactly what to install.
set -eu

purpose=$1
cache=${OBMEN_CACHE:-$HOME/.cache/obmen}
mkdir -p "$cache"

if ! command -v cargo > /dev/null; then
    echo "Rust is missing. Install it: curl -sSf https://sh.rustup.rs | sh" >&2
    exit 1
fi
if [ "$purpose" = check ]; then
    for component in rustfmt clippy; do
        cargo "$(echo "$component" | sed 's/rustfmt/fmt/')" --version > /dev/null 2>&1 || rustup component add "$component"
    done
fi

packages=
command -v cc > /dev/null || packages="$packages gcc libc6-dev"
if [ "$purpose" != check ]; then
    python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' 2> /dev/null ||
        packages="$packages python3 python3-venv"
fi
if [ "$purpose" = test ]; then
    command -v valgrind > /dev/null || packages="$packages valgrind"
    command -v xmllint > /dev/null || packages="$packages libxml2-utils"
    if ! command -v chromium > /dev/null && ! command -v google-chrome > /dev/null; then
        # Ubuntu has it only as a snap, which needs more than apt.
        if grep -q '^ID=ubuntu' /etc/os-release 2> /dev/null; then
            echo "Chromium is missing: pages are not looked at in a browser (snap install chromium)" >&2
        else
            packages="$packages chromium fonts-dejavu-core"
        fi
    fi
fi
[ -n "$packages" ] || exit 0

if command -v apt-get > /dev/null; then
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif sudo -n true 2> /dev/null; then
        as_root=sudo
    else
        echo "Please run: sudo apt-get install$packages" >&2
        exit 1
    fi
    echo "installing:$packages"
    # shellcheck disable=SC2086 # several words are meant
    $as_root apt-get update -q > "$cache/apt.log" 2>&1 &&
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends $packages \
            >> "$cache/apt.log" 2>&1 || {
        tail -20 "$cache/apt.log" >&2
        echo "apt-get could not install:$packages" >&2
        exit 1
    }
else
    echo "Please install what Debian calls:$packages" >&2
    exit 1
fi
