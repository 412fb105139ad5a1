"""The server that one writes in an evening, with kerasvgg's decoder: FastAPI, and `predict_on_batch` behind a lock.

python -m benchmarks.peers.plain_server MODEL PORT
"""

import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool

from kerasvgg.data.pictures.decode import Content, decode
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.models.forward import class_probabilities


def make_app(path: Path) -> FastAPI:
    """Returns the app; the model is compiled, and has computed once."""
    opened = open_model(path)
    model, about, lock = opened.model, opened.description, threading.Lock()
    if about is None:
        sys.exit(f"{path} must be a model that kerasvgg wrote")
    model.compile()
    model.predict_on_batch(np.zeros((1, *about.image_size, 3), np.float32))

    def said(content: bytes) -> dict[str, Any]:
        pixels = decode(Content("picture", content), *about.resizing).astype(np.float32)
        with lock:
            row = class_probabilities(model.predict_on_batch(pixels[None]))[0]
        return {"predictions": [{"probabilities": dict(zip(about.class_names, map(float, row), strict=True))}]}

    app = FastAPI()

    @app.post("/predict")
    async def predict(request: Request) -> dict[str, Any]:
        return await run_in_threadpool(said, await request.body())

    @app.get("/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    return app


if __name__ == "__main__":
    uvicorn.run(make_app(Path(sys.argv[1])), port=int(sys.argv[2]), log_level="error", access_log=False)
