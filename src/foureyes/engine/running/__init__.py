"""Where tasks run, and the cage around hostile bytes. It must not know what a task does."""
