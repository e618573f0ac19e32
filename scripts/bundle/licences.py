"""Collects what the licences of everything inside the libraries ask to be passed on.

Reads the crates that cargo links (not the ones that only run while building) and the standard library; the notices of
the compilers' runtime parts stand in a file. Fails on a licence that is not known to go with ours, and on a missing text.
"""

import json
import re
import subprocess
from collections.abc import Set
from dataclasses import dataclass, field
from pathlib import Path

# Permissive: they ask for their text to be passed on and for nothing that would bind the user's own program.
ACCEPTED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "Unicode-3.0", "Unlicense", "Zlib",
}  # fmt: skip

LICENCE_FILE = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicen[cs]e)", re.IGNORECASE)
# Sources of others inside a crate that have a licence of their own.
INNER_LICENCES = {"zstd-sys": ["zstd/LICENSE"]}
# What Rust's COPYRIGHT file says of its own crates, some of which leave it unsaid.
RUST_LICENCE = "MIT OR Apache-2.0"
# The features that cargo builds the standard library with.
LIBRARY_FEATURES = ["--features=backtrace,panic-unwind"]
# Crates published without a licence file, with a crate of the same repository that has it.
TEXT_OF_SIBLING = {"alloc-stdlib": "alloc-no-stdlib"}


class Unacceptable(Exception):
    """A licence that the bundle may not carry, or whose text is missing."""


@dataclass
class Crate:
    name: str
    version: str
    licence: str
    texts: list[str] = field(default_factory=list)

    def title(self) -> str:
        return f"{self.name} {self.version}"


def accepted(expression: str, licences: Set[str] = ACCEPTED) -> bool:
    """Whether an SPDX expression can be met with these licences only. "/" is cargo's old spelling of OR."""
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))
    position = 0

    def take() -> str:
        nonlocal position
        if position == len(tokens):
            raise Unacceptable(f"cannot read the licence expression {expression!r}")
        position += 1
        return tokens[position - 1]

    def peek() -> str | None:
        return tokens[position] if position < len(tokens) else None

    def single() -> bool:
        token = take()
        if token == "(":
            result = either()
            if take() != ")":
                raise Unacceptable(f"cannot read the licence expression {expression!r}")
            return result
        if peek() == "WITH":
            take()
            token = f"{token} WITH {take()}"
        return token in licences

    def both() -> bool:
        result = single()
        while peek() == "AND":
            take()
            result = single() and result
        return result

    def either() -> bool:
        result = both()
        while peek() == "OR":
            take()
            result = both() or result
        return result

    result = either()
    if peek() is not None:
        raise Unacceptable(f"cannot read the licence expression {expression!r}")
    return result


def linked(manifest: Path, package: str, targets: list[str], *options: str) -> list[Crate]:
    """What cargo links for `package`: no development and build dependencies, no macros, which run in the compiler."""
    command = ["cargo", "tree", f"--manifest-path={manifest}", f"--package={package}", *options]
    command += ["--edges=normal,no-proc-macro", "--prefix=none", "--no-dedupe", "--format={p}|{l}"]
    command += [f"--target={target}" for target in targets]
    lines = set(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()) - {""}
    crates = []
    for line in sorted(lines):
        identity, _, licence = line.partition("|")
        name, version = identity.split()[:2]
        crates.append(Crate(name, version.removeprefix("v"), licence))
    return crates


def check(crates: list[Crate]) -> None:
    refused = [f"{crate.title()}: {crate.licence or 'not stated'}" for crate in crates if not accepted(crate.licence)]
    if refused:
        raise Unacceptable("licences that are not among the accepted ones: " + "; ".join(refused))


def licence_files(package: dict) -> list[Path]:
    folder = Path(package["manifest_path"]).parent
    found = [path for path in sorted(folder.iterdir()) if path.is_file() and LICENCE_FILE.match(path.name)]
    found += [path for path in sorted(folder.glob("LICENSES/*")) if path.is_file()]
    named = [package["license_file"]] if package["license_file"] else []
    extra = [folder / name for name in named + INNER_LICENCES.get(package["name"], [])]
    return found + [path for path in extra if path not in found]


def read_texts(manifest: Path, crates: list[Crate]) -> None:
    command = ["cargo", "metadata", "--locked", "--format-version=1", f"--manifest-path={manifest}"]
    packages = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["packages"]
    by_title = {f"{package['name']} {package['version']}": package for package in packages}
    for crate in crates:
        crate.texts = [path.read_text("utf-8", "replace") for path in licence_files(by_title[crate.title()])]
    names = {crate.name: crate for crate in crates}
    for crate in crates:
        sibling = names.get(TEXT_OF_SIBLING.get(crate.name, ""))
        crate.texts = crate.texts or (sibling.texts if sibling else [])
        crate.texts = crate.texts or [standard_text(crate, by_title[crate.title()]["authors"], manifest.parent)]


def standard_text(crate: Crate, authors: list[str], checkout: Path) -> str:
    """What stands for the licence file that a crate was published without."""
    if accepted(crate.licence, {"Apache-2.0"}):
        return "Used under the Apache License, Version 2.0: see LICENSE-APACHE."
    if accepted(crate.licence, {"MIT"}) and authors:
        terms = (checkout / "LICENSE-MIT").read_text("utf-8").partition("\n\nPermission")[2]
        return f"MIT License\n\nCopyright (c) {', '.join(authors)}\n\nPermission{terms}"
    raise Unacceptable(f"{crate.title()}: no file with its licence ({crate.licence}); see TEXT_OF_SIBLING")


def compose(crates: list[Crate], library_crates: list[Crate], notices: str) -> str:
    """The file for readers: the list first, then each text once."""
    numbers: dict[str, int] = {}
    lines = ["Obmen contains the works of others. This file lists them with their licences.", ""]
    for crate in crates:
        texts = ["\n".join(line.rstrip() for line in text.strip().splitlines()) for text in crate.texts]
        references = [numbers.setdefault(text, len(numbers) + 1) for text in texts]
        lines.append(f"{crate.title()}: {crate.licence} (texts {', '.join(map(str, sorted(set(references))))})")
    lines += [f"standard library, {crate.title()}: {crate.licence}" for crate in library_crates]
    lines += ["", notices.strip()]
    for text, number in numbers.items():
        lines += ["", "=" * 80, f"Text {number}", "=" * 80, "", text]
    return "\n".join(lines) + "\n"


def third_party(manifest: Path, library: Path, targets: list[str]) -> str:
    """The text of THIRD-PARTY.txt for the package `manifest`, built with the standard library in `library`."""
    crates = [crate for crate in linked(manifest, "obmen", targets, "--locked") if crate.name != "obmen"]
    library_crates = linked(library / "sysroot/Cargo.toml", "std", targets, "--offline", *LIBRARY_FEATURES)
    for crate in library_crates:
        crate.licence = crate.licence or RUST_LICENCE
    check(crates + library_crates)
    read_texts(manifest, crates)
    notices = Path(__file__).with_name("runtime-notices.txt").read_text("utf-8")
    return compose(crates, library_crates, notices)
