"""What a council's Member/Officer protocol says, as pure functions over correspondence.

Nothing here reads a clock, a disk, a network or a model: they arrive as arguments. Packaged words and clauses, read once, are the exception.
"""
