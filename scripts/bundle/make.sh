#!/usr/bin/env bash
# make bundle: dist/obmen-VERSION.zip for 1C with the libraries of all platforms, and its checksum.
# Platforms that cannot be built are named and left out of the manifest; then the exit status is 1, unless they
# are expected: ALLOW_MISSING="linux_x86 …".
set -euo pipefail
. "$(dirname "$0")/settings.sh"

take_lock
"$here/prepare.sh"
if [ -n "$(git -C "$checkout" status --porcelain 2> /dev/null)" ]; then
    say "bundle: the checkout has changes that are in no commit; they will be in the bundle"
fi
rm -rf "$libraries_dir"
nice -n 19 "$here/build.sh" || true # what is missing is counted below

missing=()
for platform in $platforms; do
    [ -e "$libraries_dir/$platform.$(extension_of "$platform")" ] || missing+=("$platform")
done

rm -rf "$checkout/dist"
archive=$(cd "$source_dir" && PATH=$rust_bin:/bin python3 "$here/pack.py" "$libraries_dir" "$rust_library" "$checkout/dist")
"$here/check.sh" --files-only "$archive"
say "bundle: $archive"
for platform in "${missing[@]}"; do
    say "bundle: WITHOUT $platform: it could not be built (the reason is above) and is not in the manifest"
done
for platform in "${missing[@]}"; do
    case " ${ALLOW_MISSING:-} " in
        *" $platform "*) ;;
        *) exit 1 ;;
    esac
done
