"""The platforms of the bundle and the names of its files; the table is platforms.txt."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Platform:
    name: str
    target: str
    extension: str
    system: str
    architecture: str
    mingw: str

    def built_name(self) -> str:
        """The file that build.sh leaves."""
        return f"{self.name}.{self.extension}"

    def shipped_name(self, version: str) -> str:
        """The file in the bundle. 1C caches libraries by their names, so each version has its own."""
        return f"obmen_{re.sub('[^0-9A-Za-z]', '_', version)}_{self.name}.{self.extension}"


def platforms() -> list[Platform]:
    lines = Path(__file__).with_name("platforms.txt").read_text("utf-8").splitlines()
    return [Platform(*line.split()) for line in lines if line and not line.startswith("#")]
