"""Base templates, static files, error pages and the help overlay. Knows no officer and no media."""
