"""Building, opening, inspecting; errors; threads; what is released when."""

import gc
import os
import threading
import time
import weakref

import numpy as np
import okng
from common import FAST, FIXTURE, NG, OK, Case, pixels, quietly
from okng.native import lib


class Building(Case):
    def test_paths_folder_and_arrays_give_the_same_scores(self):
        folder = quietly(okng.Bank.build, FIXTURE + "/ok", self.folder + "/a", **FAST)
        arrays = quietly(okng.Bank.build, [pixels(path) for path in OK], self.folder + "/b", **FAST)
        mixed = quietly(okng.Bank.build, [OK[0], *(pixels(path)[..., ::-1] for path in OK[1:])], format="bgr", **FAST)
        stack = quietly(okng.Bank.build, np.stack([pixels(path)[..., ::-1] for path in OK]), format="bgr", **FAST)
        expected = self.bank.inspect(NG[0]).score
        for bank in (folder, arrays, mixed, stack, okng.Bank.open(self.folder + "/a")):
            self.assertEqual(bank.inspect(NG[0]).score, expected)
        self.assertIsNone(stack.folder)
        self.assertTrue(os.path.isfile(self.folder + "/b/memory_bank.pt"))
        self.assertEqual(folder.report.pictures, len(OK))
        self.assertEqual(list(folder.report.seconds), ["features", "coreset", "calibration"])
        self.assertEqual(folder.report.input_size, (64, 64))

    def test_options_are_set_in_their_order(self):
        bank = quietly(
            okng.Bank.build,
            OK,
            self.folder + "/a",
            coreset=0.5,
            resize=(64, 64),
            layers=["layer2"],
            mean=(0.5, 0.4, 0.3),
            preset="anomalib",
            backbone="okng-s",
            threads=np.int64(1),
        )
        said = okng.Bank.describe(self.folder + "/a")
        kept = said["config"]["options"]
        self.assertEqual((kept["preset"], kept["backbone"], kept["resize"]), ("anomalib", "okng-s", "64x64"))
        self.assertEqual((kept["coreset"], kept["layers"], kept["mean"]), ("0.5", "layer2", "0.5,0.4,0.3"))
        self.assertEqual(bank.info.dim, 128)

    def test_what_may_spoil_a_bank_is_warned_of(self):
        with self.assertWarnsRegex(okng.OkngWarning, "nearly the same"):
            bank = okng.Bank.build(FIXTURE + "/ok", **FAST)
        self.assertTrue(any("nearly the same" in text for text in bank.report.warnings))

    def test_options_of_folders(self):
        bank = quietly(okng.Bank.build, FIXTURE + "/ok", exclude=["001.png"], trim=1, **FAST)
        self.assertEqual((bank.report.excluded, bank.report.trimmed), (1, 1))
        with self.refuses(okng.NotFoundError, "nothing.png"):
            okng.Bank.build(FIXTURE + "/ok", exclude=["nothing.png"], **FAST)
        with self.refuses(okng.ArgumentError, "trim", "of a folder"):
            okng.Bank.build(OK, trim=1, **FAST)

    def test_bad_calls(self):
        build = okng.Bank.build
        with self.refuses(okng.ArgumentError, "coresett", "coreset"):
            build(OK, coresett=0.1)
        with self.refuses(okng.ArgumentError, "coreset", "7"):
            build(OK, coreset=7)
        with self.refuses(okng.NotFoundError, "nowhere"):
            build("nowhere", **FAST)
        with self.refuses(okng.ArgumentError, "(72, 80, 3)"):
            build(pixels(OK[0]), **FAST)
        with self.refuses(okng.ArgumentError, "bgr", "none was given"):
            build(OK, format="bgr", **FAST)
        with self.refuses(okng.ArgumentError, "[data]"):
            build(b"x", **FAST)
        with self.refuses(okng.Error):
            build([], **FAST)
        self.assertEqual(os.listdir(self.folder), [])

    def test_nothing_is_left_half_written(self):
        with self.refuses(okng.NotFoundError, "nowhere.png"):
            okng.Bank.build([*OK, "nowhere.png"], self.folder + "/a", **FAST)
        self.assertEqual([name for name in os.listdir(self.folder) if not name.startswith(".")], [])


