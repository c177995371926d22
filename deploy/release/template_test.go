package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	goodRoot = `
Resources:
  HttpFunction: {Type: AWS::Serverless::Function, Properties: {Handler: bootstrap}}
  Watch:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: deploy/monitoring.yaml, Parameters: {Name: !Ref HttpFunction, Window: 60, Topic: !If [Own, !Ref Own, none]}}
Outputs:
  Dashboard: {Value: !Sub "https://${Watch.Outputs.Dashboard}"}
`
	goodNested = `
Resources:
  Dashboard: {Type: AWS::CloudWatch::Dashboard, Properties: {DashboardBody: !Sub "${Name} ${Window} ${AWS::Region}", Topic: !Ref Topic}}
Outputs:
  Dashboard: {Value: !Ref Dashboard}
`
)

// pack makes the flat template or the two out of these, and returns what is in the folder.
func pack(t *testing.T, command, root, nested string) (files map[string]string, err error) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{"template.yaml": root, "deploy/monitoring.yaml": nested} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("out", 0o700); err != nil {
		t.Fatal(err)
	}
	err = run([]string{command, "out"})
	files = map[string]string{}
	names, _ := filepath.Glob("out/*")
	for _, name := range names {
		content, _ := os.ReadFile(name)
		files[filepath.Base(name)] = string(content)
	}
	return files, err
}

func TestValuesStandInTheTextsOfTheFlatTemplate(t *testing.T) {
	files, err := pack(t, "flat", goodRoot, goodNested)
	flat := files["template.yaml"]
	for _, want := range []string{`"${HttpFunction} 60 ${AWS::Region}"`, `"https://${Dashboard}"`, "Topic: !If [Own, !Ref Own, none]", "Key: INSTALL_KEY/http.zip"} {
		if err != nil || !strings.Contains(flat, want) || len(files) != 1 {
			t.Errorf("%v: %s is not in\n%s", err, want, flat)
		}
	}
}

// A mistake in a template ends the release with a sentence.
func TestMistakesInATemplate(t *testing.T) {
	function := strings.Replace(goodRoot, "Resources:", "Resources:\n  Third: {Type: AWS::Serverless::Function}", 1)
	second := strings.Replace(goodRoot, "Resources:", "Resources:\n  More: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: deploy/more.yaml}}", 1)
	for name, tc := range map[string]struct{ command, root, nested, want string }{
		"a function without code":                {"templates", function, goodNested, "template.yaml: there is no code for the function Third"},
		"a second stack":                         {"templates", second, goodNested, `template.yaml: the stack More is of "deploy/more.yaml"`},
		"no stack":                               {"flat", "Resources: {}", goodNested, "template.yaml: there is no stack of deploy/monitoring.yaml"},
		"an If in a text":                        {"flat", goodRoot, strings.ReplaceAll(goodNested, "${Window}", "${Topic}"), "deploy/monitoring.yaml: Dashboard: line 3: the value of ${Topic} can't stand in a text"},
		"a resource in both":                     {"flat", goodRoot, strings.Replace(goodNested, "  Dashboard:", "  HttpFunction:", 1), "both templates have HttpFunction among their Resources"},
		"an empty file":                          {"templates", goodRoot, "# nothing", "deploy/monitoring.yaml: it is no template"},
		"a list":                                 {"templates", "[a]", goodNested, "template.yaml: it is no template"},
		"not YAML":                               {"templates", "a: [", goodNested, "template.yaml: "},
		"two mappings that are merged in a list": {"flat", "A: &a {x: 1}\nB: {<<: [*a]}", goodNested, "template.yaml: line 2: only one mapping can be merged"},
		"an anchor in itself":                    {"flat", "A: &a {x: *a}", goodNested, "template.yaml: "},
		"resources that are a list":              {"flat", "Resources: [a]", goodNested, "template.yaml: line 1: Resources is no mapping"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := pack(t, tc.command, tc.root, tc.nested); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %s", err, tc.want)
			}
		})
	}
}
