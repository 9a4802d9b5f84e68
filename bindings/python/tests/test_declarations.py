"""The declarations are those of the headers: none is missing, and every struct lies in memory as the compiler has it."""

import os
import re
import shutil
import subprocess
import unittest

from common import Case
from okng import _header, native
from okng.native import ffi, lib


class Declarations(Case):
    def test_every_function_of_the_headers_is_there(self):
        text = re.sub(r"/\*.*?\*/", " ", native._text, flags=re.DOTALL)
        names = re.findall(r"^OKNG_API\b[^;]*?\b(okng_\w+)\s*\(", text, flags=re.MULTILINE)
        self.assertGreater(len(names), 150)
        for name in names:
            self.assertTrue(callable(getattr(lib, name)), name)

    def test_what_is_for_others_is_left_out(self):
        text = _header.declarations(
            "#ifdef __cplusplus\nextern \"C\" {\n#endif\n#define N 3 /* three */\n#define f(x) g(x)\n"
            "#if defined(__GNUC__)\n#if 1\nint hidden;\n#endif\nint too;\n#endif\nOKNG_API int f(void); // f\n"
        )
        lines = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
        self.assertEqual(lines, ["#define N 3", "int f(void);"])

    @unittest.skipUnless(shutil.which("cc"), "needs a C compiler")
    def test_structs_lie_as_the_compiler_has_them(self):
        names = sorted(name for name in ffi.list_types()[0] if ffi.typeof(name).kind == "struct" and ffi.typeof(name).fields)
        self.assertGreater(len(names), 25)
        lines = []
        for name in names:
            lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
            for member, _type in ffi.typeof(name).fields:
                lines.append(f'printf("{name}.{member} %zu\\n", offsetof({name}, {member}));')
        for type_name in sorted(name for name in ffi.list_types()[0] if ffi.typeof(name).kind == "enum"):
            for value in ffi.typeof(type_name).relements:
                lines.append(f'printf("{value} %d\\n", (int){value});')
        source, program = self.folder + "/sizes.c", self.folder + "/sizes"
        include = os.path.dirname(os.path.dirname(_headers()))
        with open(source, "w") as file:
            file.write("#include <okng/experimental.h>\n#include <stdio.h>\nint main(void) {\n" + "\n".join(lines) + "\n}\n")
        subprocess.run(["cc", "-I", include, source, "-o", program], check=True)
        said = subprocess.run([program], check=True, capture_output=True, text=True).stdout
        for line in said.splitlines():
            what, number = line.split()
            self.assertEqual(_here(what), int(number), what)


def _headers():
    for folder in (native._PACKAGE, *native._TREES):
        if (folder / "include/okng/okng.h").is_file():
            return str(folder / "include/okng/okng.h")
    raise AssertionError("no headers")


def _here(what):
    if "." in what:
        return ffi.offsetof(*what.split("."))
    return getattr(lib, what) if what.startswith("OKNG_") else ffi.sizeof(what)
