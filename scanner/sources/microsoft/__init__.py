"""Microsoft Graph, piece by piece: the line to it, its refusals in words, letters' heads, groups and rules, message traces."""
