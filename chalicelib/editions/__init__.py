"""A policy as a text for people: structured, then as Markdown or as a page. It decides nothing."""
