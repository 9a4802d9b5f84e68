"""Every block of Python in docs/python.md runs, one after the other, as a reader would type them."""

import contextlib
import io
import os
import pathlib
import re
import shutil
import subprocess
import warnings

from common import FIXTURE, NG, OK, Case

DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs" / "python.md"


class Document(Case):
    def test_blocks_run(self):
        if shutil.which("openssl") is None:
            self.skipTest("needs openssl")
        shutil.copytree(FIXTURE + "/ok", self.folder + "/parts/ok")
        shutil.copytree(FIXTURE + "/ng", self.folder + "/parts/new")
        shutil.copytree(FIXTURE + "/mvtec/cloth/train/good", self.folder + "/parts/more")
        shutil.copytree(FIXTURE + "/mvtec/weave", self.folder + "/mvtec/bottle")
        key = self.folder + "/line.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", self.folder + "/line.pub"], check=True)
        names = {"scores": [1, 2], "labels": [0, 1], "maps": [], "masks": [], "good": OK, "new": NG}
        blocks = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), flags=re.DOTALL)
        self.assertEqual(len(blocks), 6)
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)
        for block in blocks:
            if "wide_resnet50_2" in block:  # whose weights cannot be had in a test: test_anomalib has the same calls
                continue
            with self.subTest(block), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()) as said:
                warnings.simplefilter("ignore")
                with contextlib.redirect_stderr(io.StringIO()):
                    exec(compile(block, str(DOCUMENT), "exec"), names)
        self.assertEqual(names["bank"].inspect(NG[0]).verdict, "NG", said.getvalue())
