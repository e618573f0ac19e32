# What the bundle scripts share: places, tools, platforms. To be sourced by bash with `set -euo pipefail`.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(cd "$here/../.." && pwd)
work=${OBMEN_CACHE:-$HOME/.cache/obmen}/bundle
source_dir=$work/source       # a copy of the checkout: the path of the checkout cannot reach the libraries
target_dir=$work/target
libraries_dir=$work/libraries # the newest build of each platform: NAME.dll or NAME.so
tools_dir=$work/tools
roots_dir=$work/roots

# Debian's compiler: it comes with the sources of the standard library, which none of our targets has ready-made.
rust_bin=/usr/bin
rust_library=/usr/lib/rustlib/src/rust/library
ziglang_version=0.17.1
zigbuild_version=0.24.0
glibc_limit=2.17

# column_of PLATFORM NUMBER: a cell of platforms.txt.
column_of() {
    local cell
    cell=$(awk -v name="$1" -v column="$2" '$1 == name { print $column }' "$here/platforms.txt")
    [ -n "$cell" ] || die "unknown platform $1; known: $platforms"
    echo "$cell"
}

platforms=$(awk '!/^#/ && NF { printf "%s ", $1 }' "$here/platforms.txt")
target_of() { column_of "$1" 2; }
extension_of() { column_of "$1" 3; }
mingw_of() { column_of "$1" 6; }

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "bundle: $*"
    exit 1
}

# One bundle at a time: the build directories are shared by all checkouts. A script run by another has its lock.
take_lock() {
    if [ -z "${OBMEN_BUNDLE_LOCKED:-}" ]; then
        mkdir -p "$work"
        exec 8> "$work/lock"
        flock 8
        export OBMEN_BUNDLE_LOCKED=yes
    fi
}

# The tools of Python's package index that the Linux builds use.
python_tools=$work/venv-$ziglang_version-$zigbuild_version

version=$(sed -n 's/^version *= *"\(.*\)"/\1/p' "$checkout/Cargo.toml" | head -n 1)
[ -n "$version" ] || die "Cargo.toml states no version"
file_version=$(printf '%s' "$version" | tr -c '0-9A-Za-z' _)

# Time of the commit: the only time that may reach the bundle.
SOURCE_DATE_EPOCH=$(git -C "$checkout" log -1 --format=%ct 2> /dev/null || echo 315532800)
export SOURCE_DATE_EPOCH
