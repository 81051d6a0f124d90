"""The examples of a dataset as a table that spreadsheets and pandas read."""

import csv
import io

import numpy as np

from models.datasets import Dataset


def csv_text(data: Dataset) -> str:
    """Return the examples as CSV: the features, and the name of the class, or the value where values are learned."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    values = len(data.class_names) == 1
    rows.writerow([*data.feature_names, data.class_names[0] if values else "class"])
    last = map(np.float32, data.targets[:, 0]) if values else [data.class_names[label] for label in data.labels]
    for x, each in zip(data.x, last, strict=True):
        rows.writerow([*(str(np.float32(value)) for value in x), each])
    return text.getvalue()
