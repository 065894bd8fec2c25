"""How the trained reader is made: texts and fictional councils into rows, rows into an encoder, the encoder into the files that ship."""
