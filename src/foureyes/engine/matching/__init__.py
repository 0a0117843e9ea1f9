"""Near pairs of fingerprints, exact and fast. It must not know media, files or series."""
