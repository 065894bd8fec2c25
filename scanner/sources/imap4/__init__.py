"""An IMAP server as one who may only read sees it: the connection, what can go wrong on it, folders, and how far a folder was read."""
