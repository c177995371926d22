package docscheck

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/stack"
	"helpcrunch-mark-read/local/stack/stacktest"
)

// caller is what the user of docs/first-mark.md has set: the stack's URL and temporary credentials.
func caller(s *stack.Stack) []string {
	return append(environment(s), "BASE_URL="+s.GatewayURL+"/v1", "AWS_SESSION_TOKEN=local", "CALLER_TOKEN="+stack.Token)
}

// withIAM starts a stack whose HTTP API lets nobody in but who signs.
func withIAM(t *testing.T) *stack.Stack {
	t.Helper()
	return stacktest.Start(t, stack.Options{NoMapping: true, IAM: true})
}

// isMarked checks that the one chat that all snippets mark is read by its agent.
func isMarked(t *testing.T, s *stack.Stack, says string) {
	t.Helper()
	if chat, _ := s.Simulator.Chat(5208); !chat.ReadByAgent {
		t.Errorf("the chat is not marked: %s", says)
	}
}

// signsWithCurl runs a block whose credentials come from the AWS CLI; here they are in the environment already.
func signsWithCurl(t *testing.T, b block) {
	needs(t, "curl", "--aws-sigv4", "", "--version")
	s, dir := withIAM(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	isMarked(t, s, succeeds(t, append(caller(s), "PATH="+dir+":"+os.Getenv("PATH")), "", "sh", "-c", b.text))
}

func signsWithGo(t *testing.T, b block) {
	s := withIAM(t)
	isMarked(t, s, succeeds(t, caller(s), "", "go", "run", goFile(t, b)))
}

func signsWithPython(t *testing.T, b block) {
	needs(t, "python3", "-c", "import boto3")
	s := withIAM(t)
	isMarked(t, s, succeeds(t, caller(s), "", "python3", "-c", b.text))
}

// callsWithToken runs a block as it stands, and holds that without its token it marks nothing.
func callsWithToken(t *testing.T, b block) {
	needs(t, "curl", "--version")
	s := stacktest.Start(t, stack.Options{NoMapping: true})
	refused := succeeds(t, caller(s), "", "sh", "-c", strings.Replace(b.text, "$CALLER_TOKEN", "another-token-of-16", 1))
	if chat, _ := s.Simulator.Chat(5208); chat.ReadByAgent || !strings.Contains(refused, `"unauthorized"`) {
		t.Errorf("a token that is not known: %s", refused)
	}
	isMarked(t, s, succeeds(t, caller(s), "", "sh", "-c", b.text))
}

// triesUnread runs the two calls of HelpCrunch's own API against the simulator, and finds the flag that each asks for.
func triesUnread(t *testing.T, b block) {
	needs(t, "curl", "--version")
	s := stacktest.Start(t, stack.Options{NoMapping: true})
	says := succeeds(t, append(clean(), "HELPCRUNCH_API_KEY="+stack.FirstKey), "", "sh", "-c", strings.ReplaceAll(b.text, "https://api.helpcrunch.com", s.HelpCrunchURL))
	unread, read := strings.Index(says, `"readByAgent":false`), strings.LastIndex(says, `"readByAgent":true`)
	if unread < 0 || read < unread {
		t.Errorf("answered %s", says)
	}
	isMarked(t, s, says)
}
