package main

import (
	"bytes"
	"errors"
	"flag"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/page"
	"helpcrunch-mark-read/local/stack"
)

func TestTakenAddressesAreAllNamed(t *testing.T) {
	var args []string
	for _, name := range []string{"-gateway", "-aws", "-helpcrunch", "-page"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		args = append(args, name, listener.Addr().String())
	}
	s, err := readSettings(args)
	if err != nil {
		t.Fatal(err)
	}
	err = s.free()
	for i, arg := range args {
		if err == nil || !strings.Contains(err.Error(), arg) {
			t.Errorf("argument %d, %s, is not named in %v", i, arg, err)
		}
	}
	s.Gateway, s.AWS, s.HelpCrunch, s.page = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	if err := s.free(); err != nil {
		t.Errorf("free addresses: %v", err)
	}
}

func TestFlags(t *testing.T) {
	s, err := readSettings([]string{"-limit", "-1", "-retry-window", "10s", "-restore-unread"})
	if err != nil || s.AccountLimit != -1 || s.Environment["RETRY_WINDOW"] != "10s" || s.Environment["RESTORE_UNREAD"] != "true" {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := readSettings(nil); err != nil || s.Environment["RESTORE_UNREAD"] != "false" {
		t.Errorf("%+v, %v", s, err)
	}
	for _, tc := range []struct {
		name string
		args []string
		want error
	}{
		{"help", []string{"-h"}, flag.ErrHelp}, {"unknown", []string{"-nothing"}, errUsage}, {"an argument", []string{"now"}, errUsage},
	} {
		if _, err := readSettings(tc.args); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestWhatToPaste(t *testing.T) {
	usual := &stack.Stack{
		GatewayURL: "http://" + defaultGateway, AWSURL: "http://" + defaultAWS, HelpCrunchURL: "http://" + defaultHelpCrunch,
		QueueURL: "http://127.0.0.1:4566/000000000000/marks.fifo", DeadURL: "http://127.0.0.1:4566/000000000000/marks-dead.fifo",
	}
	moved := *usual
	moved.AWSURL, moved.HelpCrunchURL = "http://127.0.0.1:1", "http://127.0.0.1:2"
	for _, tc := range []struct {
		name  string
		where urls
		flags string
		holds string
	}{
		{"usual addresses", urls{Stack: usual, Page: "http://127.0.0.1:8088"}, "--local", "http://127.0.0.1:8088/help"},
		{"other addresses", urls{Stack: &moved, Page: "http://127.0.0.1:3"}, "--local --endpoint-url http://127.0.0.1:1 --base-url http://127.0.0.1:2/v1", "http://127.0.0.1:2/_sim/faults"},
		{"the real HelpCrunch", urls{Stack: usual, Real: "https://api.helpcrunch.com/v1"}, "--local --base-url https://api.helpcrunch.com/v1", "marks are made in your account"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := tc.where.help()
			if got := tc.where.OpsFlags(); got != tc.flags || !strings.Contains(text, "dead list "+tc.flags+"\n") || !strings.Contains(text, tc.holds) {
				t.Errorf("flags %q, want %q and %q in\n%s", got, tc.flags, tc.holds, text)
			}
			if strings.ContainsAny(strings.ReplaceAll(text, "$env:NAME", ""), "$") || strings.Contains(text, "<no value>") {
				t.Errorf("needs a shell's variable, or has a gap:\n%s", text)
			}
		})
	}
}

func TestHelpAsksTheLivePage(t *testing.T) {
	p := page.New(page.Options{Stack: &stack.Stack{}, Help: func() string { return "what to paste" }})
	server := httptest.NewServer(p)
	defer server.Close()
	var out bytes.Buffer
	if err := help(t.Context(), &out, []string{"-page", server.Listener.Addr().String()}); err != nil || out.String() != "what to paste" {
		t.Errorf("%q, %v", out.String(), err)
	}
	server.Close()
	if err := help(t.Context(), &out, []string{"-page", server.Listener.Addr().String()}); err == nil || !strings.Contains(err.Error(), "make run") {
		t.Errorf("without a page: %v", err)
	}
	if err := simulate(t.Context(), &out, []string{"-tls-cert", "x"}); err == nil || !strings.Contains(err.Error(), "go together") {
		t.Errorf("half of a certificate: %v", err)
	}
}

// TestHelpForTheRealHelpCrunch offers nothing that breaks the simulator, and no chat that may be somebody's.
func TestHelpForTheRealHelpCrunch(t *testing.T) {
	u := urls{Stack: &stack.Stack{GatewayURL: "http://127.0.0.1:8081"}, Real: "https://api.helpcrunch.com/v1"}
	got := u.help()
	for _, no := range []string{"Break HelpCrunch", "_sim", "5208", "77", "my-second-key"} {
		if strings.Contains(got, no) {
			t.Errorf("it says %q:\n%s", no, got)
		}
	}
	if !strings.Contains(got, "go run ./ops mark ID --read --local") || !strings.Contains(got, "--api-url http://127.0.0.1:8081/v1") {
		t.Errorf("no line of ops mark for this address:\n%s", got)
	}
}
