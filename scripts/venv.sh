#!/bin/sh
# Prints the path of a Python that has what the test site needs, or what the requirements file given as an
# argument names; makes its virtual environment once.
# It lives in $OBMEN_CACHE (default ~/.cache/obmen), named by the checksum of the requirements.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
requirements=${1:-$here/tests/site/requirements.txt}
cache=${OBMEN_CACHE:-$HOME/.cache/obmen}
venv=$cache/venv-$(cksum < "$requirements" | cut -d' ' -f1)

if [ ! -e "$venv/ready" ]; then
    mkdir -p "$cache"
    # Made aside and renamed into its place by a link, so that two commands at once do not meet half a one.
    own=$venv.$$
    if ! python3 -m venv "$own" >&2; then
        rm -rf "$own"
        echo "The test site needs Python 3.10 or newer with venv: sudo apt-get install python3-venv" >&2
        exit 1
    fi
    if ! "$own/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2; then
        rm -rf "$own"
        echo "pip could not install $requirements: see above" >&2
        exit 1
    fi
    touch "$own/ready"
    [ -e "$venv" ] || ln -s "$(basename "$own")" "$venv" 2> /dev/null || true
    # Lost the race: the other one serves.
    [ "$(readlink "$venv")" = "$(basename "$own")" ] || rm -rf "$own"
fi
echo "$venv/bin/python"
