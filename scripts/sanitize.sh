#!/bin/sh
# Builds the library with the address sanitizer and runs the tests that drive it from C.
set -eu
cd "$(dirname "$0")/.."

cache=${OBMEN_CACHE:-$HOME/.cache/obmen}
target=${CARGO_TARGET_DIR:-$cache/target}
triple=$(rustc -vV | sed -n 's/^host: //p')

# The sanitizer is an unstable option that the stable compiler carries.
RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address \
    cargo build --quiet --lib --target "$triple" --target-dir "$target/sanitized"
library=$target/sanitized/$triple/debug/libobmen.so

# The sanitizer keeps freed memory back, so peaks of memory mean nothing here.
OBMEN_REQUIRE=1 OBMEN_LIBRARY=$library OBMEN_HOST_FLAGS=-fsanitize=address \
    cargo test --test harness --test site_exchange -- --skip valgrind --skip two_gigabytes
