#!/bin/sh
# Sends a catalogue to a Django site, then exchanges documents with EGAIS for a day, through the binary interface of the
# add-in, as 1C would.
set -eu
cd "$(dirname "$0")/.."

cache=${OBMEN_CACHE:-$HOME/.cache/obmen}
target=${CARGO_TARGET_DIR:-$cache/target}
folder=$cache/demo
python=$(scripts/venv.sh)
rm -rf "$folder"
mkdir -p "$folder"

rustc --edition 2024 -O tests/catalogue/program.rs -o "$folder/catalogue"
host=tests/harness
cc -std=gnu11 -D_GNU_SOURCE -O2 -Iinclude "$host/platform_posix.c" "$host/utf.c" "$host/memory_manager.c" \
    "$host/connection.c" "$host/host.c" "$host/driver.c" -o "$folder/obmen_host" -ldl -lpthread

"$python" scripts/demo.py --folder "$folder" --library "$target/shipped/libobmen.so" ${CATALOG:+--catalogue "$CATALOG"}
cargo build --quiet --example utm
"$python" scripts/demo_egais.py --folder "$folder" --library "$target/shipped/libobmen.so" \
    --utm "$target/debug/examples/utm"
