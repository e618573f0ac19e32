#!/usr/bin/env python3
"""Packs the built libraries for 1C: pack.py LIBRARIES_DIR RUST_LIBRARY_DIR OUTPUT_DIR.

Writes OUTPUT_DIR/obmen-VERSION.zip, with a manifest of the platforms that are there, and its .sha256. The same input
gives the same bytes: entries are sorted and bear the time SOURCE_DATE_EPOCH.
"""

import hashlib
import os
import sys
import time
import tomllib
import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

import licences
from platforms import Platform, platforms

CHECKOUT = Path(__file__).resolve().parents[2]
EARLIEST_ZIP_TIME = 315532800


def manifest(version: str, built: list[Platform]) -> str:
    lines = [
        f"  <component os={quoteattr(platform.system)} path={quoteattr(platform.shipped_name(version))}"
        f' type="native" arch={quoteattr(platform.architecture)}/>'
        for platform in built
    ]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<bundle xmlns="http://v8.1c.ru/8.2/addin/bundle" name="Obmen">',
            *lines,
            "</bundle>",
            "",
        ]
    )


def write_zip(path: Path, entries: dict[str, bytes]) -> None:
    moment = time.gmtime(max(int(os.environ["SOURCE_DATE_EPOCH"]), EARLIEST_ZIP_TIME))[:6]
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(entries):
            entry = zipfile.ZipInfo(name, moment)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, entries[name], zipfile.ZIP_DEFLATED, 9)


def write_archive(path: Path, entries: dict[str, bytes]) -> None:
    """The archive and, beside it, its checksum in the form that sha256sum reads."""
    write_zip(path, entries)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\n")


def pack(libraries: Path, rust_library: Path, output: Path) -> Path:
    version = tomllib.loads((CHECKOUT / "Cargo.toml").read_text("utf-8"))["package"]["version"]
    built = [platform for platform in platforms() if (libraries / platform.built_name()).is_file()]
    if not built:
        sys.exit(f"pack: no library in {libraries}")
    targets = [platform.target for platform in built]
    entries = {
        "MANIFEST.XML": manifest(version, built).encode(),
        "LICENSE-MIT": (CHECKOUT / "LICENSE-MIT").read_bytes(),
        "LICENSE-APACHE": (CHECKOUT / "LICENSE-APACHE").read_bytes(),
        "THIRD-PARTY.txt": licences.third_party(CHECKOUT / "Cargo.toml", rust_library, targets).encode(),
    }
    for platform in built:
        entries[platform.shipped_name(version)] = (libraries / platform.built_name()).read_bytes()

    output.mkdir(parents=True, exist_ok=True)
    archive = output / f"obmen-{version}.zip"
    write_archive(archive, entries)
    return archive


if __name__ == "__main__":
    try:
        print(pack(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))
    except licences.Unacceptable as refusal:
        sys.exit(f"pack: {refusal}")
