"""Makes wheels of okng for pip (PEP 517), with nothing but Python's own library.

The wheel holds the public headers of the C library, which all declarations are taken from, and the library itself, or finds
it where it is installed. Which one, the first that is there:

  - the file that the environment variable OKNG_LIBRARY or `--config-settings library=FILE` names,
  - the one that was built in this source tree (build/libokng.so.*),
  - the one that the system finds (the package libokng, `make install`): the wheel is without one then,
  - one that is built now from this source tree, by CMake.
"""

from __future__ import annotations

import base64
import ctypes
import hashlib
import importlib.util
import io
import os
import subprocess
import sysconfig
import tarfile
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
ABOUT = "Industrial visual inspection: learns what good parts look like, finds what is wrong"


def _header_module():
    spec = importlib.util.spec_from_file_location("okng_header", HERE / "okng" / "_header.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HEADER = _header_module()


def _headers():
    """Of the source tree, or of an sdist, which has them in the package."""
    for folder in (TREE / "include" / "okng", HERE / "okng" / "include" / "okng"):
        if all((folder / name).is_file() for name in HEADER.HEADERS):
            return {name: (folder / name).read_bytes() for name in HEADER.HEADERS}
    raise SystemExit(f"okng: no headers in {TREE / 'include'}: build from the source tree or from an sdist of it")


def _numbers():
    return HEADER.version(_headers()["okng.h"].decode())


def _version():
    return ".".join(map(str, _numbers()))


def _soname():
    return "libokng.so.{}.{}".format(*_numbers())


# ---- the library


def _checked(path):
    """The bytes of a library, if it is one of this version."""
    path = Path(path).resolve()
    try:
        library = ctypes.CDLL(str(path))
        library.okng_version.restype = ctypes.c_char_p
        found = library.okng_version().decode()
    except (OSError, AttributeError) as problem:
        raise SystemExit(f"okng: {path} cannot be taken: {problem}") from None
    if found.split(".")[:2] != _version().split(".")[:2]:
        raise SystemExit(f"okng: {path} is version {found}, the headers are {_version()}")
    return path.read_bytes()


def _installed():
    try:
        ctypes.CDLL(_soname())
    except OSError:
        return False
    return True


def _built():
    """The bytes of a library that is built now."""
    if not (TREE / "CMakeLists.txt").is_file():
        raise SystemExit(
            f"okng: no {_soname()} is installed, and there is no source tree to build it from: "
            "install libokng, or say where it is by OKNG_LIBRARY=FILE"
        )
    with tempfile.TemporaryDirectory(prefix="okng-build-") as folder:
        configure = ["cmake", "-S", str(TREE), "-B", folder, "-DCMAKE_BUILD_TYPE=Release", "-DOKNG_TESTS=OFF"]
        jobs = str(len(os.sched_getaffinity(0)))  # make would start as many as there are files
        try:
            subprocess.run(configure, check=True)
            subprocess.run(["cmake", "--build", folder, "--target", "okng_shared", "--parallel", jobs], check=True)
        except (OSError, subprocess.CalledProcessError) as problem:
            raise SystemExit(f"okng: the library was not built ({problem}): tools/setup.sh installs what it needs") from None
        return _checked(Path(folder) / _soname())


def _library(settings):
    """The bytes of the library that goes into the wheel; None where the system has it."""
    named = (settings or {}).get("library") or os.environ.get("OKNG_LIBRARY")
    if named:
        return _checked(named)
    if (TREE / "build" / _soname()).is_file():
        return _checked(TREE / "build" / _soname())
    return None if _installed() else _built()


# ---- wheels


def _metadata():
    lines = [
        "Metadata-Version: 2.1",
        "Name: okng",
        f"Version: {_version()}",
        f"Summary: {ABOUT}",
        "License: Apache-2.0",
        "Requires-Python: >=3.9",
        "Requires-Dist: cffi>=1.15",
        "Requires-Dist: numpy>=1.21",
        'Requires-Dist: tqdm; extra == "progress"',
        "Provides-Extra: progress",
        "Description-Content-Type: text/markdown",
        "",
        (HERE / "README.md").read_text("utf-8"),
    ]
    return "\n".join(lines).encode()


def _package():
    """Files of the package by their names in it, without headers and library."""
    files = sorted(path for path in (HERE / "okng").iterdir() if path.suffix == ".py" or path.name == "py.typed")
    return {f"okng/{path.name}": path.read_bytes() for path in files}


def _write(folder, tag, files):
    """A wheel of files by their names."""
    about = f"okng-{_version()}.dist-info"
    files[f"{about}/METADATA"] = _metadata()
    pure = "true" if tag.endswith("-any") else "false"
    files[f"{about}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: okng\nRoot-Is-Purelib: {pure}\nTag: {tag}\n".encode()
    record = []
    name = f"okng-{_version()}-{tag}.whl"
    with zipfile.ZipFile(Path(folder) / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, data in files.items():
            wheel.writestr(path, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{path},sha256={digest},{len(data)}\n")
        record.append(f"{about}/RECORD,,\n")
        wheel.writestr(f"{about}/RECORD", "".join(record))
    return name


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """Without it pip would build a wheel, and with it perhaps the library, for the metadata alone."""
    folder = Path(metadata_directory) / f"okng-{_version()}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_bytes(_metadata())
    return folder.name


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    files = _package()
    for name, data in _headers().items():
        files[f"okng/include/okng/{name}"] = data
    library = _library(config_settings)
    if library is None:
        return _write(wheel_directory, "py3-none-any", files)
    files[f"okng/{_soname()}"] = library
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return _write(wheel_directory, f"py3-none-{platform}", files)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """The package stays where it is, and takes headers and library of the source tree."""
    return _write(wheel_directory, "py3-none-any", {"okng.pth": f"{HERE}\n".encode()})


def build_sdist(sdist_directory, config_settings=None):
    base = f"okng-{_version()}"
    files = _package()
    for name in ("pyproject.toml", "okng_backend.py", "README.md"):
        files[name] = (HERE / name).read_bytes()
    for name, data in _headers().items():
        files[f"okng/include/okng/{name}"] = data
    files["PKG-INFO"] = _metadata()
    with tarfile.open(Path(sdist_directory) / f"{base}.tar.gz", "w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{base}/{name}")
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return f"{base}.tar.gz"
