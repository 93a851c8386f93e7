"""The policy language: the document as written, and its compiled form. It evaluates nothing and reads no file."""
