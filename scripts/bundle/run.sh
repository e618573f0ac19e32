#!/usr/bin/env bash
# Runs the libraries of an unpacked bundle inside the C host (tests/harness): run.sh UNPACKED_DIR. The Windows ones run
# under Wine, the Linux ones in an old Debian. Of each: all cases of the host for every class (load, members, values,
# errors, threads, unload), a request over HTTPS with an authority of our own, a storage file. The exit status is 1 if
# one platform failed.
set -euo pipefail
. "$(dirname "$0")/settings.sh"
. "$here/roots.sh"

unpacked=$1
run_dir=$work/run
limit=1800 # seconds for one program

export ZIG_GLOBAL_CACHE_DIR=$work/zig ZIG_LOCAL_CACHE_DIR=$work/zig

# The host's way to $run_dir, and what runs a program there: run_in PLATFORM VARIABLE=VALUE… PROGRAM ARGUMENT…
folder_in() {
    case $1 in
        win_x64) echo "Z:$run_dir" ;;
        win_x86) echo Z:/run-bundle ;;
        linux_*) echo /run-bundle ;;
    esac
}

run_in() {
    local platform=$1 quiet=(WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml=)
    shift
    case $platform in
        win_x64)
            (cd "$run_dir/scratch" && WINEPREFIX=$work/wine64 timeout "$limit" env "${quiet[@]}" wine "$(folder_in "$platform")/$1.exe" "${@:2}")
            ;;
        win_x86)
            in_root wine-i386 env "${quiet[@]}" HOME=/root PATH=/usr/bin:/bin \
                timeout "$limit" wine "$(folder_in "$platform")/$1.exe" "${@:2}"
            ;;
        linux_x64) in_root old-amd64 env PATH=/usr/bin:/bin timeout "$limit" "/run-bundle/$1" "${@:2}" ;;
        linux_x86) in_root old-i386 env PATH=/usr/bin:/bin timeout "$limit" "/run-bundle/$1" "${@:2}" ;;
    esac
}

# compile PLATFORM: the host's two programs, host_tests_PLATFORM and obmen_host_PLATFORM (.exe for Windows).
compile() {
    local harness=$checkout/tests/harness system=posix suffix='' compiler libraries
    case $1 in
        win_*) system=windows suffix=.exe compiler=("$(mingw_of "$1")-gcc-win32" -D__USE_MINGW_ANSI_STDIO=1) libraries=(-lws2_32) ;;
        linux_*)
            local architecture=x86_64
            [ "$1" = linux_x64 ] || architecture=x86
            compiler=("$python_tools/bin/python" -m ziglang cc -target "$architecture-linux-gnu.$glibc_limit")
            libraries=(-ldl -lpthread)
            ;;
    esac
    compiler+=(-std=gnu11 -O1 -D_GNU_SOURCE -I "$checkout/include")
    local common=("$harness/platform_$system.c" "$harness/utf.c" "$harness/memory_manager.c" "$harness/connection.c" "$harness/host.c")
    "${compiler[@]}" "${common[@]}" "$harness/driver.c" -o "$run_dir/obmen_host_$1$suffix" "${libraries[@]}"
    "${compiler[@]}" "${common[@]}" "$harness/check.c" "$harness/layout.c" "$harness"/cases_*.c \
        -o "$run_dir/host_tests_$1$suffix" "${libraries[@]}"
}

# converse PLATFORM CLASS: statements from standard input to an object, its answers as lines of JSON.
converse() {
    cat > "$run_dir/statements.txt"
    run_in "$1" "obmen_host_$1" --library "$(folder_in "$1")/$(library_of "$1")" --class "$2" \
        "$(folder_in "$1")/statements.txt"
}

expect_line() {
    grep -qF "$2" <<< "$1" || die "expected $2 in:
$1"
}

declares() {
    grep -rqF "\"$1\"" "$checkout/src/classes"
}

check_https() {
    local answers
    answers=$(converse "$1" ObmenSite << STATEMENTS
АдресСайта = "$https_url"
ТокенАвторизации = "any"
ФайлСертификатовУЦ = "$(folder_in "$1")/tls/ca.pem"
ДобавитьТовар("A-1", "Гвозди", 12.5)
ОтправитьТоварыНаСайт()
КодСостояния
STATEMENTS
    )
    expect_line "$answers" '"name":"КодСостояния","ok":true,"value":200'
    # Without the authority the same server must not be trusted.
    answers=$(converse "$1" ObmenSite << STATEMENTS || true
АдресСайта = "$https_url"
ТокенАвторизации = "any"
ДобавитьТовар("A-1", "Гвозди", 12.5)
ОтправитьТоварыНаСайт()
КодСостояния
STATEMENTS
    )
    expect_line "$answers" http_tls
    expect_line "$answers" '"name":"КодСостояния","ok":true,"value":0'
    echo "HTTPS: reached with the authority's certificate, refused without"
}

check_storage() {
    rm -f "$run_dir"/store.db*
    local answers
    answers=$(converse "$1" ObmenEgais << STATEMENTS
ФайлХранилища = "$(folder_in "$1")/store.db"
Состояние()
STATEMENTS
    )
    expect_line "$answers" '"name":"Состояние","ok":true'
    [ "$(head -c 15 "$run_dir/store.db")" = "SQLite format 3" ] || die "no SQLite file was made"
    echo "storage file: made and read"
}

library_of() {
    echo "obmen_${file_version}_$1.$(extension_of "$1")"
}

run_platform() {
    local platform=$1 library
    case $platform in
        win_x86) make_root wine-i386 ;;
        linux_x64) make_root old-amd64 ;;
        linux_x86) make_root old-i386 ;;
    esac
    cp "$unpacked/$(library_of "$platform")" "$run_dir/"
    library=$(folder_in "$platform")/$(library_of "$platform")
    compile "$platform"
    run_in "$platform" "host_tests_$platform" "$library"
    local alone
    alone=$(run_in "$platform" "host_tests_$platform" --list | tr -d '\r')
    local name
    for name in $alone; do
        run_in "$platform" "host_tests_$platform" "$library" "$name"
    done
    if declares ObmenSite; then check_https "$platform"; fi
    if declares ObmenEgais; then check_storage "$platform"; fi
}

rm -rf "$run_dir"
mkdir -p "$run_dir/tls" "$run_dir/scratch"
"$rust_bin/python3" "$here/serve_https.py" "$run_dir/tls" &
server=$!
trap 'kill "$server" 2> /dev/null || true' EXIT
for _ in $(seq 150); do
    [ ! -s "$run_dir/tls/url" ] || break
    sleep 0.2
done
https_url=$(cat "$run_dir/tls/url") || die "the HTTPS server did not start"

failed=()
for platform in $platforms; do
    [ -e "$unpacked/$(library_of "$platform")" ] || continue
    say "bundle: running $platform"
    # A shell of its own, because inside `if` or `||` its `set -e` would not work.
    set +e
    (
        set -e
        run_platform "$platform"
    ) > "$run_dir/$platform.log" 2>&1
    status=$?
    set -e
    grep -E '^([0-9]+ cases, |HTTPS: |storage file: )' "$run_dir/$platform.log" >&2 || true
    if [ "$status" != 0 ]; then
        failed+=("$platform")
        say "bundle: $platform FAILED ($status):"
        tail -n 40 "$run_dir/$platform.log" >&2
    fi
done
[ ${#failed[@]} = 0 ] || die "failed at work: ${failed[*]}"
