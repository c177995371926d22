package bench

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

// BenchmarkHTTPMark measures one HTTP mark, from the Runtime API to the Runtime API with HelpCrunch's answer in between,
// beside the smallest function with the same event.
func BenchmarkHTTPMark(b *testing.B) {
	f := startFunctions(b)
	compare(b, f.http, f.smallestHTTP, httpEvent, `"statusCode":200`, 1)
}

// BenchmarkBatch measures a batch of ten messages beside the smallest function with the same event.
func BenchmarkBatch(b *testing.B) {
	f := startFunctions(b)
	for _, tc := range []struct {
		name  string
		chats int
	}{{"ten_chats", 10}, {"three_chats", 3}} {
		event := batch(b, tc.chats)
		b.Run(tc.name, func(b *testing.B) { compare(b, f.queue, f.smallestQueue, event, `{"batchItemFailures":[]}`, 10) })
	}
}

// compare runs both functions in turn, so that whatever else the machine does falls on both alike, and reports medians.
func compare(b *testing.B, ours, floor runtimeAPI, event []byte, want string, marks float64) {
	if body, _ := invoke(b, ours, event, 1); !bytes.Contains(body, []byte(want)) {
		b.Fatalf("answer %s", body)
	}
	var took, floorTook []time.Duration
	for b.Loop() {
		_, t := invoke(b, ours, event, 1)
		_, f := invoke(b, floor, event, 1)
		took, floorTook = append(took, t), append(floorTook, f)
	}
	ns, floorNs := median(took), median(floorTook)
	allocs, floorAllocs := allocations(b, ours, event), allocations(b, floor, event)
	b.ReportMetric(0, "ns/op") // of both together, which means nothing
	b.ReportMetric(float64(ns.Nanoseconds()), "ns/invocation")
	b.ReportMetric(float64(ns)/float64(floorNs), "x-smallest-ns")
	b.ReportMetric(allocs, "allocs/invocation")
	b.ReportMetric(allocs/floorAllocs, "x-smallest-allocs")
	b.ReportMetric((allocs-floorAllocs)/marks, "allocs-above/mark")
}

func median[T time.Duration | float64](all []T) T {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}
