"""What oversight sees: everybody's entries of the record and their proofs. No media, no ranking."""
