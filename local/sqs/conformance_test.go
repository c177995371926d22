package sqs_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/local/sqs"
)

// oracleVariable names the endpoint of a second SQS, which the table then runs against too:
//
//	moto_server -p 5000 &
//	SQS_CONFORMANCE_ENDPOINT=http://127.0.0.1:5000 go test -run Conformance ./local/sqs
const oracleVariable = "SQS_CONFORMANCE_ENDPOINT"

// conformanceCase says what AWS does. The sources are the SQS API reference and developer guide and,
// where those are silent, answers that others recorded from AWS (LocalStack's snapshot tests).
type conformanceCase struct {
	name string
	// moto says how moto_server 5.2.1 differs from AWS here. The oracle must then fail the case,
	// so that a fixed moto shows.
	moto string
	// slow cases need minutes or hours: they run on simulated time only, not against the oracle.
	slow bool
	run  func(*probe)
}

// conformanceTable is the whole of what this SQS promises to share with AWS's.
func conformanceTable() []conformanceCase {
	return slices.Concat(
		queueCases(),
		attributeCases(),
		sendCases(),
		contentCases(),
		receiveCases(),
		visibilityCases(),
		batchCases(),
		fifoCases(),
		fifoOrderCases(),
		deduplicationCases(),
		redriveCases(),
	)
}

func TestConformance(t *testing.T) {
	for _, c := range conformanceTable() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &probe{client: clientOf(sqs.New(sqs.Options{})), ctx: t.Context(), prefix: "case"}
				if err := p.try(c.run); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestConformanceOfOracle(t *testing.T) {
	endpoint := os.Getenv(oracleVariable)
	if endpoint == "" {
		t.Skip("set " + oracleVariable + " to run the table against a second SQS")
	}
	for i, c := range conformanceTable() {
		t.Run(c.name, func(t *testing.T) {
			if c.slow {
				t.Skip("it would take minutes")
			}
			t.Parallel() // the cases share no queue, and some wait for a second
			prefix := fmt.Sprintf("case-%d-%d", time.Now().UnixNano(), i)
			p := &probe{client: newClient(endpoint, http.DefaultClient), ctx: t.Context(), prefix: prefix}
			err := p.try(c.run)
			switch {
			case c.moto == "" && err != nil:
				t.Error(err)
			case c.moto != "" && err == nil:
				t.Errorf("the oracle no longer deviates (%s): drop the note", c.moto)
			case err != nil:
				t.Logf("known deviation: %s: %v", c.moto, err)
			}
		})
	}
}

func TestConformanceCasesHaveTheirOwnNames(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range conformanceTable() {
		if seen[c.name] {
			t.Errorf("two cases are called %q", c.name)
		}
		seen[c.name] = true
	}
}
