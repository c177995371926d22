package gateway

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// headers returns the event's headers: names in lower case, many values joined by commas, the cookies left out, and the ones
// that API Gateway adds. The API is always called by HTTPS on AWS, and says so here too.
func headers(r *http.Request, bodyLength int, now time.Time) map[string]string {
	all := map[string]string{}
	for name, values := range r.Header {
		if name = strings.ToLower(name); !isHopByHop(name) && name != "cookie" {
			all[name] = strings.Join(values, ",")
		}
	}
	all["host"] = r.Host
	all["content-length"] = strconv.Itoa(bodyLength)
	forwarded := sourceIP(r)
	if before := all["x-forwarded-for"]; before != "" {
		forwarded = before + ", " + forwarded
	}
	all["x-forwarded-for"] = forwarded
	all["x-forwarded-port"] = "443"
	all["x-forwarded-proto"] = "https"
	if all["x-amzn-trace-id"] == "" {
		all["x-amzn-trace-id"] = newTraceRoot(now)
	}
	return all
}

// isHopByHop names headers that end at a proxy (RFC 9110, section 7.6.1).
func isHopByHop(name string) bool {
	switch name {
	case "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade":
		return true
	}
	return false
}

// cookies returns every cookie of every Cookie header.
func cookies(r *http.Request) []string {
	var all []string
	for _, line := range r.Header.Values("Cookie") {
		for _, cookie := range strings.Split(line, ";") {
			if cookie = strings.TrimSpace(cookie); cookie != "" {
				all = append(all, cookie)
			}
		}
	}
	return all
}

func sourceIP(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

func newTraceRoot(now time.Time) string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("Root=1-%08x-%x", now.Unix(), b)
}
