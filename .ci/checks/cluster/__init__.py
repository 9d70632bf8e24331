"""Jobs on a real Flink session cluster."""
