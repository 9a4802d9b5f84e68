"""The adapter in anomalib's shape: a script of its own documentation, with the imports changed."""

import os

import numpy as np
import okng
from common import FAST, FIXTURE, NG, OK, Case, pixels, quietly
from okng.anomalib import Engine, Folder, MVTecAD, OpenVINOInferencer, Patchcore, PredictDataset


def small(**others):
    return Patchcore(backbone="okng-s", pre_processor=Patchcore.configure_pre_processor((64, 64)), threads=1, **others)


class Adapter(Case):
    def test_training_testing_predicting(self):
        data = MVTecAD(root=FIXTURE + "/mvtec", category="weave")
        model, engine = small(coreset_sampling_ratio=0.2, num_neighbors=3), Engine(default_root_dir=self.folder)
        quietly(engine.fit, datamodule=data, model=model)
        self.assertEqual(engine.best_model_path, self.folder + "/Patchcore/MVTecAD/weave")
        kept = okng.Bank.describe(engine.best_model_path)["config"]["options"]
        self.assertEqual(
            [kept[name] for name in ("preset", "backbone", "coreset", "neighbors", "resize", "crop")],
            ["anomalib", "okng-s", "0.2", "3", "64x64", "none"],
        )
        (found,) = engine.test(datamodule=data, model=model)
        self.assertEqual(sorted(found), ["image_AUROC", "image_F1Score", "pixel_AUROC", "pixel_F1Score"])
        known = okng.evaluate(
            FIXTURE + "/mvtec",
            data={"category": "weave"},
            preset="anomalib",
            backbone="okng-s",
            coreset=0.2,
            neighbors=3,
            **FAST,
        ).mean
        self.assertAlmostEqual(found["image_AUROC"], known["image_auroc"], 12)
        self.assertAlmostEqual(found["pixel_AUROC"], known["pixel_auroc"], 12)
        bad = PredictDataset(path=FIXTURE + "/ng")
        predictions = engine.predict(model=small(), dataset=bad, ckpt_path=engine.best_model_path)
        self.assertEqual([one.image_path for one in predictions], NG)
        self.assertTrue(predictions[0].pred_label)
        self.assertEqual(predictions[0].pred_score, model.bank.inspect(NG[0]).score)
        self.assertEqual((predictions[0].anomaly_map.shape, predictions[0].pred_mask.dtype), ((72, 80), np.bool_))
        try:
            file = engine.export(model=model, export_type="onnx", export_root=self.folder)
            self.assertEqual(str(file), self.folder + "/weights/onnx/model.onnx")
        except okng.UnsupportedError as missing:
            self.assertIn("onnx", str(missing).lower())
        item = OpenVINOInferencer(engine.best_model_path).predict(pixels(NG[0]))
        self.assertEqual(item.pred_score, predictions[0].pred_score)

    def test_folders_of_any_names(self):
        data = Folder("parts", root=FIXTURE, normal_dir="ok", abnormal_dir="ng", seed=1)
        engine = Engine(self.folder)
        (found,) = quietly(engine.train, small(), data)
        self.assertEqual(found["image_AUROC"], 1.0)
        self.assertEqual(len(data.train()) + len([one for one in data.test() if one.label == 0]), len(OK))
        self.assertEqual(len(Folder("parts", root=FIXTURE, normal_dir="ok").train()), len(OK))
        self.assertEqual(len(engine.predict(data_path=FIXTURE + "/ok")), len(OK))
        with self.refuses(okng.ArgumentError, "abnormal_dir"):
            Folder("parts", root=FIXTURE, normal_dir="ok").test()

    def test_f1_is_of_verdicts(self):
        from okng.anomalib import _f1

        said, truth = [np.array([1, 1, 0, 0], bool)], [np.array([1, 0, 1, 0], bool)]
        self.assertEqual((_f1(said, truth), _f1(said, said), _f1([], [])), (0.5, 1.0, 0.0))

    def test_what_means_nothing_is_said(self):
        with self.assertWarnsRegex(okng.OkngWarning, "num_workers means nothing"):
            MVTecAD(root=FIXTURE + "/mvtec", category="weave", num_workers=8)
        with self.assertWarnsRegex(okng.OkngWarning, "max_epochs"):
            Engine(max_epochs=1)
        with self.refuses(TypeError, "colour"):
            Engine(colour=1)
        with self.refuses(okng.ArgumentError, "fit"):
            Engine().predict(data_path=FIXTURE)
        with self.refuses(okng.ArgumentError, "one of"):
            Engine().predict(model=small())
        with self.refuses(okng.ArgumentError, "square"):
            Patchcore(pre_processor=Patchcore.configure_pre_processor((64, 64), (32, 48)))
        with self.assertWarnsRegex(okng.OkngWarning, "visualizer"):
            Patchcore(visualizer=False)
        with self.refuses(okng.UnsupportedError, "float16", "bfloat16"):
            Patchcore(precision="float16")
        with self.refuses(okng.UnsupportedError, "trained"):
            Patchcore(pre_trained=False)
        model = Patchcore(precisiun="float16")
        with self.refuses(okng.ArgumentError, "precisiun"):
            Engine(self.folder).fit(model, MVTecAD(root=FIXTURE + "/mvtec", category="weave"))


class Samples(Case):
    def test_a_data_set(self):
        found = okng.samples(FIXTURE + "/mvtec", category="weave")["weave"]
        bad = [sample for sample in found if sample.label]
        self.assertEqual({sample.split for sample in found}, {"train", "test"})
        self.assertTrue(all(os.path.isfile(sample.path) for sample in found))
        result = self.bank.inspect(bad[0].path)
        mask = bad[0].mask(*result.size)
        self.assertTrue(0 < mask.sum() < mask.size and mask.max() == 1)
        with self.refuses(okng.MismatchError):
            bad[0].mask(3, 3)
