#!/usr/bin/env bash
# Runs the embedded SQS's conformance table, and what ops does to dead letters, against moto_server, which nobody here wrote.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=.venv/oracle
if [ ! -x "$venv/bin/moto_server" ]; then
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check 'moto[server]==5.2.1' 'boto3==1.43.11'
fi

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$venv/bin/moto_server" -H 127.0.0.1 -p "$port" >/dev/null 2>&1 &
trap 'kill $!' EXIT
for _ in $(seq 100); do
	if (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
	sleep 0.1
done
SQS_CONFORMANCE_ENDPOINT="http://127.0.0.1:$port" go test -count=1 -run 'Conformance|AnotherSQS' ./local/sqs ./ops/internal/deadletters
