"""One thread per test: small tensors gain nothing from more, and tests share machines with other work."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["SPLPAINT_CACHE"] = ""  # no test leaves anything in the home folder
