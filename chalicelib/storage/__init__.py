"""The adapters to the outside world: trails, objects, key wrapping, issuer keys. It imports none of them."""
