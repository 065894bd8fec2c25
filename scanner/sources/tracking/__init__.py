"""Files of message traces: text into rows, rows into sightings."""
