"""Where mail lies. Every kind of source keeps the one protocol of source.py, and none of them writes to a mailbox."""
