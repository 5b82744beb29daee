"""One thread per test and no deadlines: small tensors gain nothing from more, and machines do other work besides."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("splpaint", deadline=None)
settings.load_profile("splpaint")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["SPLPAINT_CACHE"] = ""  # no test leaves anything in the home folder
