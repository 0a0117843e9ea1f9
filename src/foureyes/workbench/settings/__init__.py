"""Settings by place of use: `workspace` (foureyes serve), `production` (a taskforce), `dev`, `test`.

`base` holds what is the same everywhere and reads nothing from outside.
"""
