"""The command line: one module for each audience. It prints, and exits with a code; it decides nothing."""
