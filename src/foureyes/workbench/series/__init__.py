"""The board, the page of a series, its grid, and people's decisions. Groups nothing itself: the engine does."""
