"""The shell around the rules: sources, reading, the language model, the store, the schedule, and the command line."""
