"""Files of others that we serve ourselves: which version, under which licence, with which checksum.

Each folder ``static/vendor/<name>-<version>/`` holds the few files we use, their LICENSE.txt and a
manifest.json. Nothing here runs at set-up: the files are in the repository. ``manage.py vendor --refresh``
makes them again (needs npm).
"""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

VAR_FALLBACK = re.compile(r"var\((--govuk-[a-z-]+), ?(?:#[0-9a-f]{3,8}|rgba?\([^()]*\))\)")

# Addresses in a package's banner and at its end: a served file names no other host.
REMOTE = re.compile(r"\n?//# sourceMappingURL=\S+\s*$|(?<=\n) \* https://\S+\n")


class VendorError(Exception):
    pass


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def differences(folder: Path) -> list[str]:
    """What does not fit between a folder and its manifest, one sentence each."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"manifest.json"}
    recorded = manifest["sha256"]
    problems = [f"{folder.name}: {name} is not in the manifest." for name in sorted(found - recorded.keys())]
    problems += [f"{folder.name}: {name} is missing." for name in sorted(recorded.keys() - found)]
    problems += [
        f"{folder.name}: {name} is not the recorded file."
        for name in sorted(found & recorded.keys())
        if sha256(folder / name) != recorded[name]
    ]
    if folder.name != f"{manifest['name']}-{manifest['version']}":
        problems.append(f"{folder.name}: the manifest is about {manifest['name']}-{manifest['version']}.")
    if "LICENSE.txt" not in recorded:
        problems.append(f"{folder.name}: LICENSE.txt is missing.")
    return problems


def write_manifest(folder: Path, *, name: str, version: str, licence: str, built_with: str = "") -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    manifest = {
        "name": name,
        "version": version,
        "licence": licence,
        "built_with": built_with,
        "sha256": {str(path.relative_to(folder)): sha256(path) for path in files},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


def build_govuk(folder: Path, *, sass_version: str = "1.108.2") -> None:
    """Compile ``source.scss`` of the folder against the npm package of the version in its name."""
    if not shutil.which("npm"):
        raise VendorError("npm is not here. Install Node.js 20 or newer, only needed to refresh vendored files.")
    name, _, version = folder.name.rpartition("-")
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        packages = [f"{name}@{version}", f"sass@{sass_version}"]
        (work / "package.json").write_text("{}", "utf-8")
        subprocess.run(["npm", "install", "--silent", "--no-audit", *packages], cwd=work, check=True)  # noqa: S603, S607
        sass = work / "node_modules" / ".bin" / "sass"
        target = work / "out.css"
        options = ["--style=compressed", "--no-source-map", f"--load-path={work / 'node_modules'}"]
        subprocess.run([str(sass), *options, str(folder / "source.scss"), str(target)], check=True)  # noqa: S603
        (folder / "govuk.css").write_text(slim(target.read_text("utf-8-sig")), "utf-8")
    write_manifest(folder, name=name, version=version, licence="MIT", built_with=f"sass {sass_version}")


def build_event_calendar(folder: Path) -> None:
    """The built files of the npm package of the version in the folder's name, without addresses.

    The package carries no licence file: LICENSE.txt is the one of its repository and stays.
    """
    if not shutil.which("npm"):
        raise VendorError("npm is not here. Install Node.js 20 or newer, only needed to refresh vendored files.")
    name, _, version = folder.name.rpartition("-")
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        (work / "package.json").write_text("{}", "utf-8")
        package = f"@event-calendar/build@{version}"
        subprocess.run(["npm", "install", "--silent", "--no-audit", package], cwd=work, check=True)  # noqa: S603, S607
        for file in ("event-calendar.min.js", "event-calendar.min.css"):
            text = (work / "node_modules/@event-calendar/build/dist" / file).read_text("utf-8")
            (folder / file).write_text(REMOTE.sub("", text), "utf-8")
    write_manifest(folder, name=name, version=version, licence="MIT", built_with="npm @event-calendar/build")


def slim(css: str) -> str:
    """The colour of each custom property is said once, in :root; old browsers get black on white."""
    return VAR_FALLBACK.sub(r"var(\1)", css)
