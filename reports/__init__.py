"""What people read: tallies, digests and sheets of findings and decisions, seen through the casebook protocol."""
