"""What the entries of `pipeline.py` do, a module each: here alone stages meet. It must not know who asks."""
