package stack_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/stack"
	"helpcrunch-mark-read/local/stack/stacktest"
)

// request goes through the HTTP front as a client's would.
func (s *harness) request(t *testing.T, body string, headers ...string) (status int, header http.Header, answer []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.GatewayURL+"/v1/chats/readByAgent", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+stack.Token)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	checkPrivacy(t, []string{stack.FirstKey, "local-helpcrunch-key-2", stack.Token}, string(answer)) // people and words are the caller's own
	return response.StatusCode, response.Header, answer
}

func (s *harness) fault(t *testing.T, f simulator.Fault) {
	t.Helper()
	if err := s.Simulator.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

const goodMark = `{"id": 5208, "read": true}`

func TestABodyIsPassedOnByteForByte(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoMapping: true})
	for _, tc := range []struct{ name, body string }{
		{"unknown fields and their order", `{"zeta":1,"id":5208,"alpha":{"b":[],"a":null},"readByAgent":true}`},
		{"numbers beyond float64", `{"id":9223372036854775807,"big":123456789012345678901234567890.10,"e":1E400}`},
		{"escapes", `{"a":"\u00e9\/\u2028\ud83d\ude00\n","b":"<script>&amp;","c":"\u0000"}`},
		{"characters", "{\"a\":\"\u00e9 \u2028 \U0001F600\"}"},
		{"white space and a line break at the end", " {\r\n\t\"id\" : 5208 }\n"},
		{"invalid UTF-8", "{\"a\":\"\xff\xfe\"}"},
		{"not JSON", `{"readByCustomer": true.}`},
		{"nothing", ""},
		{"1 MiB that grows when it is escaped", `{"a":"` + strings.Repeat("<", 1<<20-8) + `"}`},
		{"1 MiB of line breaks", "{" + strings.Repeat("\n", 1<<20-2) + "}"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s.fault(t, simulator.Fault{Kind: simulator.Answer, Status: 200, Body: tc.body, Times: 1})
			status, header, answer := s.request(t, goodMark)
			if status != 200 || !bytes.Equal(answer, []byte(tc.body)) {
				t.Errorf("answer = %d with %d bytes, want 200 with %d: %.200q", status, len(answer), len(tc.body), answer)
			}
			if header.Get("Content-Type") != "application/json" {
				t.Errorf("content type = %q", header.Get("Content-Type"))
			}
		})
	}
}

func TestMemoryIsBounded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the peak of a process's memory is read from /proc")
	}
	t.Parallel()
	s := start(t, stack.Options{})
	page := "<html>" + strings.Repeat("x", 40<<20)
	for _, fault := range []simulator.Fault{
		{Kind: simulator.Endless}, {Kind: simulator.GzipBomb, Size: 1 << 30}, {Kind: simulator.Endless, Status: 404},
		{Kind: simulator.Answer, Status: 404, Body: page}, {Kind: simulator.Answer, Status: 200, Body: page},
		{Kind: simulator.Answer, Status: 400, Body: `{"errors":[` + strings.Repeat(`{"code":"x","message":"y"},`, 40_000) + `{"code":"x"}]}`},
		{Kind: simulator.Answer, Status: 404, Body: strings.Repeat("[", 1<<20)},
	} {
		fault.Times = 10
		s.fault(t, fault)
		for range fault.Times {
			s.request(t, goodMark)
		}
	}
	for _, pid := range s.HTTP.Processes() {
		status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(status), "VmHWM:")
		kib, err := strconv.Atoi(strings.Fields(rest)[0])
		t.Logf("peak memory: %d KiB", kib)
		if err != nil || kib > 64<<10 {
			t.Errorf("peak memory is %d KiB (%v), want 64 MiB at most", kib, err)
		}
	}
}

func TestARotatedKeyLosesNoRequest(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoMapping: true})
	for i, key := range []string{"local-helpcrunch-key-2", stack.FirstKey, "local-helpcrunch-key-2"} {
		s.request(t, goodMark)
		if err := s.RotateKey(key); err != nil {
			t.Fatal(err)
		}
		if status, _, answer := s.request(t, goodMark); i == 0 && status != 200 {
			t.Errorf("after a rotation: %d %s", status, answer)
		}
	}
}

