"""Tags of media and series for templates."""
