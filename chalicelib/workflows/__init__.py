"""One module for each job of a user. Talks to the world through ports, leaves deciding to the features."""
