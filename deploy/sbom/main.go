// Command sbom writes a software bill of materials beside each binary that it is given, in CycloneDX's JSON: what the binary
// itself says is linked into it, with the checksums that go.sum holds it to. The same binary gives the same bill.
package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func main() {
	for _, binary := range os.Args[1:] {
		if err := write(binary); err != nil {
			fmt.Fprintln(os.Stderr, "sbom:", err)
			os.Exit(1)
		}
	}
}

func write(binary string) error {
	bom, err := read(binary)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return err
	}
	return os.WriteFile(binary+".cdx.json", out.Bytes(), 0o644)
}

// read makes the bill of a binary that the Go command has built.
func read(binary string) (*cdx.BOM, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	linked := []cdx.Component{component("stdlib", info.GoVersion, "")}
	for _, module := range info.Deps {
		for module.Replace != nil {
			module = module.Replace
		}
		linked = append(linked, component(module.Path, module.Version, module.Sum))
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: &cdx.Component{
		BOMRef: info.Path, Type: cdx.ComponentTypeApplication, Name: info.Path, Properties: settings(info.Settings),
		Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum[:])}},
	}}
	bom.Components = &linked
	refs := make([]string, len(linked))
	for i, c := range linked {
		refs[i] = c.BOMRef
	}
	bom.Dependencies = &[]cdx.Dependency{{Ref: info.Path, Dependencies: &refs}}
	return bom, nil
}

// component names a module as scanners do, by its package URL.
func component(path, version, sum string) cdx.Component {
	version = strings.TrimPrefix(version, "go") // the standard library's
	url := "pkg:golang/" + path + "@" + version
	c := cdx.Component{BOMRef: url, PackageURL: url, Type: cdx.ComponentTypeLibrary, Name: path, Version: version}
	if sum != "" {
		c.Properties = &[]cdx.Property{{Name: "go.sum", Value: sum}}
	}
	return c
}

// settings are how it was built.
func settings(all []debug.BuildSetting) *[]cdx.Property {
	var list []cdx.Property
	for _, s := range all {
		list = append(list, cdx.Property{Name: "build:" + s.Key, Value: s.Value})
	}
	return &list
}
