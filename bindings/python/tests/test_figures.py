"""Figures, whole data sets, stations, and the detector as scikit-learn has them."""

import os
import pathlib
import shutil

import numpy as np
import okng
from common import FAST, FIXTURE, NG, OK, Case, pixels, quietly


class Figures(Case):
    def test_known_values(self):
        found = okng.metrics([1, 2, 3, 4], [0, 1, 0, 1])
        self.assertEqual(found["image_auroc"], 0.75)
        self.assertTrue(np.isnan(found["pixel_auroc"]))
        masks = [np.array([[0, 0], [9, 0]]), None]
        found = okng.metrics(maps=[np.array([[1, 2], [5, 3]]), np.array([[4.0, 0]])], masks=masks)
        self.assertEqual(found["pixel_auroc"], 1.0)

    def test_beside_scikit_learn(self):
        try:
            from sklearn.metrics import average_precision_score, roc_auc_score
        except ImportError:
            self.skipTest("needs python3-sklearn")
        random = np.random.default_rng(1)
        scores, labels = random.integers(0, 40, 500) / 8, random.integers(0, 2, 500)
        found = okng.metrics(scores, labels)
        self.assertAlmostEqual(found["image_auroc"], roc_auc_score(labels, scores), 12)
        self.assertAlmostEqual(found["image_ap"], average_precision_score(labels, scores), 12)

    def test_refusals(self):
        with self.refuses(okng.ArgumentError, "(3,)", "(2,)"):
            okng.metrics([1, 2, 3], [0, 1])
        with self.refuses(okng.ArgumentError, "together"):
            okng.metrics([1, 2, 3])
        with self.refuses(okng.ArgumentError, "(2, 3)", "(3, 2)"):
            okng.metrics(maps=[np.zeros((2, 3))], masks=[np.zeros((3, 2))])
        with self.refuses(okng.ArgumentError, "1 maps and 0 masks"):
            okng.metrics(maps=[np.zeros((2, 3))])
        with self.refuses(okng.ArgumentError, "scores[1] is NaN"):
            okng.metrics([1, np.nan, 3, np.nan], [0, 1, 0, 1])


class Sets(Case):
    def test_a_data_set(self):
        found = okng.evaluate(FIXTURE + "/mvtec", output_root=self.folder, **FAST)
        self.assertEqual(sorted(found.categories), ["cloth", "weave"])
        self.assertEqual(found.mean["image_auroc"], 1.0)
        self.assertTrue((found.folder / "report.html").is_file())
        again = okng.evaluate(FIXTURE + "/mvtec", output_root=self.folder, **FAST)  # was finished: nothing is run
        self.assertAlmostEqual(again.mean["pixel_auroc"], found.mean["pixel_auroc"], 8)
        with self.refuses(okng.MismatchError):
            okng.evaluate(FIXTURE + "/mvtec", output_root=self.folder, coreset=0.5, **FAST)

    def test_one_category_that_leaves_nothing(self):
        found = okng.evaluate(FIXTURE + "/mvtec", data={"category": "weave"}, **FAST)
        self.assertEqual((list(found.categories), found.folder), (["weave"], None))
        with self.refuses(okng.ArgumentError, "weeve"):
            okng.evaluate(FIXTURE + "/mvtec", data={"category": "weeve"}, **FAST)
        with self.refuses(okng.ArgumentError, "submission"):
            okng.evaluate(FIXTURE + "/mvtec", submission=self.folder + "/s", **FAST)
        with self.refuses(okng.ArgumentError, "mvtek"):
            okng.evaluate(FIXTURE + "/mvtec", "mvtek", **FAST)


    def test_a_category_that_fails_hides_nothing_else(self):
        root = self.folder + "/sets"
        shutil.copytree(FIXTURE + "/mvtec", root)
        for name in os.listdir(root + "/cloth/train/good"):
            with open(f"{root}/cloth/train/good/{name}", "wb") as file:
                file.write(b"no picture")
        found = okng.evaluate(root, keep_going=True, **FAST)
        self.assertEqual((list(found.categories), list(found.failed)), (["weave"], ["cloth"]))
        told = []

        def stop(progress):  # what is stopped is the other category
            told.append(progress.stage)
            return progress.stage == "calibration"

        with self.refuses(okng.CancelledError):
            okng.evaluate(root, keep_going=True, progress=stop, **FAST)
        self.assertIn("calibration", told)

        def fail(progress):
            if progress.stage == "calibration":
                raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            okng.evaluate(root, keep_going=True, progress=fail, **FAST)


