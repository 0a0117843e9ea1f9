"""The taskforce's pages. They ask the engine, and decide nothing that the engine knows."""
