"""Diagnoses, for the profiles that mask them: `conditions` finds the core, then words around it."""
