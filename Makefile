# One command for each thing that people do here. What is built goes to $(CARGO_TARGET_DIR), outside the checkout.

export OBMEN_CACHE ?= $(HOME)/.cache/obmen
export CARGO_TARGET_DIR ?= $(OBMEN_CACHE)/target
# Other commands of cargo write libraries too, without the optimisation across crates: this copy is kept from them.
SHIPPED = $(CARGO_TARGET_DIR)/shipped/libobmen.so

.PHONY: help demo test bench library bundle header reference check fmt clean

help:
	@echo "make demo      a catalogue to a web site and a day of a shop with EGAIS, through the add-in (CATALOG=file.csv)"
	@echo "make test      all tests: Rust, a host in C (sanitized, under valgrind), a Django site, faults"
	@echo "make bench     every promised speed beside its limit"
	@echo "make library   the shared library as it is shipped"
	@echo "make bundle    dist/obmen-VERSION.zip for 1C: Windows and Linux, 64 and 32 bits (docs/bundle.md)"
	@echo "make header    include/obmen.h from src/native"
	@echo "make reference docs/reference.*.md and docs/error-codes.md from the tables of the classes"
	@echo "make check     formatting, lints, freshness of the header and the reference"
	@echo "make fmt       format the sources"
	@echo "make clean     remove what was built (not the cache of Python packages)"

demo: library
	@scripts/demo.sh

test:
	@scripts/need.sh test
	@tests/servers/setup.sh
	scripts/sanitize.sh
	OBMEN_REQUIRE=1 OBMEN_EGAIS_CASES=200 cargo test

bench: library
	@scripts/need.sh bench
	OBMEN_LIBRARY="$(SHIPPED)" cargo bench

library:
	@scripts/need.sh demo
	cargo rustc --release --lib --crate-type cdylib
	@mkdir -p "$(dir $(SHIPPED))"
	@cp "$(CARGO_TARGET_DIR)/release/libobmen.so" "$(SHIPPED)"

bundle:
	@scripts/bundle/make.sh

header:
	cargo run --quiet --example header > "$(OBMEN_CACHE)/obmen.h"
	cp "$(OBMEN_CACHE)/obmen.h" include/obmen.h

reference:
	cargo run --quiet --example reference -- docs

check:
	@scripts/need.sh check
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo run --quiet --example header > "$(OBMEN_CACHE)/obmen.h"
	@cmp "$(OBMEN_CACHE)/obmen.h" include/obmen.h || { echo "include/obmen.h is stale: run make header"; exit 1; }
	cargo run --quiet --example reference -- "$(OBMEN_CACHE)/reference"
	@for page in reference.ru.md reference.en.md error-codes.md; do \
		cmp "$(OBMEN_CACHE)/reference/$$page" "docs/$$page" || { echo "docs/$$page is stale: run make reference"; exit 1; }; \
	done

fmt:
	cargo fmt

clean:
	cargo clean
