"""The bundle's own scripts: the packer packs the same bytes, the licence rule refuses, the checks find what is wrong.

Run by: python3 -m unittest discover tests/bundle
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "bundle"))

import check_files
import licences
import pack
from platforms import platforms

VERSION = "1.2.0"
LINUX = next(platform for platform in platforms() if platform.name == "linux_x64")
EXPORTS = "".join(f"void {name}(void) {{}}\n" for name in sorted(check_files.EXPORTS))


def compiled(folder: Path, code: str, *options: str, keep: bool = True) -> bytes:
    """A small library of this machine, with the link option that the checks ask for."""
    (folder / "library.c").write_text("#include <stdlib.h>\nvoid *keep(void);\n" + code)
    command = ["gcc", "-shared", "-fPIC", "-O1", "-fvisibility=hidden", *options, *(["-Wl,-z,nodelete"] if keep else [])]
    subprocess.run([*command, "-o", "library.so", "library.c"], cwd=folder, check=True)
    return (folder / "library.so").read_bytes()


def visible(code: str) -> str:
    return code.replace("void ", '__attribute__((visibility("default"))) void ')


# Asks for a symbol of an old glibc, as every real library does.
SOUND = visible(EXPORTS) + "void *keep(void) { return malloc(1); }\n"


class LicenceRule(unittest.TestCase):
    def test_accepts_what_can_be_met_with_permissive_licences(self) -> None:
        for expression in (
            "MIT",
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "Apache-2.0 / MIT",
            "(Apache-2.0 OR MIT) AND BSD-3-Clause",
            "GPL-3.0-only OR MIT",
            "Apache-2.0 WITH LLVM-exception",
            "MIT AND Apache-2.0 WITH LLVM-exception AND (MIT OR Apache-2.0)",
        ):
            self.assertTrue(licences.accepted(expression), expression)

    def test_refuses_what_cannot(self) -> None:
        for expression in ("GPL-3.0-only", "MIT AND GPL-2.0-only", "(MIT OR ISC) AND AGPL-3.0", "LicenseRef-Own"):
            self.assertFalse(licences.accepted(expression), expression)

    def test_refuses_what_it_cannot_read(self) -> None:
        for expression in ("", "MIT OR", "(MIT", "MIT Apache-2.0", "MIT)"):
            with self.assertRaises(licences.Unacceptable, msg=expression):
                licences.accepted(expression)

    def test_names_every_refused_crate(self) -> None:
        crates = [licences.Crate("fine", "1.0.0", "MIT"), licences.Crate("bound", "2.0.0", "GPL-3.0-only")]
        with self.assertRaisesRegex(licences.Unacceptable, "bound 2.0.0"):
            licences.check(crates)


class Packing(unittest.TestCase):
    def test_same_entries_give_the_same_bytes_in_any_order(self) -> None:
        os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
        with tempfile.TemporaryDirectory() as folder:
            first, second = Path(folder, "first.zip"), Path(folder, "second.zip")
            pack.write_zip(first, {"a": b"1" * 1000, "b": b"2"})
            pack.write_zip(second, {"b": b"2", "a": b"1" * 1000})
            self.assertEqual(first.read_bytes(), second.read_bytes())

    def test_the_version_stands_in_the_file_names(self) -> None:
        self.assertEqual(LINUX.shipped_name("1.2.0-rc.1"), "obmen_1_2_0_rc_1_linux_x64.so")

    def test_the_manifest_names_only_what_is_there(self) -> None:
        text = pack.manifest(VERSION, [LINUX])
        self.assertEqual(text.count("<component "), 1)
        self.assertIn('<component os="Linux" path="obmen_1_2_0_linux_x64.so" type="native" arch="x86_64"/>', text)


class Checks(unittest.TestCase):
    """Each test spoils one thing of a sound bundle."""

    def setUp(self) -> None:
        os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.archive = self.folder / f"obmen-{VERSION}.zip"

    def entries(self, library: bytes) -> dict[str, bytes]:
        texts = {name: b"text" for name in check_files.TEXTS}
        return texts | {
            "MANIFEST.XML": pack.manifest(VERSION, [LINUX]).encode(),
            LINUX.shipped_name(VERSION): library,
        }

    def findings(self, entries: dict[str, bytes], *forbidden: bytes) -> str:
        pack.write_archive(self.archive, entries)
        return "\n".join(check_files.check(self.archive, self.folder / "unpacked", list(forbidden)))

    def findings_of(self, code: str, *options: str, keep: bool = True) -> str:
        return self.findings(self.entries(compiled(self.folder, code, *options, keep=keep)))

    def test_a_sound_bundle_passes(self) -> None:
        self.assertEqual(self.findings_of(SOUND), "")

    def test_a_foreign_export_is_found(self) -> None:
        self.assertIn("extra", self.findings_of(SOUND + visible("void extra(void) {}")))

    def test_a_missing_export_is_found(self) -> None:
        self.assertIn("GetClassNames", self.findings_of(SOUND.replace("GetClassNames", "getclassnames")))

    def test_a_newer_glibc_is_found(self) -> None:
        newer = "#include <sys/random.h>\nvoid *more(void) { getrandom(malloc(1), 1, 0); return 0; }\n"
        self.assertIn("glibc [(2, 25)]", self.findings_of(newer + SOUND + "void *(*kept)(void) = more;"))

    def test_a_foreign_library_is_found(self) -> None:
        self.assertIn("libgcc_s.so.1", self.findings_of(SOUND, "-Wl,--no-as-needed", "-lgcc_s"))

    def test_an_unloadable_library_is_found(self) -> None:
        self.assertIn("-z nodelete", self.findings_of(SOUND, keep=False))

    def test_a_path_of_the_building_machine_is_found(self) -> None:
        code = SOUND + 'const char *volatile where = "/home/somebody/src/lib.rs";\n'
        self.assertIn("/home/somebody/src/lib.rs", self.findings_of(code))

    def test_a_library_of_another_machine_is_found(self) -> None:
        wrong = bytearray(compiled(self.folder, SOUND))
        wrong[18] = 0xB7  # e_machine: AArch64
        self.assertIn("not for", self.findings(self.entries(bytes(wrong))))

    def test_a_file_that_the_manifest_lacks_is_found(self) -> None:
        entries = self.entries(compiled(self.folder, SOUND)) | {"notes.txt": b""}
        self.assertIn("notes.txt", self.findings(entries))

    def test_a_component_without_its_file_is_found(self) -> None:
        entries = self.entries(b"")
        del entries[LINUX.shipped_name(VERSION)]
        self.assertIn(LINUX.shipped_name(VERSION), self.findings(entries))

    def test_a_wrong_checksum_is_found(self) -> None:
        pack.write_archive(self.archive, self.entries(compiled(self.folder, SOUND)))
        checksum = self.archive.with_name(self.archive.name + ".sha256")
        checksum.write_text("0" * 64 + f"  {self.archive.name}\n")
        self.assertIn("does not fit", "\n".join(check_files.check(self.archive, self.folder / "unpacked", [])))


@unittest.skipUnless(shutil.which("x86_64-w64-mingw32-gcc-win32"), "mingw-w64 is not installed")
class WindowsChecks(unittest.TestCase):
    WINDOWS = next(platform for platform in platforms() if platform.name == "win_x64")

    def findings(self, code: str, *options: str) -> str:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "library.c").write_text("#include <windows.h>\n" + code)
            library = folder / self.WINDOWS.shipped_name(VERSION)
            command = ["x86_64-w64-mingw32-gcc-win32", "-shared", "-O1", "-Wl,--no-insert-timestamp", *options]
            subprocess.run([*command, "-o", str(library), str(folder / "library.c"), "-lwinmm"], check=True)
            found = check_files.Findings()
            check_files.check_windows(library, self.WINDOWS, found, VERSION)
            return "\n".join(line for line in found.lines if "version resource" not in line)

    def exports(self) -> str:
        return EXPORTS.replace("void ", "__declspec(dllexport) void ")

    def test_a_sound_library_passes(self) -> None:
        self.assertEqual(self.findings(self.exports()), "")

    def test_a_foreign_export_is_found(self) -> None:
        self.assertIn("extra", self.findings(self.exports() + "__declspec(dllexport) void extra(void) {}"))

    def test_a_function_newer_than_windows_7_is_found(self) -> None:
        newer = "void use(FILETIME *now) { GetSystemTimePreciseAsFileTime(now); }\n"
        self.assertIn("GetSystemTimePreciseAsFileTime", self.findings(newer + self.exports()))

    def test_a_library_that_not_every_windows_has_is_found(self) -> None:
        foreign = "DWORD use(void) { return timeGetTime(); }\n"
        self.assertIn("winmm.dll", self.findings(foreign + self.exports()))

    def test_a_time_stamp_is_found(self) -> None:
        self.assertIn("bears the time", self.findings(self.exports(), "-Wl,--insert-timestamp"))


if __name__ == "__main__":
    unittest.main()
