"""Support for the browser tests: a running service, its shop, browsers whose errors are recorded, and a QR reader."""
