#!/usr/bin/env python3
"""Checks a bundle without running it: check_files.py ZIP UNPACKED_DIR [PATH_THAT_MUST_NOT_APPEAR…].

The checksum, the manifest against the files, and of each library: the machine it is for, its exports, what it imports,
the version of glibc it asks for, functions newer than Windows 7, its version resource, paths of the building machine.
readelf and objdump of binutils read the libraries. Unpacks the archive for the checks that run it.
"""

import hashlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

from platforms import Platform, platforms

EXPORTS = {"GetClassNames", "GetClassObject", "DestroyObject", "SetPlatformCapabilities", "GetAttachType"}
NAMESPACE = "{http://v8.1c.ru/8.2/addin/bundle}"
TEXTS = {"LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY.txt"}

LINUX_LIBRARIES = {
    "libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "ld-linux-x86-64.so.2", "ld-linux.so.2",
}  # fmt: skip
# On every Windows since 7, without a redistributable package.
WINDOWS_LIBRARIES = {
    "advapi32.dll", "bcrypt.dll", "crypt32.dll", "iphlpapi.dll", "kernel32.dll", "msvcrt.dll", "ntdll.dll", "ole32.dll",
    "secur32.dll", "shell32.dll", "user32.dll", "userenv.dll", "winhttp.dll", "ws2_32.dll",
}  # fmt: skip
NEWEST_GLIBC = (2, 17)
# The headers of mingw-w64 tell which functions Windows 7 has.
WINDOWS_7_HEADERS = """
#define _WIN32_WINNT 0x0601
#define WINVER 0x0601
#define NTDDI_VERSION 0x06010000
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <bcrypt.h>
#include <wincrypt.h>
#include <winternl.h>
#include <userenv.h>
#include <iphlpapi.h>
#include <ntsecapi.h>
#include <process.h>
#include <psapi.h>
#include <sddl.h>
#include <shlobj.h>
#include <tlhelp32.h>
"""
# Older than Windows 7, but in no header (ntdll, which Microsoft documents for drivers only).
KNOWN_IN_WINDOWS_7 = {"NtCancelIoFileEx", "NtReadFile", "NtWriteFile", "RtlGetVersion"}
# Newer than Windows 7, though the headers do not say so.
NEWER_THAN_WINDOWS_7 = {
    "GetHostNameW", "GetOverlappedResultEx", "GetSystemTimePreciseAsFileTime", "WaitOnAddress", "WakeByAddressAll",
    "WakeByAddressSingle",
}  # fmt: skip
# Folders that tell of a home or a checkout; "/tmp" is no sign, SQLite looks there for its temporary files.
FOREIGN_PATHS = [rb"/home/", rb"/root/", rb"/usr/src/", rb"/usr/lib/rustlib", rb"[A-Za-z]:\\Users\\", rb"registry/src"]


ENGLISH = os.environ | {"LC_ALL": "C"}


