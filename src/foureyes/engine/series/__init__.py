"""Links to series, each with its reasons; people's decisions bind. It must not know pixels or files."""
