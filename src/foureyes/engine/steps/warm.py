"""`take_in` with its kernels loaded: what the server imports that task processes are forked from.

Without it, each of them would load the kernels of fingerprints for itself: half a CPU second and 60 MB.
It adds nothing to the task, and the driver never imports it.
"""

from foureyes.engine import fingerprints
from foureyes.engine.steps.taking_in import take_in

__all__ = ["take_in"]

fingerprints.prepare()
