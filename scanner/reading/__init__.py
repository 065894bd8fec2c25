"""Raw mail in, `rules.message.Message` out: headers, MIME parts, text zones, documents and journal reports.

Nothing here raises on what a stranger wrote; what could not be read is named in `unread`, never passed over.
"""
