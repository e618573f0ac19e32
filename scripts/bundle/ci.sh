#!/usr/bin/env bash
# The bundle stage of CI: builds the bundle and runs every check on it.
#
# That takes over 20 minutes, so it is skipped when nothing that it reads has changed since its last
# green run. The checksum of what it reads stands in scripts/bundle/verified (written by `ci.sh --record` after a green
# run, to be committed) and in the cache of the machine (written after every green run). `ci.sh --force` runs always.
set -euo pipefail
. "$(dirname "$0")/settings.sh"

record=$here/verified
cached=$work/verified

inputs_checksum() {
    cd "$checkout"
    git ls-files -z --cached --others --exclude-standard -- Cargo.toml Cargo.lock build.rs build LICENSE-APACHE LICENSE-MIT \
        include src tests/harness tests/bundle scripts/bundle ':!scripts/bundle/verified' |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

checksum=$(inputs_checksum)
if [ "${1:-}" != --force ]; then
    for file in "$record" "$cached"; do
        if [ -e "$file" ] && grep -qx "$checksum" "$file"; then
            echo "bundle: nothing it reads has changed since its last green run ($checksum): skipped"
            [ "${1:-}" != --record ] || echo "$checksum" > "$record"
            exit 0
        fi
    done
fi

cd "$checkout"
"$here/prepare.sh" --with-checks
"$rust_bin/python3" -m unittest discover tests/bundle
"$here/make.sh"
"$here/check.sh"
echo "$checksum" > "$cached"
[ "${1:-}" != --record ] || echo "$checksum" > "$record"
echo "bundle: built and checked ($checksum)"
