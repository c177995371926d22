package helpcrunch

import (
	"strings"
	"testing"
	"time"
)

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 500_000_000, time.UTC)
	for _, tc := range []struct {
		name, header string
		want         time.Duration
	}{
		{"absent", "", 0},
		{"seconds", "30", 30 * time.Second},
		{"seconds with space", " 30\t", 30 * time.Second},
		{"leading zeros", strings.Repeat("0", 1000) + "7", 7 * time.Second},
		{"zero", "0", 0},
		{"exactly an hour", "3600", time.Hour},
		{"more than an hour", "3601", time.Hour},
		{"more than an int64", "9223372036854775808", time.Hour},
		{"a thousand digits", strings.Repeat("9", 1000), time.Hour},
		{"negative", "-5", 0},
		{"with a sign", "+5", 0},
		{"a fraction", "1.5", 2 * time.Second},
		{"a fraction of nothing", "30.0", 30 * time.Second},
		{"the least fraction", "0.000000000000000001", time.Second},
		{"a fraction above an hour", "3600.5", time.Hour},
		{"a point and nothing", "5.", 0},
		{"a point before all", ".5", 0},
		{"two points", "1.2.3", 0},
		{"an exponent", "1e3", 0},
		{"with a unit", "5s", 0},
		{"hexadecimal", "0x10", 0},
		{"other digits", "\u0661\u0662", 0},
		{"a list", "5, 120", 120 * time.Second},
		{"a list, the longest first", "120 ,5", 120 * time.Second},
		{"a list with what cannot be read", "soon,, 7, -3", 7 * time.Second},
		{"a list of dates", "Mon, 23 Nov 2026 12:00:10 GMT, Mon, 23 Nov 2026 12:00:30 GMT", 29*time.Second + 500*time.Millisecond},
		{"a date, then seconds", "Mon, 23 Nov 2026 12:00:30 GMT, 40", 40 * time.Second},
		{"seconds, then a date", "5, Mon, 23 Nov 2026 12:00:30 GMT", 29*time.Second + 500*time.Millisecond},
		{"two lines", "30\n5", 30 * time.Second},
		{"two lines, the second unreadable", "30\nsoon", 30 * time.Second},
		{"two lines, a list in the second", "30\n5, 60", 60 * time.Second},
		{"garbage", "soon", 0},
		{"IMF-fixdate", "Mon, 23 Nov 2026 12:00:30 GMT", 29*time.Second + 500*time.Millisecond},
		{"RFC 850", "Monday, 23-Nov-26 12:00:30 GMT", 29*time.Second + 500*time.Millisecond},
		{"asctime", "Mon Nov 23 12:00:30 2026", 29*time.Second + 500*time.Millisecond},
		{"a date in the past", "Mon, 23 Nov 2026 11:59:30 GMT", 0},
		{"a date far ahead", "Fri, 31 Dec 9999 23:59:59 GMT", time.Hour},
		{"a date that is none", "Mon, 31 Feb 2026 12:00:30 GMT", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := parseRetryAfter(strings.Split(tc.header, "\n"), now); got != tc.want {
				t.Errorf("parseRetryAfter(%q) = %s, want %s", tc.header, got, tc.want)
			}
		})
	}
}
