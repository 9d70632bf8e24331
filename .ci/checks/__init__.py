"""The checks that need more than Maven: real servers, a real Flink cluster, readers of the lake, a browser."""
