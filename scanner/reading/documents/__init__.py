"""Attached documents as text and tables, read in a bounded process of their own."""
