"""Sources, media, safe viewing and the count of what was revealed. Asks the engine; reads none of its tables."""
