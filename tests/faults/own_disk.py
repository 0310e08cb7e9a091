"""A small file system for one folder, so that it can be full without anybody else's."""

import os
import subprocess
from pathlib import Path

SIZE = 2**30


class OwnDisk:
    """Made in the file ``image`` and mounted at ``folder``; ``there`` is false where we may not mount."""

    def __init__(self, folder: Path, image: Path) -> None:
        self.folder, self.ballast = folder, folder / "ballast"
        self.there = os.geteuid() == 0 and self._mount(image)

    def _mount(self, image: Path) -> bool:
        self.folder.mkdir(parents=True, exist_ok=True)
        image.parent.mkdir(parents=True, exist_ok=True)
        with image.open("wb") as file:
            file.truncate(SIZE)
        steps = (["mkfs.ext4", "-qF", "-m", "0", str(image)], ["mount", "-o", "loop", str(image), str(self.folder)])
        try:
            return all(subprocess.run(step, capture_output=True, check=False).returncode == 0 for step in steps)
        except FileNotFoundError:
            return False

    def fill(self) -> None:
        """To the last block."""
        with self.ballast.open("wb", buffering=0) as file:
            while (space := os.statvfs(self.folder)).f_bavail:
                file.write(bytes(min(space.f_bavail * space.f_frsize, 2**24)))

    def empty(self) -> None:
        self.ballast.unlink(missing_ok=True)

    def end(self) -> None:
        if self.there:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=False)
