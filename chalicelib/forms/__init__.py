"""The form of owners' documents: what may stand where, and plain words for what does not fit. No policy is judged."""
