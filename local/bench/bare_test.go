package bench

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"
)

// bareCall is what one PUT to HelpCrunch allocates when nothing is done but what net/http needs for it: a request with a
// deadline, two headers, and its answer read.
func bareCall(t testing.TB) float64 {
	t.Helper()
	url := startUpstream(t, helpCrunch())
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	body := []byte(`{"id": 5208, "read": true}`)
	return testing.AllocsPerRun(300, func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodPut, url+"/v1/chats/readByAgent", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header["Authorization"] = []string{"Bearer key"}
		request.Header["Content-Type"] = []string{"application/json"}
		answer, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
	})
}
