"""One module per format of real logs.

Each has `TITLE`, a name for people, `looks_like(head, name)` and `read(files, asked)`.
"""
