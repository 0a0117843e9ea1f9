"""Editions of the taskforce, who takes part, what needs a second person. What an officer sees is `access`."""
