package account

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"helpcrunch-mark-read/local/lambda"
)

func TestABrokenPromiseIsReportedAndCounted(t *testing.T) {
	var out bytes.Buffer
	a := New(&out, time.Minute)
	a.Log(lambda.Line{Function: "http", Text: `{"message":"attempt"}`})
	if a.Err() != nil || out.Len() > 0 {
		t.Errorf("%v, reported %q", a.Err(), out.String())
	}
	a.Log(lambda.Line{Function: "http", Text: "the customer's address is zoe@example.com"})
	a.Broken("%d calls", 7)
	if err := a.Err(); err == nil || !strings.Contains(err.Error(), "2 times") || !strings.Contains(out.String(), "7 calls") {
		t.Errorf("%v, reported %q", err, out.String())
	}
}
