#!/usr/bin/env bash
# The steps of .github/workflows/release.yml:
#   publish.sh check TAG              the tag is the version that the documents name
#   publish.sh compare ONE ANOTHER    two builds made the same bytes
#   publish.sh release TAG DIST       makes the release; one that exists is never touched
#   publish.sh region DIST            puts the package into the bucket PUBLISHER_BUCKET-AWS_REGION, for links that launch the stack
#   publish.sh sar TAG DIST           makes a version of SAR_APPLICATION_ID, with its code in that bucket
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { printf 'publish.sh: %s\n' "$*" >&2 && exit 1; }

check() {
	local version=${1#v}
	case $1 in v[0-9]*.[0-9]*.[0-9]*) ;; *) fail "$1 is not a version: a tag is named v1.2.3" ;; esac
	grep -q "^    SemanticVersion: $version\$" template.yaml || fail "template.yaml has another SemanticVersion than $version"
	grep -q "^## \[$version\] - [0-9]" CHANGELOG.md || fail "CHANGELOG.md has no section of $version with its day"
	grep -q "https://github.com/$GITHUB_REPOSITORY/releases/download/v$version/{helpcrunch-mark-read-$version.zip,SHA256SUMS}" README.md ||
		fail "README.md does not install $version of $GITHUB_REPOSITORY"
}

compare() {
	diff -r "$1" "$2" || fail "two builds of the same commit differ: nothing is published"
	(cd "$1" && sha256sum --quiet -c SHA256SUMS)
}

# notes prints the changelog's section of the version, and README.md's two lines.
notes() {
	sed -n "/^## \[$1\]/,/^## \[/{/^## \[/d;p;}" CHANGELOG.md
	printf '### Install or update\n\n```sh\n'
	sed -n '/^curl -fsSLO/,/^```/{/^```/d;p;}' README.md
	printf '```\n\nWhere each file comes from: `gh attestation verify FILE --repo %s`\n' "$GITHUB_REPOSITORY"
}

release() {
	! gh release view "$1" --repo "$GITHUB_REPOSITORY" >/dev/null 2>&1 || fail "the release $1 exists, and is not overwritten: publish a new version"
	notes "${1#v}" | gh release create "$1" --repo "$GITHUB_REPOSITORY" --verify-tag --title "$1" --notes-file - "$2"/*
}

# upload_package DIST puts the package, with another template where $2 names one, into the bucket, and sets `url`.
upload_package() {
	# shellcheck source=deploy/install/lib/aws.sh
	. deploy/install/lib/aws.sh
	# shellcheck source=deploy/install/lib/bucket.sh
	. deploy/install/lib/bucket.sh
	region=$AWS_REGION bucket=$PUBLISHER_BUCKET-$AWS_REGION pause=5 work=$(mktemp -d)
	unzip -q "$1"/helpcrunch-mark-read-*.zip -d "$work/package"
	[ -z "${2:-}" ] || cp "$2" "$work/package/template.yaml"
	call sts get-caller-identity --query '[Account, Arn]'
	read -r account partition <<<"$out"
	partition=${partition#arn:}
	partition=${partition%%:*}
	put_package "$work/package" helpcrunch-mark-read
}

region() {
	upload_package "$1"
	say "https://$region.console.aws.amazon.com/cloudformation/home?region=$region#/stacks/create/review?stackName=helpcrunch-mark-read&templateURL=$url"
}

sar() {
	upload_package "$2" "$2/serverless-application-repository.yaml"
	call serverlessrepo create-application-version --application-id "$SAR_APPLICATION_ID" --semantic-version "${1#v}" --template-url "$url"
}

"$@"
