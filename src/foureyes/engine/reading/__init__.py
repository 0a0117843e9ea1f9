"""What to take in: a folder, an archive, a VICS case. Yields paths with open bytes; never decodes media."""