class Progressing(Case):
    def test_progress_is_told(self):
        told = []
        quietly(okng.Bank.build, OK, progress=told.append, **FAST)
        self.assertEqual({"features", "coreset", "calibration"}, {one.stage for one in told})
        self.assertTrue(all(one.done <= one.total for one in told))

    def test_true_stops(self):
        with self.refuses(okng.CancelledError):
            okng.Bank.build(OK, self.folder + "/a", progress=lambda progress: True, **FAST)
        self.assertFalse(os.path.exists(self.folder + "/a"))

    def test_an_exception_comes_through(self):
        def fail(progress):
            raise KeyError("mine")

        with self.refuses(KeyError, "mine"):
            okng.Bank.build(OK, progress=fail, **FAST)

    def test_in_another_thread(self):
        told, scores = [], []

        def work():
            scores.append(quietly(okng.Bank.build, OK, progress=told.append, **FAST).inspect(NG[0]).score)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        self.assertEqual(scores, [self.bank.inspect(NG[0]).score])
        self.assertTrue(told)

    def test_ctrl_c_stops(self):
        import signal

        def interrupt(progress):
            signal.raise_signal(signal.SIGINT)
            time.sleep(0.05)

        with self.assertRaises(KeyboardInterrupt):
            okng.Bank.build(OK, self.folder + "/a", progress=interrupt, **FAST)
        self.assertFalse(os.path.exists(self.folder + "/a"))

    def test_bars(self):
        import io
        from unittest import mock

        text = io.StringIO()
        with mock.patch("sys.stderr", text):
            quietly(okng.Bank.build, OK, progress=True, **FAST)
        self.assertIn("features", text.getvalue())

    def test_lines_without_tqdm(self):
        import io
        from unittest import mock

        text = io.StringIO()
        with mock.patch("sys.stderr", text), mock.patch.dict("sys.modules", {"tqdm": None, "tqdm.auto": None}):
            quietly(okng.Bank.build, OK, progress=True, **FAST)
        self.assertEqual(text.getvalue().splitlines(), ["okng: features ...", "okng: coreset ...", "okng: calibration ..."])


