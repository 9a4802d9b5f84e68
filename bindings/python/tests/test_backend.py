"""What pip is given: wheels and sdists, which library is taken, and what is said where there is none."""

import base64
import hashlib
import importlib.util
import os
import pathlib
import tarfile
import zipfile
from unittest import mock

from common import Case
from okng import native

SOURCE = pathlib.Path(__file__).resolve().parents[1]


def backend(source=SOURCE):
    spec = importlib.util.spec_from_file_location("backend", source / "okng_backend.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Wheels(Case):
    def library(self):
        path = str(native.library_path)
        if not os.path.isfile(path):
            self.skipTest("the library was not loaded from a file")
        return path

    def test_a_wheel_with_the_library(self):
        made = backend()
        name = made.build_wheel(self.folder, {"library": self.library()})
        self.assertTrue(name.startswith("okng-") and "linux" in name, name)
        with zipfile.ZipFile(self.folder + "/" + name) as wheel:
            names = wheel.namelist()
            record = [line for line in names if line.endswith("RECORD")][0]
            for line in wheel.read(record).decode().splitlines():
                path, digest, size = line.split(",")
                if path == record:
                    continue
                data = wheel.read(path)
                known = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                self.assertEqual((digest, int(size)), ("sha256=" + known, len(data)))
                names.remove(path)
            self.assertEqual(names, [record])
            headers = [f"okng/include/okng/{name}.h" for name in ("okng", "experimental")]
            for path in ("okng/py.typed", *headers, f"okng/{made._soname()}"):
                self.assertIn(path, wheel.namelist())

    def test_metadata_asks_for_no_library(self):
        made = backend(self.alone())
        with mock.patch.object(made, "_library", lambda settings: self.fail("a library was looked for")):
            name = made.prepare_metadata_for_build_wheel(self.folder)
        with open(f"{self.folder}/{name}/METADATA") as file:
            self.assertIn("\nRequires-Dist: numpy", file.read())

    def test_what_is_installed_is_not_taken_along(self):
        made = backend(self.alone())
        with mock.patch.object(made, "_installed", lambda: True), mock.patch.dict(os.environ):
            os.environ.pop("OKNG_LIBRARY", None)
            self.assertTrue(made.build_wheel(self.folder).endswith("py3-none-any.whl"))

    def alone(self):
        """An sdist that was unpacked somewhere else."""
        name = backend().build_sdist(self.folder)
        with tarfile.open(self.folder + "/" + name) as archive:
            archive.extractall(self.folder)
        return pathlib.Path(self.folder) / name[: -len(".tar.gz")]

    def test_an_sdist_has_what_a_wheel_needs(self):
        made = backend(self.alone())
        self.assertIn("linux", made.build_wheel(self.folder, {"library": self.library()}))

    def test_no_library_is_said(self):
        made = backend(self.alone())
        with mock.patch.object(made, "_installed", lambda: False), mock.patch.dict(os.environ):
            os.environ.pop("OKNG_LIBRARY", None)
            with self.refuses(SystemExit, "libokng", "OKNG_LIBRARY"):
                made.build_wheel(self.folder)
        with self.refuses(SystemExit, "nowhere.so"):
            made.build_wheel(self.folder, {"library": "nowhere.so"})
        self.assertFalse([name for name in os.listdir(self.folder) if name.endswith(".whl")])

    def test_another_version_is_refused(self):
        source = self.alone()
        header = source / "okng" / "include" / "okng" / "okng.h"
        header.write_text(header.read_text().replace("#define OKNG_VERSION_MINOR ", "#define OKNG_VERSION_MINOR 9"))
        with self.refuses(SystemExit, "is version", "the headers are 0.9"):
            backend(source).build_wheel(self.folder, {"library": self.library()})

    def test_an_editable_one_stays_in_the_tree(self):
        name = backend().build_editable(self.folder)
        with zipfile.ZipFile(self.folder + "/" + name) as wheel:
            self.assertEqual(wheel.read("okng.pth").decode().strip(), str(SOURCE))


class Loading(Case):
    def test_another_version_is_not_loaded(self):
        with self.refuses(ImportError, "no library of version 0.99", "OKNG_LIBRARY"):
            native._load(native.ffi, (0, 99, 0))

    def test_a_named_library_is_the_only_one(self):
        with mock.patch.dict(os.environ, {"OKNG_LIBRARY": "/nowhere/libokng.so"}):
            with self.refuses(ImportError, "/nowhere/libokng.so"):
                native._load(native.ffi, native.HEADER_VERSION)
