#!/bin/sh
# Prepares the servers that the tests of HTTP talk to, none of which is ours: httpbin from PyPI in a virtual
# environment under $OBMEN_CACHE (default ~/.cache/obmen), and from the system's packages nginx, tinyproxy,
# microsocks and openssl. May be run again at any time.
set -eu

here=$(cd "$(dirname "$0")/../.." && pwd)
cache=${OBMEN_CACHE:-$HOME/.cache/obmen}

python=$(sh "$here/scripts/venv.sh" "$here/tests/servers/requirements.txt")
ln -sfn "$(dirname "$(dirname "$python")")" "$cache/httpbin"

missing=
for pair in nginx:nginx-light tinyproxy:tinyproxy-bin microsocks:microsocks openssl:openssl curl:curl; do
    command -v "${pair%%:*}" > /dev/null || [ -x "/usr/sbin/${pair%%:*}" ] || missing="$missing ${pair##*:}"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    apt-get update -qq
    # Only the programs: a server that starts by itself would take its port from somebody.
    # shellcheck disable=SC2086
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
else
    echo "Missing for the tests of HTTP: sudo apt-get install$missing" >&2
    exit 1
fi
