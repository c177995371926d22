#!/usr/bin/env bash
# Installs what the stack's targets need, pinned, below .venv/ and deploy/node_modules/, and only when its list has changed:
#   deploy/tools.sh sam        the SAM CLI, cfn-lint and pytest
#   deploy/tools.sh ministack  the AWS emulator of the deploy test
#   deploy/tools.sh policies   the IAM policy evaluator of the policy test
#   deploy/tools.sh workflows  the linters of the GitHub workflows and of the shell scripts
#   deploy/tools.sh aws        the AWS CLI of the installation test
#
# pip takes only files whose hashes are in the lists, and builds nothing: a source distribution would run code of its own.
# A new version is set in the list, and its hashes by pip-tools:
#   pip-compile --generate-hashes --strip-extras --no-header --no-annotate --no-emit-options -o new.txt deploy/requirements/NAME.txt
set -euo pipefail
cd "$(dirname "$0")/.."

# python NAME: a virtual environment with what deploy/requirements/NAME.txt lists.
python() {
	local venv=.venv/$1 list=deploy/requirements/$1.txt
	if cmp -s "$list" "$venv/installed.txt"; then return; fi
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: --requirement "$list"
	cp "$list" "$venv/installed.txt"
}

for tool in "$@"; do
	case $tool in
	sam | ministack | workflows | aws) python "$tool" ;;
	policies)
		if ! cmp -s deploy/package-lock.json deploy/node_modules/installed.json; then
			npm ci --prefix deploy --no-audit --no-fund --loglevel=error
			cp deploy/package-lock.json deploy/node_modules/installed.json
		fi
		;;
	*) echo "deploy/tools.sh: there is no $tool" >&2 && exit 2 ;;
	esac
done
