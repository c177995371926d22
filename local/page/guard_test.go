package page

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	h := newHarness(t, "http://gateway.local")
	for _, tc := range []struct {
		name, method, host, path string
		header                   map[string]string
		status                   int
	}{
		{"the page itself", "GET", "127.0.0.1:8070", "/", nil, 200},
		{"by localhost", "GET", "localhost:8070", "/", nil, 200},
		{"by IPv6", "GET", "[::1]:8070", "/", nil, 200},
		{"by IPv6 without a port", "GET", "::1", "/", nil, 200},
		{"by a name that was rebound", "GET", "attacker.example:8070", "/stream", nil, 403},
		{"by a name that looks like one", "POST", "localhost.attacker.example", "/actions/revoke", nil, 403},
		{"an action by the page", "POST", "127.0.0.1:8070", "/actions/revoke", map[string]string{"Sec-Fetch-Site": "same-origin"}, 200},
		{"an action by curl", "POST", "127.0.0.1:8070", "/actions/revoke", nil, 200},
		{"an action by another site", "POST", "127.0.0.1:8070", "/actions/revoke", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"an action by another port", "POST", "127.0.0.1:8070", "/actions/revoke", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"an action by another origin, older browser", "POST", "127.0.0.1:8070", "/actions/revoke", map[string]string{"Origin": "http://attacker.example"}, 403},
		{"an action from nowhere", "POST", "127.0.0.1:8070", "/actions/revoke", map[string]string{"Origin": "null"}, 403},
		{"an action by GET", "GET", "127.0.0.1:8070", "/actions/revoke", nil, 404},
		{"a file that is not there", "GET", "127.0.0.1:8070", "/page.go", nil, 404},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(tc.method, "http://x"+tc.path, strings.NewReader("{}"))
			r.Host = tc.host
			for name, value := range tc.header {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			h.page.ServeHTTP(w, r)
			if w.Code != tc.status {
				t.Errorf("status = %d, want %d: %s", w.Code, tc.status, w.Body)
			}
			if !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("headers = %v, want a Content-Security-Policy", w.Header())
			}
		})
	}
}

// TestFilesFitTogether holds what no compiler does: the page names only files that are there, and has a switch for each
// condition and for nothing else.
func TestFilesFitTogether(t *testing.T) {
	h := newHarness(t, "http://gateway.local")
	get := func(path string) string {
		w := httptest.NewRecorder()
		h.page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil))
		if w.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, w.Code)
		}
		return w.Body.String()
	}
	html := get("/")
	if help := get("/help"); help != "what to paste" {
		t.Errorf("/help is %q", help)
	}
	for _, file := range matches(html, `(?:src|href)="([a-z.]+)"`) {
		for _, module := range matches(get("/"+file), `from '\./([a-z]+\.js)'`) {
			get("/" + module)
		}
	}
	want := slices.AppendSeq([]string{up}, maps.Keys(conditions))
	switches := matches(html, `name="condition" value="([^"]*)"`)
	slices.Sort(want)
	slices.Sort(switches)
	if !slices.Equal(switches, want) {
		t.Errorf("switches for %v, want %v", switches, want)
	}
	for _, name := range matches(html, `data-action="([^"]*)"`) {
		if actions[name] == nil {
			t.Errorf("a button does %q, which is not an action", name)
		}
	}
	for _, forbidden := range []string{"http://", "https://", "style=", "onclick", "<script>"} {
		if strings.Contains(html, forbidden) {
			t.Errorf("the page holds %q", forbidden)
		}
	}
}

func matches(text, pattern string) (list []string) {
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		list = append(list, match[1])
	}
	return list
}
