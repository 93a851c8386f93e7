"""What is deployed and how it is packaged. Not imported by the service."""
