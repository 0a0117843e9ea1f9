"""Media in, series out: a library. It must not know the web, the environment or the network.

Start at `pipeline.py`.
"""
