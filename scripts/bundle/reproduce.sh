#!/usr/bin/env bash
# Proves that a commit gives the same bytes twice: builds platforms again from a fresh clone at another path, with build
# directories elsewhere, and compares them with the libraries of the last `make bundle`: reproduce.sh [PLATFORM…]
set -euo pipefail
. "$(dirname "$0")/settings.sh"

again=$work/again
rm -rf "$again/checkout"
mkdir -p "$again/cache/bundle"
git clone --quiet "$checkout" "$again/checkout"
ln -sfn "$python_tools" "$again/cache/bundle/$(basename "$python_tools")"
env -u OBMEN_BUNDLE_LOCKED OBMEN_CACHE="$again/cache" nice -n 19 "$again/checkout/scripts/bundle/build.sh" "$@"

different=0
for library in "$again"/cache/bundle/libraries/*; do
    name=$(basename "$library")
    if cmp "$library" "$libraries_dir/$name"; then
        echo "same bytes: $name $(sha256sum < "$library" | cut -c1-16)"
    else
        different=1
    fi
done
exit "$different"
