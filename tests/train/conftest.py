"""Tiny models are computed on one thread: more only wait for each other where tests run side by side."""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("torch"):
    import torch

    torch.set_num_threads(1)
