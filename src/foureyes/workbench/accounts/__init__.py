"""Units, officers, sign-in and lock-out. Never decides what an officer may see: that is `access`."""
