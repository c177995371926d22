package docscheck

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/mark"
)

// checked says of each fenced block of the documents how it is held to the truth: by a run, or why it is not run. A block that
// is not here fails the test, as does a row without a block.
var checked = []struct {
	document, begins string // with which the block's first line begins
	run              func(*testing.T, block)
	reason           string // why it is not run
}{
	{document: "README.md", begins: "make run", run: starts},
	{document: "README.md", begins: "curl -fsSLO \"https", reason: "deploy/test_install.py runs it on a release"},
	{document: "README.md", begins: "curl -fsSLO https", run: hasSuchCommands, reason: "it needs a published release and a deployed stack"},
	{document: "README.md", begins: "functions/http, functions/queue", run: pathsExist},
	{document: "docs/first-mark.md", begins: "export OPS_STACK", run: hasSuchCommands, reason: "it needs a deployed stack"},
	{document: "docs/first-mark.md", begins: "ops mark", run: hasSuchCommands, reason: "it needs a deployed stack"},
	{document: "docs/first-mark.md", begins: "Request ", reason: "what ops mark prints"},
	{document: "docs/first-mark.md", begins: "BASE_URL=$(aws", reason: "it needs an AWS account"},
	{document: "docs/first-mark.md", begins: "aws iam", reason: "it needs an AWS account"},
	{document: "docs/first-mark.md", begins: "eval ", run: signsWithCurl},
	{document: "docs/first-mark.md", begins: "package main", run: signsWithGo},
	{document: "docs/first-mark.md", begins: "import os", run: signsWithPython},
	{document: "docs/first-mark.md", begins: "make deploy PARAMETERS=\"Authorization=TOKEN", reason: "it needs an AWS account"},
	{document: "docs/first-mark.md", begins: "curl -X PUT", run: callsWithToken},
	{document: "docs/first-mark.md", begins: "make deploy PARAMETERS=\"Authorization=JWT", reason: "it needs an AWS account"},
	{document: "docs/first-mark.md", begins: "curl -X PUT", reason: "the local gateway has no JWT authorizer; but for the variable it is the block above"},
	{document: "docs/producers.md", begins: `{"id": 5208`, run: readsAsAMark},
	{document: "docs/producers.md", begins: `{"id": 5208`, run: readsAsAMark},
	{document: "docs/producers.md", begins: "MARKS_QUEUE_URL=$(aws cloudformation", reason: "it needs an AWS account"},
	{document: "docs/producers.md", begins: "aws sqs send-message", run: sendsWithCLI},
	{document: "docs/producers.md", begins: "export AWS_ENDPOINT_URL", run: sendsWithCLILocally},
	{document: "docs/producers.md", begins: "package main", run: sendsWithGo},
	{document: "docs/producers.md", begins: "import json", run: sendsWithPython},
	{document: "docs/architecture.md", begins: "flowchart", reason: "a diagram"},
	{document: "docs/architecture.md", begins: "stateDiagram-v2", reason: "a diagram"},
	{document: "docs/observability.md", begins: "filter message = \"attempt\"", reason: "it needs CloudWatch; TestAttemptFields has the fields"},
	{document: "docs/observability.md", begins: "filter chatId", reason: "it needs CloudWatch; TestAttemptFields has the fields"},
	{document: "docs/observability.md", begins: "filter message = \"attempt\" and", reason: "it needs CloudWatch; TestAttemptFields has the fields"},
	{document: "docs/observability.md", begins: "filter traceId", reason: "it needs CloudWatch; TestAttemptFields has the fields"},
	{document: "docs/operations.md", begins: "export AWS_PROFILE", run: hasSuchCommands, reason: "it needs a deployed stack"},
	{document: "docs/operations.md", begins: "curl -X PUT", run: triesUnread},
	{document: "events/README.md", begins: "aws lambda invoke", run: eventsExist, reason: "it needs a deployed stack"},
	{document: "events/README.md", begins: "sam build", run: eventsExist, reason: "it needs Docker"},
}

// TestBlocks runs the documents' blocks.
func TestBlocks(t *testing.T) {
	t.Parallel()
	used := make([]bool, len(checked))
	for _, b := range blocksOf(t) {
		row := -1
		for i, c := range checked {
			if c.document == b.document && strings.HasPrefix(strings.TrimSpace(b.firstLine()), c.begins) && !used[i] {
				row = i
				break
			}
		}
		if row < 0 {
			t.Errorf("%s: the block that begins with %q is not checked", b.document, b.firstLine())
			continue
		}
		used[row] = true
		t.Run(b.document+"/"+checked[row].begins, func(t *testing.T) {
			t.Parallel()
			if b.language == "sh" {
				isShell(t, b)
			}
			if checked[row].run != nil {
				checked[row].run(t, b)
			}
		})
	}
	for i, c := range checked {
		if !used[i] {
			t.Errorf("%s has no block that begins with %q", c.document, c.begins)
		}
		if c.run == nil && c.reason == "" {
			t.Errorf("%s, %q: neither run nor a reason", c.document, c.begins)
		}
	}
}

// isShell checks what is to be pasted into a shell. A comment is none in zsh, which is interactive there.
func isShell(t *testing.T, b block) {
	t.Helper()
	if regexp.MustCompile(`(?m)(^|\s)#`).MatchString(b.text) {
		t.Error("it has a comment, which zsh takes for an argument")
	}
	if output, err := exec.CommandContext(t.Context(), "sh", "-n", "-c", b.text).CombinedOutput(); err != nil {
		t.Errorf("the shell does not read it: %v %s", err, output)
	}
}

func readsAsAMark(t *testing.T, b block) {
	if _, err := mark.ReadMessage([]byte(b.text)); err != nil {
		t.Error(err)
	}
}

// pathsExist checks a layout: paths with commas between, and after two spaces what they are.
func pathsExist(t *testing.T, b block) {
	for line := range strings.SplitSeq(b.text, "\n") {
		paths, _, _ := strings.Cut(line, "  ")
		for path := range strings.SplitSeq(paths, ", ") {
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("the layout has %s: %v", path, err)
			}
		}
	}
}

func eventsExist(t *testing.T, b block) {
	names := regexp.MustCompile(`events/[a-z-]+\.json`).FindAllString(b.text, -1)
	if len(names) == 0 {
		t.Error("no event is named")
	}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Error(err)
		}
	}
}

// hasSuchCommands asks the operator's command for the help of each call in the block, which must have the call's flags.
func hasSuchCommands(t *testing.T, b block) {
	ops := filepath.Join(t.TempDir(), "ops")
	succeeds(t, clean(), "", "go", "build", "-o", ops, "./ops")
	calls := regexp.MustCompile(`(?m)^(?:\./)?ops ([^#\n]+)`).FindAllStringSubmatch(b.text, -1)
	if len(calls) == 0 {
		t.Error("it calls nothing")
	}
	for _, call := range calls {
		command, flags, _ := strings.Cut(strings.TrimSpace(call[1]), " -")
		help := succeeds(t, clean(), "", ops, append(strings.Fields(command), "--help")...)
		for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(" -"+flags, -1) {
			if !regexp.MustCompile(flag + `\b`).MatchString(help) {
				t.Errorf("ops %s has no flag %s", command, flag)
			}
		}
	}
}
