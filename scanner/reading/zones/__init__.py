"""Which lines of a message its sender wrote, and which are quoted, forwarded, signature or small print; HTML as people see it."""