func TestARejectedKeyIsRemembered(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoMapping: true})
	s.fault(t, simulator.Fault{Kind: simulator.Unauthorized})
	for range 10 {
		if status, _, _ := s.request(t, goodMark); status != 502 {
			t.Errorf("status = %d, want 502", status)
		}
	}
	if calls := s.Simulator.Counts().Requests; calls != 1 {
		t.Errorf("HelpCrunch was called %d times with a key that it rejects, want once", calls)
	}
	if reads := s.Secrets.Calls()["GetSecretValue"]; reads != 3 {
		t.Errorf("the secrets were read %d times, want the tokens once and the key twice", reads)
	}
}

func TestHowOftenHelpCrunchIsCalled(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoMapping: true})
	for _, tc := range []struct {
		name    string
		fault   simulator.Kind
		times   int
		status  int
		calls   int
		another int // calls that a second request at once adds
	}{
		{"503 once", simulator.Unavailable, 1, 200, 2, 1},
		{"502 twice", simulator.BadGateway, 2, 502, 2, 1},
		{"504 once", simulator.GatewayTimeout, 1, 200, 2, 1},
		{"500 once", simulator.InternalError, 1, 502, 1, 1},
		{"429 once: remembered", simulator.TooManyRequests, 1, 429, 1, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s.reset(t, simulator.Fault{Kind: tc.fault, Times: tc.times}, nil, "")
			if status, _, _ := s.request(t, goodMark); status != tc.status {
				t.Errorf("status = %d, want %d", status, tc.status)
			}
			first := s.Simulator.Counts().Requests
			s.request(t, goodMark)
			if second := s.Simulator.Counts().Requests - first; first != tc.calls || second != tc.another {
				t.Errorf("%d calls and then %d, want %d and %d", first, second, tc.calls, tc.another)
			}
		})
	}
}

func TestPreferRespondAsyncGoesThroughTheQueue(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{})
	status, header, answer := s.request(t, `{"id": 5210, "read": true}`, "Prefer", "respond-async")
	if status != 202 || header.Get("Preference-Applied") != "respond-async" || !bytes.Contains(answer, []byte(`"messageId"`)) {
		t.Errorf("answer = %d %v %s", status, header, answer)
	}
	deadline := time.After(20 * time.Second)
	for {
		changed := s.Simulator.Changed()
		if chat, _ := s.Simulator.Chat(5210); chat.ReadByAgent {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatal("the mark never came to HelpCrunch")
		}
	}
}

func TestAWrongEnvironmentStopsTheStart(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		function    string
		environment []string
		named       []string
	}{
		{"http", nil, []string{"HELPCRUNCH_SECRET_ID", "MARKS_QUEUE_URL"}},
		{"queue", []string{"HELPCRUNCH_BASE_URL=ftp://x", "HELPCRUNCH_KEY_TTL=5", "REQUESTS_PER_MINUTE=0", "MAXIMUM_CONCURRENCY=two", "RETRY_WINDOW=97h"},
			[]string{"HELPCRUNCH_SECRET_ID", "MARKS_QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "HELPCRUNCH_BASE_URL", "HELPCRUNCH_KEY_TTL", "REQUESTS_PER_MINUTE", "MAXIMUM_CONCURRENCY", "RETRY_WINDOW"}},
	} {
		t.Run(tc.function, func(t *testing.T) {
			command := exec.CommandContext(t.Context(), filepath.Join(stacktest.Binaries, tc.function, "bootstrap"))
			command.Env = append(tc.environment, "AWS_REGION=eu-central-1")
			output, err := command.CombinedOutput()
			if err == nil {
				t.Error("the function started")
			}
			lines := strings.Split(strings.TrimSpace(string(output)), "\n")
			if len(lines) != 1 {
				t.Errorf("%d lines, want one: %s", len(lines), output)
			}
			for _, name := range tc.named {
				if !strings.Contains(lines[0], name) {
					t.Errorf("%s is not named in %s", name, lines[0])
				}
			}
		})
	}
}
