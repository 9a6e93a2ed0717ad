"""`phigate audit …`: options in, answers out; the rooms beside this one do the work."""
