"""The THRIIVES decision-support service: features in the middle, technology at the rim (see docs/architecture.md)."""

__version__ = "0.1.0"
