"""The template, the role and the artefact: what is deployed."""
