#!/usr/bin/env python3
"""Checks what the chart renders: check_chart.py RENDERED.yaml OPERATOR-API.jar (it holds the operator's own schema)."""

import re
import sys
import zipfile
from pathlib import Path

import jsonschema
import yaml

HOME = Path(__file__).resolve().parents[3]
# The newest schema that Maven has is of an operator that did not know Flink 2 yet; of the one field that differs, this is its newest.
NEWEST_KNOWN = "v1_20"

documents = {document["kind"]: document for document in yaml.safe_load_all(Path(sys.argv[1]).read_text()) if document}
with zipfile.ZipFile(sys.argv[2]) as jar:
    crd = yaml.safe_load(jar.read("META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml"))
schema = next(version for version in crd["spec"]["versions"] if version["name"] == "v1beta1")["schema"]["openAPIV3Schema"]
wrong = []


def closed(node):
    """The schema with unknown fields refused, as the API server drops them."""
    if isinstance(node, dict):
        if (
            node.get("type") == "object"
            and "properties" in node
            and "additionalProperties" not in node
            and not node.get("x-kubernetes-preserve-unknown-fields")
        ):
            node = {**node, "additionalProperties": False}
        return {key: closed(value) for key, value in node.items()}
    return [closed(value) for value in node] if isinstance(node, list) else node


deployment = documents["FlinkDeployment"]
spec = deployment["spec"]
if spec["flinkVersion"] != "v2_2":
    wrong.append(f"flinkVersion {spec['flinkVersion']}")
checked = {**deployment, "spec": {**spec, "flinkVersion": NEWEST_KNOWN}}
validator = jsonschema.Draft202012Validator(closed(schema["properties"]["spec"]))
wrong += [f"{'.'.join(map(str, error.path))}: {error.message[:200]}" for error in validator.iter_errors(checked["spec"])]

# what flink-conf/config.yaml sets for every cluster, the chart sets too; the JVM's options and addresses are the operator's
shipped = yaml.safe_load((HOME / "flink-conf/config.yaml").read_text())
own = re.compile(r"env\..*|.*(memory\.process\.size|host|address|\.port|heartbeat\.|parallelism\.default).*")
for key, value in shipped.items():
    mine = spec["flinkConfiguration"].get(key)
    if not own.fullmatch(key) and str(mine).lower() != str(value).lower():
        wrong.append(f"{key}: the chart has {mine}, flink-conf/config.yaml {value}")
if not spec["logConfiguration"]["log4j-console.properties"].endswith((HOME / "flink-conf/log4j-quiet.properties").read_text()):
    wrong.append("the log's configuration does not end with flink-conf/log4j-quiet.properties")

template = spec["podTemplate"]["spec"]
container = template["containers"][0]["securityContext"]
if container != {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}:
    wrong.append(f"the container's securityContext is {container}")
if not template["securityContext"]["runAsNonRoot"] or template["securityContext"]["seccompProfile"] != {"type": "RuntimeDefault"}:
    wrong.append(f"the pod's securityContext is {template['securityContext']}")
for key in ("web.submit.enable", "web.cancel.enable"):
    if spec["flinkConfiguration"].get(key) != "false":
        wrong.append(f"{key} is not off")

if "pipeline.yaml" not in documents["ConfigMap"]["data"]:
    wrong.append("no pipeline.yaml in the ConfigMap")
for line in wrong:
    print("FAIL ", line)
print(f"the chart's {', '.join(documents)}: {len(wrong)} wrong")
sys.exit(1 if wrong else 0)
