"""The board, the page of a series, its grid, people's decisions. The engine does the grouping."""
