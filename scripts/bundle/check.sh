#!/usr/bin/env bash
# Checks a bundle: check.sh [--files-only] [ZIP], by default the newest in dist. First its files, then, unless told
# otherwise, the libraries at work: each one loaded by the C host, the Windows ones under Wine, the Linux ones in an old Debian.
set -euo pipefail
. "$(dirname "$0")/settings.sh"

files_only=
if [ "${1:-}" = --files-only ]; then
    files_only=yes
    shift
fi
archive=${1:-$checkout/dist/obmen-$version.zip}
[ -f "$archive" ] || die "no bundle at $archive: make bundle"

take_lock
unpacked=$work/unpacked
rm -rf "$unpacked"
mkdir -p "$unpacked"
"$rust_bin/python3" "$here/check_files.py" "$archive" "$unpacked" "$HOME/" "$checkout" "$work" >&2
[ -z "$files_only" ] || exit 0
"$here/prepare.sh" --with-checks
"$here/run.sh" "$unpacked"
