"""What the browser tests stand on: a running service, its shop, browsers that are watched, and an eye for QR codes."""
