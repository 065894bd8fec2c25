"""Outlook's own containers (.msg, winmail.dat, items of a .pst) as mail."""
