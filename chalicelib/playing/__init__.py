"""A call played question by question against a policy. Pure; the terminal is in `cli`."""
