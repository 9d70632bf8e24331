#!/usr/bin/env python3
"""Checks docker-compose.yml beyond its schema: check_compose.py LOADED.json, as .ci/compose prints it with all profiles."""

import json
import re
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[3]
project = json.loads(Path(sys.argv[1]).read_text())
text = (HOME / "docker-compose.yml").read_text()
wrong = []


def expect(holds, what):
    if not holds:
        wrong.append(what)


# every variable is in .env.example, and no other; secrets have no default
used = {match[1]: match[2] for match in re.finditer(r"(?<!\$)\$\{(\w+)([^}]*)\}", text)}
env = dict(line.split("=", 1) for line in (HOME / ".env.example").read_text().splitlines() if line and not line.startswith("#"))
expect(used.keys() | {"COMPOSE_PROFILES"} == env.keys(), f"variables: {sorted((used.keys() | {'COMPOSE_PROFILES'}) ^ env.keys())}")
for name, default in used.items():
    if "PASSWORD" in name and not name.startswith("SNOWFLAKE_"):  # nobody but its users has one of those
        expect(default.startswith(":?"), f"{name} has a default")
    else:
        expect(default == f":-{env.get(name)}", f"{name}: the default is not .env.example's")

mounts = 0
services = project["services"]
for name, service in services.items():
    tag = service["image"].rpartition(":")[2]
    expect(re.search(r"\d+\.\d+|\d{4}-?\d{2}", tag), f"{name}: the image {service['image']} is not pinned")
    for port in service.get("ports", []):
        expect(port.get("host_ip") == "127.0.0.1", f"{name}: port {port} is not on loopback only")
    for volume in service.get("volumes", []):
        if volume["type"] == "bind":
            mounts += 1
            expect(Path(volume["source"]).exists(), f"{name}: {volume['source']} does not exist")
            expect(not volume.get("bind", {}).get("create_host_path"), f"{name}: {volume['source']} would be made a folder")
        else:
            expect(volume["source"] in project["volumes"], f"{name}: volume {volume['source']}")
    for other, how in service.get("depends_on", {}).items():
        expect(how["condition"] != "service_healthy" or "healthcheck" in services[other], f"{name}: {other} has no health check")
expect(mounts >= 10, f"only {mounts} files are mounted")

# what Prometheus scrapes is there
replicas = services["taskmanager"]["deploy"]["replicas"]
targets = (HOME / "dashboards/targets/compose/cluster.yml").read_text()
named = set(re.findall(r'"([\w-]+):9249"', targets))
expect(named == {"jobmanager"} | {f"{project['name']}-taskmanager-{i + 1}" for i in range(replicas)}, f"targets: {named}")

# whoever may write a connector has the worker's environment: a password, and no more in reach than the connector needs
connect = services["connect"]["environment"]
expect("BasicAuthSecurityRestExtension" in connect["CONNECT_REST_EXTENSION_CLASSES"], "Connect asks for no password")
expect(connect["CONNECT_CONFIG_PROVIDERS_ENV_PARAM_ALLOWLIST_PATTERN"].startswith("PG_"), "Connect shows all of its environment")
expect(connect["PG_USER"] != services["postgres"]["environment"]["POSTGRES_USER"], "the connector is a superuser")

for line in wrong:
    print("FAIL ", line)
print(f"{len(services)} services, {mounts} mounted files, {len(used)} variables: {len(wrong)} wrong")
sys.exit(1 if wrong else 0)
