package boot_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"helpcrunch-mark-read/shared/boot"
)

// FuzzConfig holds that an environment is refused in one line, or makes a configuration within its bounds: one whose base
// URL leads to the host it names and to no other.
func FuzzConfig(f *testing.F) {
	const queue, dead = "https://sqs.test/1/marks.fifo", "https://sqs.test/1/dead.fifo"
	f.Add("helpcrunch/key", "https://api.helpcrunch.com/v1/", "5m", queue, dead, "100", "2", "24h", "tokens", "true")
	for _, s := range []string{
		"", " ", "x\ny", "\xff", "https://a:PRIVATE@x", "https://x/%2e%2e", "https://x\\@y", "https://[::1%25eth0]:443", "https://x:99999", "http:x", "//x", "https://x/\u0085",
		"https://x#y", "https://x/?", "https://\u0130", "1e9", "-1", "0x10", "9223372036854775808", "1ns", "2562048h", "NaN", "+5", "1_000", "arn:aws:secretsmanager:eu-west-1:1:secret:x-AbCdEf",
	} {
		f.Add(s, s, s, s, s, s, s, s, s, s)
		f.Add("id", s, s, queue, dead, s, s, s, "", "")
	}
	f.Fuzz(func(t *testing.T, id, base, ttl, marks, dead, perMinute, concurrency, window, tokens, restore string) {
		getenv := environment("HELPCRUNCH_SECRET_ID", id, "HELPCRUNCH_BASE_URL", base, "HELPCRUNCH_KEY_TTL", ttl, "MARKS_QUEUE_URL", marks, "DEAD_LETTER_QUEUE_URL", dead,
			"REQUESTS_PER_MINUTE", perMinute, "MAXIMUM_CONCURRENCY", concurrency, "RETRY_WINDOW", window, "CALLER_TOKEN_SECRET_ID", tokens, "RESTORE_UNREAD", restore)
		h, err := boot.ReadHTTPConfig(getenv)
		if refused(t, err); err == nil && (!checkCommon(t, h.Common) || h.TokenSecret == h.SecretID) {
			t.Errorf("configuration %+v", h)
		}
		q, err := boot.ReadQueueConfig(getenv)
		if refused(t, err); err == nil && (!checkCommon(t, q.Common) || q.RetryWindow <= 0 || q.RetryWindow > 96*time.Hour || q.RequestsPerMinute < 1 || q.MaximumConcurrency < 1 || q.MarksQueue == q.DeadLetterQueue) {
			t.Errorf("configuration %+v", q)
		}
	})
}

// refused holds that an error has one line.
func refused(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.ContainsAny(err.Error(), "\r\n\u0085\u2028") {
		t.Errorf("the fault has more than one line: %q", err)
	}
}

func checkCommon(t *testing.T, c boot.Common) bool {
	t.Helper()
	checkURL(t, c.BaseURL)
	return c.SecretID != "" && c.KeyTTL > 0 && c.KeyTTL <= 24*time.Hour && c.MarksQueue != ""
}

// checkURL holds that a call below the base URL can be made, and goes where the URL says.
func checkURL(t *testing.T, base string) {
	t.Helper()
	said, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, base+"/chats/readByAgent", nil)
	if err != nil {
		t.Fatalf("%q was let through and cannot be called: %v", base, err)
	}
	u := request.URL
	if u.Host != strings.TrimSuffix(said.Host, ":") || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !strings.HasSuffix(u.Path, "/chats/readByAgent") {
		t.Errorf("%q leads to %+v", base, u)
	}
	var wire strings.Builder
	if err := request.Write(&wire); err != nil || !strings.HasSuffix(strings.SplitN(wire.String(), "\r\n", 2)[0], "/chats/readByAgent HTTP/1.1") {
		t.Errorf("%q is sent as %q, %v", base, wire.String(), err)
	}
}