class Inspecting(Case):
    def test_a_result(self):
        result = self.bank.inspect(NG[0])
        self.assertEqual(result.verdict, "NG")
        self.assertIs(result.verdict, okng.Verdict.NG)
        self.assertGreater(result.score, result.threshold)
        self.assertEqual(result.size, (72, 80))
        self.assertEqual((result.map.dtype, result.map.shape), (np.float32, (72, 80)))
        self.assertEqual((result.mask.dtype, result.mask.shape), (np.uint8, (72, 80)))
        self.assertEqual(set(np.unique(result.mask)) | {0, 255}, {0, 255})
        region = result.regions[0]
        self.assertEqual(region.area, int((result.mask > 0).sum()))
        self.assertEqual(result.map[region.peak_y, region.peak_x], np.float32(region.peak))
        self.assertEqual(result.json()["verdict"], "NG")
        self.assertTrue(result.png().startswith(b"\x89PNG") and result.png("mask") != result.png())
        self.assertTrue(os.path.isfile(os.path.join(result.reason(0).near_folder, result.reason(0).near_picture)))
        self.assertIsNone(result.review)
        self.assertIn("verdict=NG", repr(result))
        result.save(self.folder + "/out", map=True, reference=OK[0])
        np.testing.assert_array_equal(np.load(self.folder + "/out/map.npy"), result.map)
        self.assertTrue(os.path.isfile(self.folder + "/out/side_by_side.png"))

    def test_regions_of_interest(self):
        bank = quietly(okng.Bank.build, OK, self.folder + "/bank", roi="part=20,16,40,40", roi_threshold=0.2, **FAST)
        result = bank.inspect(OK[0])
        roi = result.rois[0]
        self.assertEqual((roi.name, roi.found, roi.verdict), ("part", True, result.verdict))
        self.assertEqual(roi.score, result.score)
        np.testing.assert_allclose(roi.box, (20, 16, 40, 40), atol=0.01)
        self.assertTrue(np.isnan(result.map[0, 0]) and not np.isnan(result.map[20, 30]))
        absent = bank.inspect(np.full((72, 80, 3), 90, np.uint8))
        self.assertIs(absent.verdict, okng.Verdict.NOT_FOUND)
        self.assertTrue(np.isnan(absent.score) and not absent.rois[0].found)
        counted = bank.inspect_folder(OK[:2], self.folder + "/out")
        self.assertEqual((counted.pictures, counted.not_found + counted.ok + counted.ng), (2, 2))
        self.assertEqual(self.bank.inspect(OK[0]).rois, [])

    def test_options(self):
        score = self.bank.inspect(NG[0]).score
        at = self.bank.inspect(NG[0], threshold_image=score)
        self.assertEqual((at.verdict, at.threshold), ("OK", np.float32(score)))
        band = self.bank.inspect(NG[0], review=(score - 1, score + 1))
        self.assertEqual(band.verdict, "REVIEW")
        np.testing.assert_allclose(band.review, (score - 1, score + 1), rtol=1e-6)
        self.assertEqual(self.bank.inspect(NG[0], min_area=10**6).regions, [])
        with self.refuses(okng.ArgumentError, "min_areas"):
            self.bank.inspect(NG[0], min_areas=1)
        with self.refuses(okng.ArgumentError):
            self.bank.inspect(NG[0]).reason(99)
        with self.refuses(okng.ArgumentError, "painting", "overlay"):
            self.bank.inspect(NG[0]).png("painting")

    def test_arrays_outlive_all_else(self):
        bank = quietly(okng.Bank.build, OK, **FAST)
        result = bank.inspect(NG[0])
        expected, shown = result.map.copy(), result.map
        gone = weakref.ref(result)
        bank.close()
        del result, bank
        gc.collect()
        self.assertIsNone(gone())
        others = [self.bank.inspect(OK[0]) for _ in range(20)]  # which would take the memory that was let go
        self.assertLess(others[0].map.max(), expected.max())
        np.testing.assert_array_equal(shown, expected)
        with self.assertRaises(ValueError):
            shown[0, 0] = 1

    def test_a_folder(self):
        given = [FIXTURE + "/ng", OK[0]]
        report = self.bank.inspect_folder(given, self.folder + "/out", save_maps=True, progress=lambda p: None)
        self.assertEqual((report.pictures, report.ng, report.skipped), (len(NG) + 1, len(NG), 0))
        self.assertTrue(os.path.isfile(self.folder + "/out/results.csv"))
        with self.refuses(okng.CancelledError):
            self.bank.inspect_folder(FIXTURE + "/ng", self.folder + "/other", progress=lambda p: True)


class Opening(Case):
    def test_contexts(self):
        quietly(okng.Bank.build, OK, self.folder + "/a", **FAST)
        with okng.Bank.open(self.folder + "/a") as bank:
            self.assertEqual(bank.info.method, "patchcore")
            self.assertIn("okng-s", repr(bank))
        with self.refuses(okng.ArgumentError, "closed"):
            bank.inspect(OK[0])
        with self.refuses(okng.ArgumentError, "closed"):
            bank.__enter__()
        self.assertEqual(repr(bank), "Bank(closed)")

    def test_errors_have_the_status(self):
        with self.refuses(okng.NotFoundError, "nowhere") as caught:
            okng.Bank.open("nowhere")
        self.assertEqual(caught.exception.status, "not_found")
        self.assertIsInstance(caught.exception, FileNotFoundError)
        quietly(okng.Bank.build, OK, self.folder + "/a", **FAST)
        with open(self.folder + "/a/memory_bank.pt", "r+b") as file:
            file.truncate(1000)
        with self.refuses(okng.FormatError, "memory_bank.pt"):
            okng.Bank.open(self.folder + "/a")

    def test_every_status_has_an_exception(self):
        from okng.errors import error_of
        from okng.native import ffi

        names = [name for name, value in ffi.typeof("okng_status").relements.items() if value != 0]
        for name in names:
            self.assertEqual(error_of(name, "x").status, name.replace("OKNG_ERROR_", "").lower())

    def test_choosing(self):
        quietly(okng.Bank.build, OK, self.folder + "/a", **FAST)
        okng.Bank.choose(self.folder + "/a", image=7.5, review=(7, 8))
        with okng.Bank.open(self.folder + "/a") as bank:
            self.assertEqual((bank.info.image_tau, bank.info.review), (7.5, (7, 8)))
        okng.Bank.choose(self.folder + "/a", reset=True)
        with okng.Bank.open(self.folder + "/a") as bank:
            self.assertEqual(bank.info.image_tau, self.bank.info.image_tau)


