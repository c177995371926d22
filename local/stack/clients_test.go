package stack_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/stack"
)

// answered is HelpCrunch's answer, which every client must see unchanged.
const answered = `{"id":5208,"readByAgent":true,"customer":{"name":"Zoë <&>"}}`

const urllib = `
import os, sys, urllib.request
request = urllib.request.Request(os.environ["URL"], data=os.environ["BODY"].encode(), method="PUT",
    headers={"Authorization": "Bearer " + os.environ["TOKEN"], "Content-Type": "application/json"})
with urllib.request.urlopen(request) as answer:
    assert answer.status == 200, answer.status
    sys.stdout.buffer.write(answer.read())
`

const requests = `
import json, os, sys, requests
with requests.Session() as session:
    for _ in range(2):
        answer = session.put(os.environ["URL"], json=json.loads(os.environ["BODY"]), headers={"Authorization": "Bearer " + os.environ["TOKEN"]})
        assert answer.status_code == 200, answer.status_code
sys.stdout.buffer.write(answer.content)
`

const fetch = `
fetch(process.env.URL, {method: "PUT", body: process.env.BODY,
	headers: {Authorization: "Bearer " + process.env.TOKEN, "Content-Type": "application/json"}})
.then(async answer => {
	if (answer.status !== 200) throw new Error(answer.status)
	process.stdout.write(Buffer.from(await answer.arrayBuffer()))
})
`

// TestClientsAsTheyAre: what existing HelpCrunch clients are made with needs a new base URL and a token, and nothing else.
func TestClientsAsTheyAre(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoMapping: true})
	s.fault(t, simulator.Fault{Kind: simulator.Answer, Status: 200, Body: answered})
	curl := func(arguments ...string) func(*testing.T) []string {
		return func(t *testing.T) []string {
			return append([]string{find(t, "curl", "--version"), "-sS", "--fail", "-X", "PUT", s.GatewayURL + "/v1/chats/readByAgent", "-d", goodMark}, arguments...)
		}
	}
	authorization, asJSON := "Authorization: Bearer "+stack.Token, "Content-Type: application/json"
	for _, tc := range []struct {
		name    string
		command func(*testing.T) []string
	}{
		{"Python's urllib", func(t *testing.T) []string { return []string{find(t, "python3", "--version"), "-c", urllib} }},
		{"Python's requests", func(t *testing.T) []string {
			return []string{find(t, "python3", "-c", "import requests"), "-c", requests}
		}},
		{"Node's fetch", func(t *testing.T) []string { return []string{find(t, "node", "-e", "fetch"), "-e", fetch} }},
		{"curl", curl("-H", authorization, "-H", asJSON)},
		{"curl as PHP has it: it waits for 100 Continue", curl("-H", authorization, "-H", asJSON, "-H", "Expect: 100-continue")},
		{"curl that takes gzip", curl("-H", authorization, "-H", asJSON, "--compressed")},
		{"curl with HTTP/1.0", curl("-H", authorization, "-H", asJSON, "--http1.0")},
		{"a scheme in lower case", curl("-H", "authorization: bearer "+stack.Token, "-H", asJSON)},
		{"a charset", curl("-H", authorization, "-H", "Content-Type: application/json; charset=utf-8")},
		{"a form's content type, curl's own", curl("-H", authorization)},
		{"no content type", curl("-H", authorization, "-H", "Content-Type:")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			arguments := tc.command(t)
			command := exec.CommandContext(t.Context(), arguments[0], arguments[1:]...)
			command.Env = append(os.Environ(), "URL="+s.GatewayURL+"/v1/chats/readByAgent", "TOKEN="+stack.Token, "BODY="+goodMark)
			var complaint bytes.Buffer
			command.Stderr = &complaint
			if output, err := command.Output(); err != nil || string(output) != answered {
				t.Errorf("%v: %s\n%s", err, output, &complaint)
			}
		})
	}
	t.Run("Go, with a body of unknown length", func(t *testing.T) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.GatewayURL+"/v1/chats/readByAgent", io.MultiReader(strings.NewReader(goodMark)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+stack.Token)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 200 || string(body) != answered {
			t.Errorf("%d %s %v", response.StatusCode, body, err)
		}
	})
}

// find returns a program that runs with these arguments: of the project's own virtual environments, or of the machine's.
func find(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	candidates, _ := filepath.Glob("../../.venv/*/bin/" + program)
	for _, candidate := range append(candidates, program) {
		if exec.CommandContext(t.Context(), candidate, arguments...).Run() == nil {
			return candidate
		}
	}
	t.Skipf("this machine has no %s that runs with %q", program, arguments)
	return ""
}
