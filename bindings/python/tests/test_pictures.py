"""Arrays of every layout come to the library as the pixels they are."""

import numpy as np
import okng
from common import FAST, NG, OK, Case, pixels
from okng import _pictures


class Arrays(Case):
    def setUp(self):
        super().setUp()
        self.rgb = pixels(NG[0])
        self.score = self.bank.inspect(self.rgb, threads=1).score

    def same(self, array, **named):
        self.assertEqual(self.bank.inspect(array, threads=1, **named).score, self.score)

    def test_a_path_bytes_and_pixels_are_one_picture(self):
        self.assertEqual(self.bank.inspect(NG[0], threads=1).score, self.score)
        with open(NG[0], "rb") as file:
            data = file.read()
        self.same(data)
        self.same(bytearray(data))
        self.same(memoryview(data))

    def test_orders_of_colours(self):
        self.same(np.ascontiguousarray(self.rgb[..., ::-1]), format="bgr")
        alpha = np.full(self.rgb.shape[:2] + (1,), 7, np.uint8)
        self.same(np.concatenate([self.rgb, alpha], 2))
        self.same(np.concatenate([self.rgb[..., ::-1], alpha], 2), format="bgra")

    def test_any_strides(self):
        high, wide = self.rgb.shape[:2]
        padded = np.zeros((high, wide + 5, 3), np.uint8)
        padded[:, :wide] = self.rgb
        upside_down = np.ascontiguousarray(self.rgb[::-1])[::-1]
        backwards = np.ascontiguousarray(self.rgb[:, ::-1])[:, ::-1]
        planes = np.ascontiguousarray(self.rgb.transpose(2, 0, 1)).transpose(1, 2, 0)
        every_second = np.repeat(np.repeat(self.rgb, 2, 0), 2, 1)[::2, ::2]
        for array in (padded[:, :wide], upside_down, backwards, planes, np.asfortranarray(self.rgb), every_second):
            self.same(array)
        frozen = self.rgb.copy()
        frozen.flags.writeable = False
        self.same(frozen)

    def test_rows_that_lie_well_are_not_copied(self):
        padded = np.zeros((72, 90, 3), np.uint8)[::-1, :80]
        self.assertIs(_pictures._rows(padded), padded)
        self.assertIsNot(_pictures._rows(padded[:, ::-1]), padded)

    def test_rows_that_repeat_are_as_many_rows(self):
        row = self.rgb[:1]
        repeated = np.broadcast_to(row, self.rgb.shape)
        plain = self.bank.inspect(np.ascontiguousarray(repeated), threads=1).score
        self.assertEqual(self.bank.inspect(repeated, threads=1).score, plain)

    def test_grey_in_every_shape(self):
        grey = self.rgb[..., 1]
        score = self.bank.inspect(np.stack([grey] * 3, 2), threads=1).score
        for array in (grey, grey[..., None], np.ascontiguousarray(grey)):
            self.assertEqual(self.bank.inspect(array, threads=1).score, score)
        self.assertEqual(self.bank.inspect(grey.copy(), format="mono8", threads=1).score, score)

    def test_sixteen_bits(self):
        wide = self.rgb.astype(np.uint16) << 8
        for array, named in (
            (wide, {}),
            (wide.astype(">u2"), {}),
            (wide[..., ::-1], {"format": "bgr"}),
            (np.concatenate([wide, wide[..., :1]], 2), {}),
            (np.concatenate([wide[..., ::-1], wide[..., :1]], 2), {"format": "bgra"}),
        ):
            with self.subTest(named=named, dtype=array.dtype):
                bank = okng.preprocess(array, bit_depth=16, resize=64, **named)
                plain = okng.preprocess(self.rgb, resize=64)
                np.testing.assert_array_equal(bank, plain)
        twelve = (self.rgb[..., 1].astype(np.uint16) << 4) | 3
        np.testing.assert_array_equal(
            okng.preprocess(twelve, format="mono12", resize=64), okng.preprocess(self.rgb[..., 1], resize=64)
        )

    def test_bayer(self):
        flat = np.full((72, 80), 90, np.uint8)
        np.testing.assert_array_equal(
            okng.preprocess(flat, format="bayer_rg8", resize=64), okng.preprocess(flat, resize=64)
        )

    def test_pillow(self):
        try:
            from PIL import Image
        except ImportError:
            self.skipTest("needs python3-pil")
        self.same(Image.fromarray(self.rgb))
        palette = Image.fromarray(self.rgb).convert("P")
        score = self.bank.inspect(np.asarray(palette.convert("RGB")), threads=1).score
        self.assertEqual(self.bank.inspect(palette, threads=1).score, score)


class Refusals(Case):
    def test_other_types(self):
        inspect = self.bank.inspect
        for kind in (float, np.float32, np.int32, np.int8, bool, np.uint32, complex):
            with self.refuses(okng.ArrayTypeError, str(np.dtype(kind)), "expected uint8 or uint16"):
                inspect(np.zeros((8, 8), kind))
        for thing in (None, 3, [[1, 2], [3, 4]], object()):
            with self.refuses(okng.ArrayTypeError, type(thing).__name__, "expected a path"):
                inspect(thing)
        with self.refuses(TypeError, "float64"):
            inspect(np.zeros((8, 8)))

    def test_other_shapes(self):
        inspect = self.bank.inspect
        for shape in ((), (8,), (8, 8, 2), (8, 8, 5), (0, 8), (8, 0, 3), (2, 8, 8, 3)):
            with self.refuses(okng.ArgumentError, str(shape), "expected [H, W]"):
                inspect(np.zeros(shape, np.uint8))
        with self.refuses(ValueError, "channels come last"):
            inspect(np.zeros((3, 8, 8), np.uint8))
        with self.refuses(okng.ArgumentError, "65535"):
            inspect(np.zeros((1, 70000), np.uint8))

    def test_formats_that_do_not_fit(self):
        inspect = self.bank.inspect
        eight, sixteen = np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.uint16)
        with self.refuses(okng.ArgumentError, "'gbr'", "rgb", "bayer_rg8"):
            inspect(eight, format="gbr")
        with self.refuses(okng.ArgumentError, "needs 1 channels", "(8, 8, 3)"):
            inspect(eight, format="mono8")
        with self.refuses(okng.ArgumentError, "needs 3 channels"):
            inspect(eight[..., 0], format="bgr")
        with self.refuses(okng.ArrayTypeError, "uint16"):
            inspect(eight[..., 0], format="mono12")
        with self.refuses(okng.ArrayTypeError, "uint8"):
            inspect(sixteen, format="bayer_rg8")
        with self.refuses(okng.ArgumentError, "is for arrays"):
            inspect(OK[0], format="bgr")

    def test_files(self):
        with self.refuses(okng.NotFoundError, "nowhere.png"):
            self.bank.inspect("nowhere.png")
        with self.refuses(okng.FormatError):
            self.bank.inspect(b"no picture at all")
        with self.refuses(okng.ArgumentError, "empty"):
            self.bank.inspect(b"")
        with self.refuses(okng.ArgumentError, "NUL"):
            self.bank.inspect("a\0b.png")