class Stations(Case):
    def test_vectors_of_a_bank(self):
        quietly(okng.Bank.build, OK, self.folder + "/a", coreset=1, **FAST)
        plain = okng.embed(OK[0], **FAST)
        self.assertEqual((plain.dtype, plain.shape), (np.float32, (64, 384)))
        with okng.Embedder(self.folder + "/a") as embedder:
            np.testing.assert_array_equal(embedder(OK[0]), plain)
            np.testing.assert_array_equal(embedder(pixels(OK[0])[..., ::-1], format="bgr"), plain)
        with self.refuses(okng.ArgumentError, "closed"):
            embedder(OK[0])
        np.testing.assert_array_equal(okng.Embedder(**FAST)(OK[0]), plain)
        with self.refuses(okng.ArgumentError, "coreset"):
            okng.Embedder(self.folder + "/a", coreset=1)

    def test_arrays_outlive_what_made_them(self):
        array = okng.preprocess(OK[0], resize=64)
        self.assertEqual(array.shape, (1, 3, 64, 71))
        array[0, 0, 0, 0] = 5  # is nobody else's
        self.assertEqual(array.max(), 5)

    def test_tables(self):
        names = {row.name for row in okng.options()}
        self.assertTrue({"coreset", "backbone", "image-score"} <= names)
        self.assertIn("min-area", {row.name for row in okng.options("inspect")})
        with self.refuses(okng.ArgumentError, "cooking"):
            okng.options("cooking")
        self.assertIn("patchcore", okng.build_info()["methods"])


class Detectors(Case):
    def test_as_scikit_learn_has_them(self):
        detector = okng.Detector(resize=(64, 64))
        with self.refuses(okng.ArgumentError, "fit"):
            detector.predict(OK)
        self.assertIs(quietly(detector.fit, OK), detector)
        scores = detector.score_samples([*OK[:2], *NG])
        self.assertLess(scores[-1], scores[:2].min())
        self.assertEqual(-scores[-1], self.bank.inspect(NG[0]).score)
        np.testing.assert_array_equal(detector.predict([*OK[:2], *NG]), [1, 1] + [-1] * len(NG))
        np.testing.assert_array_equal(detector.decision_function(NG) < 0, [True] * len(NG))
        self.assertEqual(detector.offset_, -detector.bank_.info.image_tau)
        np.testing.assert_array_equal(quietly(okng.Detector(resize=64).fit_predict, OK), [1] * len(OK))
        self.assertEqual(len(detector.predict([])), 0)

    def test_a_folder_is_taken_by_all(self):
        detector = quietly(okng.Detector(**FAST).fit, FIXTURE + "/ok")
        for folder in (FIXTURE + "/ng", pathlib.Path(FIXTURE, "ng")):
            np.testing.assert_array_equal(detector.score_samples(folder), detector.score_samples(NG))
            np.testing.assert_array_equal(detector.predict(folder), [-1] * len(NG))
        self.assertEqual(len(detector.inspect(NG[0])), 1)
        np.testing.assert_array_equal(quietly(okng.Detector(**FAST).fit_predict, FIXTURE + "/ok"), [1] * len(OK))
        with self.refuses(okng.ArgumentError, "one encoded file"):
            detector.predict(pathlib.Path(NG[0]).read_bytes())


    def test_arrays_in_bgr(self):
        stack = np.stack([pixels(path)[..., ::-1] for path in [*OK, *NG]])
        detector = quietly(okng.Detector(format="bgr", **FAST).fit, stack[: len(OK)])
        self.assertEqual(-detector.score_samples(stack[len(OK) :])[0], self.bank.inspect(NG[0]).score)

    def test_is_cloned(self):
        try:
            from sklearn.base import clone
        except ImportError:
            self.skipTest("needs python3-sklearn")
        other = clone(okng.Detector(resize=(64, 64), coreset=0.2).set_params(coreset=0.3))
        self.assertEqual(other.get_params()["coreset"], 0.3)
        self.assertEqual(other.get_params()["resize"], (64, 64))
