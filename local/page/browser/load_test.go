//go:build browser

package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/stack"
)

// TestFiftyMarksASecond lets HelpCrunch get marks at that rate and looks at how far the page is behind it.
func TestFiftyMarksASecond(t *testing.T) {
	s, url := startStack(t)
	if err := s.Simulator.SetLimit(simulator.Unlimited); err != nil {
		t.Fatal(err)
	}
	b := open(t, url)
	const marks, perSecond = 200, 50
	pace := time.NewTicker(time.Second / perSecond)
	defer pace.Stop()
	started := time.Now()
	for i := range marks {
		<-pace.C
		put(t, s, 5208+i%12, i%3 == 0)
	}
	last := time.Now()
	b.checkFigures(s)
	behind := time.Since(last)
	t.Logf("%d marks in %v, and the page is behind by %v at most", marks, last.Sub(started), behind)
	if behind > 2*time.Second {
		t.Errorf("the page is behind by %v", behind)
	}
}

// put makes a mark at the simulator, past both functions.
func put(t *testing.T, s *stack.Stack, chat int, read bool) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.HelpCrunchURL+"/v1/chats/readByCustomer",
		strings.NewReader(fmt.Sprintf(`{"id": %d, "read": %t}`, chat, read)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+stack.FirstKey)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("status %d", answer.StatusCode)
	}
}
