"""What runs here is told to nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

READ = """
import dataclaw, onnxruntime, rapidocr
from pathlib import Path
model = next((Path(rapidocr.__file__).parent / "models").glob("*.onnx"))
onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
"""


def test_models_that_read_pictures_keep_no_record_of_their_use(tmp_path: Path):
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-c", READ], env=environment, check=True, timeout=250)
    kept = [str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()]
    assert not [name for name in kept if "onnx" in name.lower()]  # else a queue of events and the id of the device
