"""HTTP in and out: the only package that knows Chalice. No decision about a call is made here."""
