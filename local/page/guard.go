package page

import (
	"net"
	"net/http"
)

// contentPolicy lets the page use its own files and nothing else; no text can become markup or a script.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guard keeps other sites out: no cross-origin request may act, no other page may frame this one, and no name that an
// attacker lets resolve to this machine (DNS rebinding) is the same origin.
func guard(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache") // files change with the checkout
		if !isAddress(r.Host) {
			http.Error(w, "Open this page by localhost or by an IP address.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isAddress is true for localhost and IP addresses, which cannot be rebound as names can.
func isAddress(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return host == "localhost" || net.ParseIP(host) != nil
}
