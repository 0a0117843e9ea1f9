"""The HTTP API: the same queries and actions as the pages, for programs of units. Has no rules of its own."""
