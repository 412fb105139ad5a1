"""Keras' own way to predict a folder, as one CSV line a picture: python -m benchmarks.keras_predict MODEL FOLDER"""

import csv
import sys

import keras

from benchmarks.small_model import SIZE


def predict(model_file: str, folder: str) -> None:
    """Decodes with image_dataset_from_directory and predicts with model.predict."""
    model = keras.models.load_model(model_file, compile=False)
    pictures = keras.utils.image_dataset_from_directory(
        folder, labels=None, image_size=SIZE, batch_size=32, shuffle=False, verbose=False
    )
    rows = csv.writer(sys.stdout)
    for path, output in zip(pictures.file_paths, model.predict(pictures, verbose=0), strict=True):
        rows.writerow([path, *output])


if __name__ == "__main__":
    predict(*sys.argv[1:])
