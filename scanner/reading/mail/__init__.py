"""A message from its bytes: headers, parts, containers, and the limits within which they are read."""
