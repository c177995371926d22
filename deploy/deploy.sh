#!/usr/bin/env bash
# Deploys this tree as the stack of one of samconfig.toml's environments: deploy/deploy.sh default|staging|prod [install.sh's options].
# It builds what install.sh installs, unless PACKAGE names a folder that `make package` has made. Without a terminal nothing is
# asked. PARAMETERS="Name=value Name=value" sets parameters of the template.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=${1:-default}
shift || true

setting() {
	sed -n "/^\\[$environment\\.deploy\\.parameters\\]/,/^\\[/s/^$1 *= *\"\\{0,1\\}\\([^\"]*\\)\"\\{0,1\\}\$/\\1/p" samconfig.toml
}
stack=$(setting stack_name)
[ -n "$stack" ] || { echo "samconfig.toml has no environment $environment" >&2 && exit 2; }

AWS_REGION=$(deploy/install/install.sh --check) # before anything is built
export AWS_REGION
set -- --stack-name "$stack" "$@"
for tag in $(setting tags); do set -- "$@" --tag "$tag"; done
for parameter in ${PARAMETERS:-}; do set -- "$@" --set "$parameter"; done
if [ ! -t 0 ] || [ "$(setting confirm_changeset)" = false ]; then set -- --yes "$@"; fi
[ -n "${PACKAGE:-}" ] || make --no-print-directory package
exec "${PACKAGE:-build/package}/install.sh" "$@"
