"""What is checked without running anything of ours: rules, dashboards, the compose file, the chart, the checks' own style."""