class Findings:
    """What is wrong, said all at once."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def expect(self, condition: bool, text: str) -> None:
        if not condition:
            self.lines.append(text)


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=ENGLISH).stdout


def check_linux(path: Path, platform: Platform, findings: Findings) -> None:
    machine = {"x86_64": "Advanced Micro Devices X86-64", "i386": "Intel 80386"}[platform.architecture]
    header = output_of("readelf", "--wide", "--file-header", str(path))
    findings.expect(re.search(rf"Machine:\s+{machine}$", header, re.MULTILINE) is not None, f"{path.name}: not for {machine}")

    symbols = [line.split() for line in output_of("readelf", "--wide", "--dyn-syms", str(path)).splitlines()]
    rows = [row for row in symbols if len(row) >= 8 and row[0].endswith(":") and row[0][:-1].isdigit()]
    exports = {row[7] for row in rows if row[6] != "UND" and row[4] in ("GLOBAL", "WEAK")}
    findings.expect(exports == EXPORTS, f"{path.name}: exports {sorted(exports ^ EXPORTS)} too many or missing")

    dynamic = output_of("readelf", "--wide", "--dynamic", str(path))
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic))
    findings.expect(needed <= LINUX_LIBRARIES, f"{path.name}: needs {sorted(needed - LINUX_LIBRARIES)}")
    findings.expect("NODELETE" in dynamic, f"{path.name}: may be unloaded; it must stay (-z nodelete)")
    findings.expect("RUNPATH" not in dynamic and "RPATH" not in dynamic, f"{path.name}: has a search path")
    findings.expect("TEXTREL" not in dynamic, f"{path.name}: has relocations in its code")
    stack = re.search(r"GNU_STACK.* (RWE|RW) ", output_of("readelf", "--wide", "--program-headers", str(path)))
    findings.expect(stack is not None and stack[1] == "RW", f"{path.name}: asks for an executable stack")

    versions = {tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_([0-9.]+)", " ".join(sum(rows, [])))}
    newer = sorted(version for version in versions if version > NEWEST_GLIBC)
    findings.expect(bool(versions), f"{path.name}: no symbol of glibc found; the check reads nothing")
    findings.expect(not newer, f"{path.name}: asks for glibc {newer}")


def check_windows(path: Path, platform: Platform, findings: Findings, version: str) -> None:
    kind = {"x86_64": "pei-x86-64", "i386": "pei-i386"}[platform.architecture]
    described = output_of(f"{platform.mingw}-objdump", "--private-headers", str(path))
    findings.expect(f"file format {kind}" in described, f"{path.name}: not {kind}")

    table = described.partition("[Ordinal/Name Pointer] Table")[2].partition("\n\n")[0]
    exports = {line.split()[-1] for line in table.splitlines() if re.match(r"\s*\[", line)}
    findings.expect(exports == EXPORTS, f"{path.name}: exports {sorted(exports ^ EXPORTS)} too many or missing")

    imported = imports_of(described)
    libraries = {name.lower() for name in imported}
    findings.expect(libraries <= WINDOWS_LIBRARIES, f"{path.name}: needs {sorted(libraries - WINDOWS_LIBRARIES)}")
    findings.expect(bool(libraries), f"{path.name}: no import found; the check reads nothing")

    # The C runtime is another matter: its functions are as old as the library itself.
    functions = set().union(*(names for name, names in imported.items() if name.lower() != "msvcrt.dll"))
    newer = newer_than_windows_7(functions, platform)
    findings.expect(not newer, f"{path.name}: not in Windows 7: {newer}")

    stamp = re.search(r"^Time/Date\s+(.*)$", described, re.MULTILINE)
    findings.expect(stamp is not None and "1970" in stamp[1], f"{path.name}: bears the time {stamp and stamp[1]}")
    data = path.read_bytes()
    for text in ("FileDescription", "FileVersion", version, path.name):
        findings.expect(text.encode("utf-16-le") in data, f"{path.name}: {text!r} is missing in its version resource")


def newer_than_windows_7(functions: set[str], platform: Platform) -> list[str]:
    uses = "".join(f"void *use_{name} = (void *)&{name};\n" for name in sorted(functions))
    compiler = [f"{platform.mingw}-gcc-win32", "-fsyntax-only", "-w", "-x", "c", "-"]
    told = subprocess.run(compiler, input=WINDOWS_7_HEADERS + uses, stderr=subprocess.PIPE, text=True, env=ENGLISH)
    unknown = set(re.findall("error: [‘'](\\w+)[’'] undeclared", told.stderr))
    if told.returncode != 0 and not unknown:
        raise RuntimeError(told.stderr)
    return sorted((unknown - KNOWN_IN_WINDOWS_7) | (functions & NEWER_THAN_WINDOWS_7))


def imports_of(described: str) -> dict[str, set[str]]:
    """The functions by library, from what objdump prints."""
    imported: dict[str, set[str]] = {}
    for part in described.split("DLL Name: ")[1:]:
        name, _, rest = part.partition("\n")
        functions = imported.setdefault(name.strip(), set())
        for line in rest.splitlines()[1:]:
            row = line.split()
            if len(row) < 3:
                break
            functions.add(row[2])
    return imported


def check_paths(path: Path, forbidden: list[bytes], findings: Findings) -> None:
    data = path.read_bytes()
    for pattern in FOREIGN_PATHS + [re.escape(text) for text in forbidden]:
        for found in list(re.finditer(rb"[ -~]{0,40}" + pattern + rb"[ -~]{0,60}", data))[:3]:
            findings.expect(False, f"{path.name}: holds the path {found[0].decode('latin-1')!r}")


def check_manifest(archive: zipfile.ZipFile, version: str, findings: Findings) -> list[Platform]:
    """The manifest against the files; gives the platforms that are there."""
    root = ElementTree.fromstring(archive.read("MANIFEST.XML"))
    findings.expect(root.tag == f"{NAMESPACE}bundle", f"MANIFEST.XML: root {root.tag}")
    findings.expect(bool(root.get("name")), "MANIFEST.XML: the bundle has no name")
    stated = [component.attrib for component in root]
    findings.expect(all(component.tag == f"{NAMESPACE}component" for component in root), "MANIFEST.XML: strange element")
    present = []
    for platform in platforms():
        wanted = {
            "os": platform.system,
            "path": platform.shipped_name(version),
            "type": "native",
            "arch": platform.architecture,
        }
        if wanted in stated:
            stated.remove(wanted)
            present.append(platform)
    findings.expect(not stated, f"MANIFEST.XML: unknown components {stated}")
    findings.expect(bool(present), "MANIFEST.XML: no component")
    names = {platform.shipped_name(version) for platform in present} | TEXTS | {"MANIFEST.XML"}
    there = set(archive.namelist())
    findings.expect(there == names, f"archive and manifest differ: {sorted(there ^ names)}")
    return present


def check(path: Path, unpacked: Path, forbidden: list[bytes]) -> list[str]:
    findings = Findings()
    version = re.fullmatch(r"obmen-(.+)\.zip", path.name)[1]
    checksum = path.with_name(path.name + ".sha256").read_text()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    findings.expect(checksum == f"{digest}  {path.name}\n", f"{path.name}.sha256 does not fit")
    with zipfile.ZipFile(path) as archive:
        findings.expect(archive.testzip() is None, f"{path.name}: damaged")
        present = check_manifest(archive, version, findings)
        archive.extractall(unpacked)
    for platform in present:
        library = unpacked / platform.shipped_name(version)
        if not library.is_file():
            continue
        if platform.system == "Windows":
            check_windows(library, platform, findings, version)
        else:
            check_linux(library, platform, findings)
        check_paths(library, forbidden, findings)
    return findings.lines


if __name__ == "__main__":
    unpacked = Path(sys.argv[2])
    wrong = check(Path(sys.argv[1]), unpacked, [argument.encode() for argument in sys.argv[3:]])
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    for library in sorted(unpacked.glob("obmen_*")):
        print(f"{library.name}: {library.stat().st_size} bytes, {'see above' if wrong else 'exports, imports, paths in order'}")
    sys.exit(1 if wrong else 0)