class Threads(Case):
    def test_other_threads_run_during_a_call(self):
        """A thread that counts goes on while another is in C: a call would keep it for its whole time under the GIL."""
        large = np.tile(pixels(NG[0]), (12, 12, 1))
        self.bank.inspect(large, threads=1)
        steps, stop = [0], threading.Event()

        def count():
            while not stop.is_set():
                steps[0] += 1
                time.sleep(0.0005)

        counter = threading.Thread(target=count)
        counter.start()
        before, start = steps[0], time.monotonic()
        while time.monotonic() - start < 0.2:
            entered = steps[0]
            self.bank.inspect(large, threads=1)
            if steps[0] - entered >= 3:
                break
        stop.set()
        counter.join()
        self.assertGreaterEqual(steps[0] - entered, 3)

    def test_a_bank_is_shared_and_closed(self):
        bank = quietly(okng.Bank.build, OK, **FAST)
        expected = bank.inspect(NG[0]).score
        scores, refused = [], []

        def work():
            try:
                for _ in range(50):
                    scores.append(bank.inspect(NG[0], threads=1).score)
            except okng.ArgumentError:
                refused.append(True)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        while len(scores) < 20:
            time.sleep(0.001)
        bank.close()
        for thread in threads:
            thread.join()
        self.assertEqual(set(scores), {expected})

    def test_memory_goes_back(self):
        large = np.tile(pixels(NG[0]), (8, 8, 1))

        def resident():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

        for _ in range(5):
            self.bank.inspect(large, threads=1).map
        before = resident()
        for _ in range(100):
            self.bank.inspect(large, threads=1).map
        self.assertLess(resident() - before, 50 << 20)  # of 100 results with maps of 1.5 MB and masks each


class Command(Case):
    def test_a_bank_is_the_commands_byte_by_byte(self):
        import subprocess

        command = os.environ.get("OKNG_COMMAND")
        if command is None:
            self.skipTest("needs the command: OKNG_COMMAND")
        mine, its = self.folder + "/mine", self.folder + "/its"
        quietly(okng.Bank.build, FIXTURE + "/ok", mine, resize=(64, 64), coreset=0.2, mean=[0.5, 0.5, 0.5])
        said = ["--resize", "64x64", "--coreset", "0.2", "--mean", "0.5,0.5,0.5", "--quiet"]
        subprocess.run([command, "build", "--ok-dir", FIXTURE + "/ok", "--out-dir", its, *said], check=True)
        names = sorted(os.listdir(its))
        self.assertEqual(sorted(os.listdir(mine)), names)
        for name in names:
            with open(f"{mine}/{name}", "rb") as one, open(f"{its}/{name}", "rb") as other:
                self.assertEqual(one.read(), other.read(), name)
        with okng.Bank.open(mine) as bank:
            bank.inspect(NG[0]).save(mine + "-out", map=True)
        said = ["--bank-dir", its, "--img", NG[0], "--out-dir", its + "-out", "--save-map", "--quiet"]
        subprocess.run([command, "infer", *said], check=True)
        for name in ("map.npy", "mask.png", "overlay.png"):
            with open(f"{mine}-out/{name}", "rb") as one, open(f"{its}-out/{name}", "rb") as other:
                self.assertEqual(one.read(), other.read(), name)
