"""What a policy owner does before a version goes live: reading, checking, trying cases. Pure; it publishes nothing."""
