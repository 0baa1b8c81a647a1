"""Trains scikit-learn's MLP on the splits of accuracy.mjs, which calls this: python3 accuracy.py FOLDER.

The folder holds for each part its features (x) and targets (y) as float32, and meta.json. Printed is one line of JSON: the
test score of each variant. scikit-learn gets the same features; where noron sets rows aside to choose its best epoch,
scikit-learn trains on them as well, and with early stopping chooses its own.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, mean_squared_error, r2_score
from sklearn.neural_network import MLPClassifier, MLPRegressor

folder = Path(sys.argv[1])
meta = json.loads((folder / "meta.json").read_text())


def part(name):
    x = np.fromfile(folder / f"{name}.x.f32", dtype=np.float32).reshape(-1, meta["width"])
    y = np.fromfile(folder / f"{name}.y.f32", dtype=np.float32)
    return x, y.astype(np.int64) if meta["task"] == "classification" else y


parts = [part("training"), part("validation")]
x = np.concatenate([each[0] for each in parts])
y = np.concatenate([each[1] for each in parts])
test_x, test_y = part("test")
variants = {"default": {}, "early": {"early_stopping": True}}
scores = {}
for name, options in variants.items():
    make = MLPClassifier if meta["task"] == "classification" else MLPRegressor
    model = make(random_state=meta["seed"], **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, y)
    said = model.predict(test_x)
    if meta["task"] == "classification":
        scores[name] = {"accuracy": accuracy_score(test_y, said)}
    else:
        # The target is standardised for noron and for scikit-learn alike.
        deviation = meta["standardDeviation"]
        scores[name] = {"r2": r2_score(test_y, said), "rmse": float(np.sqrt(mean_squared_error(test_y, said))) * deviation}
    scores[name]["epochs"] = model.n_iter_
print(json.dumps({"version": sklearn.__version__, "scores": scores}))
