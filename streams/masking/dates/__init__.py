"""Days, months and ages that tell more than a year: `dates` first, then what is written shorter."""
