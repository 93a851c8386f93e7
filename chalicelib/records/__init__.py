"""What is kept of every event: envelope, kinds, commitment, leaf, ids and the stored form. No store and no clock."""
