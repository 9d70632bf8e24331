"""Object stores: MinIO, and SeaweedFS, which is kept up where MinIO is not."""

import json
import os
import shutil

from .account import until
from .paths import BIN, RUN
from .processes import free_port, processes

KEYS = {"AWS_ACCESS_KEY_ID": "tributary", "AWS_SECRET_ACCESS_KEY": "a secret of the check"}


class Minio:
    def __init__(self):
        self.port = free_port(2)
        self.url = f"http://127.0.0.1:{self.port}"
        os.environ.update(KEYS, AWS_ENDPOINT_URL=self.url, AWS_REGION="us-east-1")
        self.process = None

    def start(self, *buckets):
        for bucket in buckets:
            (RUN / "minio" / bucket).mkdir(parents=True)
        found = shutil.which("minio") or BIN / "minio"
        environment = {**os.environ, "MINIO_ROOT_USER": KEYS["AWS_ACCESS_KEY_ID"], "MINIO_ROOT_PASSWORD": KEYS["AWS_SECRET_ACCESS_KEY"]}
        console = f"127.0.0.1:{self.port + 1}"
        self.process = processes.start(
            "minio",
            [found, "server", "--quiet", "--address", f"127.0.0.1:{self.port}", "--console-address", console, RUN / "minio"],
            env=environment,
        )

    def stop(self):
        processes.kill(self.process)

    def client(self):
        import boto3

        return boto3.client("s3", endpoint_url=self.url)

    def objects(self, prefix):
        """What the bucket `lake` has below a prefix."""
        for page in self.client().get_paginator("list_objects_v2").paginate(Bucket="lake", Prefix=prefix):
            yield from page.get("Contents", [])

    def options(self):
        """For readers made in Rust."""
        return {"AWS_ENDPOINT_URL": self.url, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1", **KEYS}

    def flink_settings(self):
        """What a cluster needs to keep data, checkpoints and savepoints here."""
        return {
            "s3.endpoint": self.url,
            "s3.path.style.access": "true",
            "s3.access-key": KEYS["AWS_ACCESS_KEY_ID"],
            "s3.secret-key": KEYS["AWS_SECRET_ACCESS_KEY"],
            "s3.endpoint.region": "us-east-1",
            "execution.checkpointing.dir": "s3://lake/checkpoints",
            "execution.checkpointing.savepoint-dir": "s3://lake/savepoints",
        }


class SeaweedFS(Minio):
    """The same through another store's S3: all of its servers in one process."""

    def start(self, *buckets):
        folder = RUN / "seaweedfs"
        (folder / "data").mkdir(parents=True, exist_ok=True)
        identity = {
            "name": "tributary",
            "credentials": [{"accessKey": KEYS["AWS_ACCESS_KEY_ID"], "secretKey": KEYS["AWS_SECRET_ACCESS_KEY"]}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        others = free_port(7)
        ports = [
            f"-{name}={others + i}"
            for i, name in enumerate(
                ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc", "s3.port.grpc")
            )
        ]
        self.process = processes.start(
            "seaweedfs",
            [
                *(shutil.which("weed") or BIN / "weed", "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder / 'data'}"),
                *("-volume.max=0", "-master.volumeSizeLimitMB=256", "-filer", "-s3", f"-s3.config={folder / 's3.json'}"),
                *("-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.port={self.port}", *ports),
            ],
        )
        if buckets:
            until("SeaweedFS answers", lambda: self.makes(buckets), 60)

    def makes(self, buckets):
        from botocore.exceptions import BotoCoreError

        try:
            for bucket in buckets:
                self.client().create_bucket(Bucket=bucket)
        except BotoCoreError:
            return False
        return True


STORES = {"minio": Minio, "seaweedfs": SeaweedFS}
