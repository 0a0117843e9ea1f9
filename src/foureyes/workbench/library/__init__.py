"""Sources, media, safe viewing, the count of what was revealed. Reads none of the engine's tables."""
