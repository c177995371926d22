#!/usr/bin/env bash
# Builds what a release publishes into DIST (dist): the package that install.sh installs, the template of the Serverless
# Application Repository, ops for each of PLATFORMS, a bill of materials for each binary, and SHA256SUMS. The same commit and
# VERSION make the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
export CGO_ENABLED=0 GOFLAGS=-trimpath GOTOOLCHAIN=go1.26.8 LC_ALL=C # another compiler makes other bytes
: "${VERSION:?is the version to build}"
version=${VERSION#v} dist=${DIST:-dist}
platforms=${PLATFORMS-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}

# bill BINARY NAME. What it says of the tool is left out but for its version: it would differ from machine to machine.
bill() {
	go run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 bin -json -std -noserial -notimestamp -short-purls -version "v$version" "$1" |
		sed -e '/"name": "cyclonedx-gomod"/,/"externalReferences"/{' -e '/"hashes": \[/,/\],/d' -e '}' >"$dist/$2.cdx.json"
}

rm -rf "$dist"
mkdir -p "$dist"
make --no-print-directory package VERSION="$VERSION"
go run ./deploy/release zip build/package "$dist/helpcrunch-mark-read-$version.zip"
go run ./deploy/release flat "$dist"
mv "$dist/template.yaml" "$dist/serverless-application-repository.yaml"
bill build/http/bootstrap http
bill build/queue/bootstrap queue
for platform in $platforms; do
	name=ops-${platform%/*}-${platform#*/} suffix=
	[ "${platform%/*}" != windows ] || suffix=.exe
	GOOS=${platform%/*} GOARCH=${platform#*/} go build -buildvcs=false \
		-ldflags="-s -w -buildid= -X main.version=$version" -o "$dist/$name$suffix" ./ops
	bill "$dist/$name$suffix" "$name"
done
cd "$dist"
sums=$(if command -v sha256sum >/dev/null; then sha256sum -- *; else shasum -a 256 -- *; fi)
printf '%s\n' "$sums" >SHA256SUMS
