"""Pages of sign-in, of being asked again, and of an officer's own profile, second factors and sessions."""
