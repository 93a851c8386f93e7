"""The life of an incident after its assessment: what people decided, what was done, what is due."""
