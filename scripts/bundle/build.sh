#!/usr/bin/env bash
# Builds the shipped libraries: build.sh [PLATFORM…]. Each ends as $libraries_dir/PLATFORM.dll or .so, or is absent
# when it could not be built; the exit status is then 1.
set -euo pipefail
. "$(dirname "$0")/settings.sh"

# Nothing of the caller's own settings may change the result.
for name in $(compgen -e); do
    case $name in
        CARGO_BUILD_JOBS) ;;
        CARGO_BUILD_* | CARGO_PROFILE_* | CARGO_TARGET_* | CARGO_ENCODED_* | CARGO_INCREMENTAL) unset "$name" ;;
        RUSTFLAGS | RUSTUP_* | RUSTC_* | RUSTC | CC | CC_* | CXX | AR | AR_* | CFLAGS | CFLAGS_* | LDFLAGS | CPATH) unset "$name" ;;
    esac
done
umask 022
export LC_ALL=C TZ=UTC

cargo_home=${CARGO_HOME:-$HOME/.cargo}
[ -e "$rust_library" ] || die "no sources of the standard library: run scripts/bundle/prepare.sh"
rust_link=${rust_library%/library}
rust_source=$(readlink -f "$rust_link")

export RUSTC=$rust_bin/rustc RUSTDOC=$rust_bin/rustdoc
export RUSTC_BOOTSTRAP=1 # for -Zbuild-std
export CARGO_TARGET_DIR=$target_dir
export CARGO_ZIGBUILD_CACHE_DIR=$work/zigbuild ZIG_GLOBAL_CACHE_DIR=$work/zig ZIG_LOCAL_CACHE_DIR=$work/zig
export CC_SHELL_ESCAPED_FLAGS=1
export CARGO_PROFILE_RELEASE_STRIP=symbols
tool_path=$python_tools/bin:$rust_bin:/bin

# "FROM=TO" of every path that a compiler may write into a library. The last that fits wins.
path_maps() {
    printf '%s\n' "$cargo_home=/cargo" "$target_dir=/build" "$source_dir=/obmen" "$rust_link=/rust" "$rust_source=/rust"
    local folder
    for folder in "$cargo_home"/registry/src/*; do
        printf '%s\n' "$folder=/crates"
    done
}

rust_flags() {
    local map
    while read -r map; do
        printf -- '--remap-path-prefix=%s\037' "$map"
    done < <(path_maps)
    case $1 in
        win_*) printf -- '-Clink-arg=-Wl,--no-insert-timestamp' ;;
        *) printf -- '-Clink-arg=-Wl,--build-id=none' ;;
    esac
}

c_flags() {
    local map
    printf -- '-g0'
    while read -r map; do
        printf -- " '-ffile-prefix-map=%s'" "$map"
    done < <(path_maps)
}

windows_tools() {
    local mingw target variable
    mingw=$(mingw_of "$1")
    target=$(target_of "$1")
    variable=${target//-/_}
    export OBMEN_MINGW=$mingw OBMEN_STARTUP=$tools_dir/$1
    export "CC_$variable=$mingw-gcc-win32" "AR_$variable=$mingw-ar"
    export "CARGO_TARGET_${variable^^}_LINKER=$source_dir/scripts/bundle/link-windows.sh"

    mkdir -p "$OBMEN_STARTUP"
    local object
    for object in rsbegin rsend; do
        "$RUSTC" --target "$target" --crate-type lib --emit obj -O "--remap-path-prefix=$rust_source=/rust" \
            -o "$OBMEN_STARTUP/$object.o" "$rust_library/rtstartup/$object.rs"
    done

    local numbers=${version%%[-+]*}
    export OBMEN_WINDOWS_RESOURCE=$OBMEN_STARTUP/version.o
    "$mingw-windres" --codepage=65001 --define="VERSION_NUMBERS=${numbers//./,},0" \
        --define="VERSION_TEXT=\\\"$version\\\"" --define="VERSION_FILE=\\\"obmen_${file_version}_$1.dll\\\"" \
        "$source_dir/scripts/bundle/version.rc" "$OBMEN_STARTUP/version.o"
}

# One cargo call; only the shipped form of the library, because a second crate type switches LTO off.
build() {
    local platform=$1 target built
    target=$(target_of "$platform")
    local arguments=(rustc --locked --release --lib --crate-type cdylib -Zbuild-std=std,panic_unwind)
    export "CFLAGS_${target//-/_}=$(c_flags)"
    CARGO_ENCODED_RUSTFLAGS=$(rust_flags "$platform")
    export CARGO_ENCODED_RUSTFLAGS
    cd "$source_dir"
    case $platform in
        win_*)
            windows_tools "$platform"
            PATH=$tool_path cargo "${arguments[@]}" --target "$target"
            built=$target_dir/$target/release/obmen.dll
            ;;
        linux_*)
            PATH=$tool_path cargo-zigbuild "${arguments[@]}" --target "$target.$glibc_limit"
            built=$target_dir/$target/release/libobmen.so
            ;;
    esac
    mkdir -p "$libraries_dir"
    cp "$built" "$libraries_dir/$platform.$(extension_of "$platform")"
}

mkdir -p "$source_dir" "$target_dir"
take_lock
"$rust_bin/python3" "$here/stage.py" "$checkout" "$source_dir"
# The sources of all crates come first: their folders are part of the flags.
(cd "$source_dir" && PATH=$tool_path cargo fetch --locked --quiet)

failed=()
for platform in ${*:-$platforms}; do
    target_of "$platform" > /dev/null
    say "bundle: building $platform"
    rm -f "$libraries_dir/$platform.$(extension_of "$platform")"
    # A shell of its own, with its own `set -e`: inside `if` or `||` it would not stop at errors.
    set +e
    (
        set -e
        build "$platform"
    )
    status=$?
    set -e
    [ "$status" = 0 ] || failed+=("$platform")
done
if [ ${#failed[@]} -gt 0 ]; then
    say "bundle: NOT built: ${failed[*]} (the reason is above)"
    exit 1
fi
