"""What processes listen on, as the kernel has it."""

import ipaddress
from pathlib import Path

LISTEN = "0A"


def tree(pid):
    """The process and all that it has started."""
    parents = {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(each.parent.name)] = int(each.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found and child not in found}:
        found |= more
    return found


def listening(*pids):
    """Their addresses and ports."""
    own = set()
    for pid in pids:
        for each in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                own.add(str(each.readlink()))
            except OSError:
                continue
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == LISTEN and f"socket:[{columns[9]}]" in own:
                address, _, port = columns[1].partition(":")
                words = (bytes.fromhex(address[i : i + 8])[::-1] for i in range(0, len(address), 8))
                found.add((ipaddress.ip_address(b"".join(words)), int(port, 16)))
    return found


def is_this_machines(address):
    return address.is_loopback or bool(address.version == 6 and address.ipv4_mapped and address.ipv4_mapped.is_loopback)


def open_to_others(found):
    return sorted(f"{address}:{port}" for address, port in found if not is_this_machines(address))
