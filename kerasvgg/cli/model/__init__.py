"""Commands about model files and networks: inspect, upgrade, model."""
