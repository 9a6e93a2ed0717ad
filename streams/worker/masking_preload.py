"""Imported by the fork server, and by nothing else: it loads the model, so that children share it.

A model that does not load is told by the child that is asked for the revision.
"""

import gc
from contextlib import suppress

from streams.worker import masking_process

with suppress(Exception):
    masking_process.mask({"warm": "up, Jane Doe"})
    masking_process.read({"sql": "SELECT 1"}, {})
gc.freeze()  # a collection would touch, and so copy, what is shared
