#!/usr/bin/env python3
"""Copies a checkout (tracked and new files, no ignored ones) to a fixed place: stage.py CHECKOUT PLACE.

Only files whose content differs are written, so that cargo rebuilds what changed and nothing else.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

IGNORED_WITHOUT_GIT = {"target", "dist", ".git", "__pycache__"}


def files_of(checkout: Path) -> set[Path]:
    if (checkout / ".git").exists():
        command = ["git", "-C", str(checkout), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.split(b"\0")
        listed = {Path(os.fsdecode(name)) for name in names if name}
        return {name for name in listed if (checkout / name).is_file()}
    found = set()
    for folder, folders, names in os.walk(checkout):
        folders[:] = [name for name in folders if name not in IGNORED_WITHOUT_GIT]
        found.update((Path(folder) / name).relative_to(checkout) for name in names)
    return found


def stage(checkout: Path, place: Path) -> None:
    wanted = files_of(checkout)
    for name in wanted:
        source, copy = checkout / name, place / name
        if not (copy.is_file() and copy.read_bytes() == source.read_bytes()):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
        shutil.copymode(source, copy)
    for folder, _, names in os.walk(place):
        for name in names:
            copy = Path(folder) / name
            if copy.relative_to(place) not in wanted:
                copy.unlink()


if __name__ == "__main__":
    stage(Path(sys.argv[1]), Path(sys.argv[2]))
