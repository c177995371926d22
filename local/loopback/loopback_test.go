package loopback_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/local/loopback"
)

func client(h http.HandlerFunc) *http.Client {
	return &http.Client{Transport: loopback.Transport(h)}
}

func TestRequestAndAnswerPassWhole(t *testing.T) {
	c := client(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Method+" "+r.Host+" "+r.RequestURI+" "+string(body))
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("X-Late", "headers are sent by now")
		io.WriteString(w, "short and stout")
	})
	resp, err := c.Post("http://anywhere.test/a/b?c=d", "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if got, want := resp.Header.Get("X-Seen"), "POST anywhere.test /a/b?c=d hello"; got != want {
		t.Errorf("the handler saw %q, want %q", got, want)
	}
	if resp.StatusCode != http.StatusTeapot || string(body) != "short and stout" || resp.Header.Get("X-Late") != "" {
		t.Errorf("got %d %q %v", resp.StatusCode, body, resp.Header)
	}
}

func TestAnswerWithoutStatusIsOK(t *testing.T) {
	resp, err := client(func(http.ResponseWriter, *http.Request) {}).Get("http://anywhere.test")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("got %v, %v", resp, err)
	}
}

func TestContextEndsAWaitingCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := make(chan error, 1)
		c := client(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			seen <- r.Context().Err()
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://anywhere.test", nil)
		start := time.Now()
		_, err := c.Do(r)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Hour {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if err := <-seen; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the handler saw %v", err)
		}
	})
}

func TestPanicIsABrokenCall(t *testing.T) {
	resp, err := client(func(http.ResponseWriter, *http.Request) { panic("boom") }).Get("http://anywhere.test")
	if err == nil || !strings.Contains(err.Error(), "boom") {
		t.Fatalf("got %v, %v", resp, err)
	}
}
