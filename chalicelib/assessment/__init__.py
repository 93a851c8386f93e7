"""From standing answers and a compiled policy to a decision: pure and total. It records nothing."""
