# Small Debian systems to run libraries in, made once by debootstrap. To be sourced after settings.sh.
# old-amd64, old-i386: the oldest Debian still served. wine-i386: has the 32-bit Wine.

old_debian=bullseye
wine_debian=bookworm

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@" || die "root is needed for: $*"
    fi
}

# make_root NAME: prints nothing; the root is $roots_dir/NAME afterwards.
make_root() {
    local root=$roots_dir/$1 release=$old_debian log=$roots_dir/$1.log
    case $1 in wine-*) release=$wine_debian ;; esac
    local marker=$roots_dir/$1.ready-$release
    [ ! -e "$marker" ] || return 0
    say "bundle: making the Debian root $1"
    mkdir -p "$roots_dir"
    as_root rm -rf "$root"
    as_root debootstrap --variant=minbase --arch="${1#*-}" "$release" "$root" > "$log" 2>&1 ||
        die "debootstrap failed: $(tail -n 3 "$log")"
    case $1 in
        wine-*)
            as_root cp /etc/hosts "$root/etc/hosts"
            as_root chroot "$root" env DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin \
                apt-get install --yes --quiet --no-install-recommends wine wine32 >> "$log" 2>&1 ||
                die "no 32-bit Wine: $(tail -n 3 "$log")"
            ;;
    esac
    touch "$marker"
}

# in_root NAME COMMAND…: with its own processes, which end with the command, and $run_dir as /run-bundle.
in_root() {
    local root=$roots_dir/$1
    shift
    as_root mkdir -p "$root/run-bundle"
    # shellcheck disable=SC2016
    as_root unshare --mount --pid --fork --kill-child sh -c '
        root=$1 run=$2
        shift 2
        mount -t proc proc "$root/proc" && mount --bind "$run" "$root/run-bundle" &&
            exec chroot "$root" sh -c '"'cd /run-bundle/scratch && exec \"\$@\"'"' - "$@"' - "$root" "$run_dir" "$@"
}
