"""Who may see and do what: the one place where that is decided. Asks the database, never the engine."""
