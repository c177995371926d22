#!/usr/bin/env bash
# Builds and deploys the stack of one of samconfig.toml's environments: deploy/deploy.sh default|staging|prod [sam deploy options].
# The first time it asks what only you know; afterwards the stack keeps what it was told. Without a terminal nothing is asked.
# PARAMETERS="Name=value Name=value" sets other parameters of the template.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=${1:-default}
shift || true

stack=$(awk -v section="[$environment.deploy.parameters]" '$0 == section { inside = 1; next } /^\[/ { inside = 0 }
	inside && /^stack_name/ { gsub(/.*= *"|".*/, ""); print }' samconfig.toml)
[ -n "$stack" ] || { echo "samconfig.toml has no environment $environment" >&2 && exit 2; }

ask() { # ask VARIABLE QUESTION
	[ -t 0 ] && [ -z "${!1:-}" ] && read -r -p "$2 " "$1"
	return 0
}

if [ -z "${AWS_REGION:-${AWS_DEFAULT_REGION:-}}" ] && ! grep -qs '^region' "${AWS_CONFIG_FILE:-$HOME/.aws/config}"; then
	ask AWS_REGION "AWS region (such as eu-central-1):"
fi
[ -z "${AWS_REGION:-}" ] || export AWS_REGION AWS_DEFAULT_REGION="$AWS_REGION" # the SAM CLI reads only the second

read -rd '' -a parameters <<<"${PARAMETERS:-}" || true # it wants an end that a variable has none of
if ! state=$(sam list stack-outputs --stack-name "$stack" --output json 2>&1); then
	grep -q "does not exist" <<<"$state" || { echo "$state" >&2 && exit 1; }
	ask ALARM_EMAIL "Who is told of alarms? E-mail address, or nothing:"
	ask HELPCRUNCH_SECRET_NAME "Name of the secret with the HelpCrunch API key, or nothing to have an empty one made:"
	[ -z "${ALARM_EMAIL:-}" ] || parameters+=("AlarmEmail=$ALARM_EMAIL")
	[ -z "${HELPCRUNCH_SECRET_NAME:-}" ] || parameters+=("HelpCrunchSecretName=$HELPCRUNCH_SECRET_NAME")
fi
[ -t 0 ] || set -- --no-confirm-changeset "$@"
[ ${#parameters[@]} -eq 0 ] || set -- --parameter-overrides "${parameters[@]}" "$@"

sam build --config-env "$environment"
sam deploy --config-env "$environment" "$@"
echo "If the stack has just made the secret, put the key into it: go run ./ops key set --stack $stack"
