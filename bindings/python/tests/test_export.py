"""Banks as models of others, and packed into one file."""

import os
import shutil
import subprocess

import okng
from common import FAST, NG, OK, Case, pixels, quietly


class Exporting(Case):
    def test_a_model_agrees(self):
        for kind in ("onnx", "openvino"):
            with self.subTest(kind):
                try:
                    done = okng.export(self.bank, self.folder + "/" + kind, kind, name="part", input="uint8")
                except okng.UnsupportedError as missing:
                    self.skipTest(str(missing))
                self.assertTrue(done.file.is_file() and done.file.name.startswith("part."), done.file)
                self.assertEqual(done.input_size, (64, 64))
                found = okng.verify_export(self.bank, done.file, [OK[0], pixels(NG[0])])
                self.assertTrue(found.agrees, found)
                self.assertEqual((found.pictures, found.labels), (2, 0))

    def test_a_folder_with_other_files_is_refused(self):
        with open(self.folder + "/mine.txt", "w") as file:
            file.write("x")
        with self.refuses(okng.ArgumentError, "mine.txt"):
            okng.export(self.bank, self.folder)
        self.assertEqual(os.listdir(self.folder), ["mine.txt"])
        with self.refuses(okng.ArgumentError, "tflite"):
            okng.export(self.bank, self.folder + "/a", "tflite")


class Packing(Case):
    def setUp(self):
        super().setUp()
        quietly(okng.Bank.build, OK, self.folder + "/bank", **FAST)
        self.recipe = self.folder + "/part.okng"

    def test_a_recipe_is_the_bank(self):
        okng.pack(self.folder + "/bank", self.recipe)
        shutil.rmtree(self.folder + "/bank")
        with okng.Bank.open(self.recipe) as bank:
            self.assertEqual(bank.inspect(NG[0]).score, self.bank.inspect(NG[0]).score)
        with self.refuses(okng.ArgumentError, "fp12"):
            okng.pack(self.recipe, self.folder + "/other.okng", precision="fp12")

    def test_signatures(self):
        if shutil.which("openssl") is None:
            self.skipTest("needs openssl")
        for name in ("mine", "other"):
            key = f"{self.folder}/{name}.pem"
            subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
            subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", key[:-4] + ".pub"], check=True)
        okng.pack(self.folder + "/bank", self.recipe, sign=self.folder + "/mine.pem")
        okng.Bank.open(self.recipe, signed_by=self.folder + "/mine.pub").close()
        with self.refuses(okng.MismatchError):
            okng.Bank.open(self.recipe, signed_by=self.folder + "/other.pub")
