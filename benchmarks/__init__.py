"""How fast everything is: ``python -m benchmarks`` measures, and README.md says what came of it."""
