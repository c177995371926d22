package gateway

import (
	"errors"
	"fmt"
	"strings"
)

// defaultName is the name of the stage at the root and of the route that takes what no other does.
const defaultName = "$default"

// route is a parsed route key.
type route struct {
	key      string
	method   string   // or ANY; empty for $default
	segments []string // of the path: "pets", "{id}", "{proxy+}"
}

func parseRoutes(keys []string) ([]route, error) {
	var routes []route
	var faults []error
	for _, key := range keys {
		method, path, _ := strings.Cut(key, " ")
		switch {
		case key == defaultName:
			routes = append(routes, route{key: key})
		case method != "" && strings.HasPrefix(path, "/"):
			routes = append(routes, route{key: key, method: method, segments: split(path)})
		default:
			faults = append(faults, fmt.Errorf("%q is no route key", key))
		}
	}
	return routes, errors.Join(faults...)
}

// match selects a route as API Gateway does, the most specific first: a route without a greedy variable before one with it,
// then literal parts before variables, then a method before ANY, and $default last. nil if there is none.
func match(routes []route, method, path string) (*route, map[string]string) {
	var best *route
	var parameters map[string]string
	for i := range routes {
		found, ok := routes[i].match(method, path)
		if ok && (best == nil || routes[i].rank() > best.rank()) {
			best, parameters = &routes[i], found
		}
	}
	return best, parameters
}

// rank orders routes that match the same request.
func (r *route) rank() int {
	if r.key == defaultName {
		return 0
	}
	rank := 1
	if r.method != "ANY" {
		rank++
	}
	for _, segment := range r.segments {
		if !isVariable(segment) {
			rank += 2
		}
	}
	if n := len(r.segments); n == 0 || !isGreedy(r.segments[n-1]) {
		rank += 1000
	}
	return rank
}

// match gives the path's variables, nil if the route has none.
func (r *route) match(method, path string) (map[string]string, bool) {
	if r.key == defaultName {
		return nil, true
	}
	if r.method != "ANY" && r.method != method {
		return nil, false
	}
	parts := split(path)
	var parameters map[string]string
	set := func(name, value string) {
		if parameters == nil {
			parameters = map[string]string{}
		}
		parameters[name] = value
	}
	for i, segment := range r.segments {
		switch {
		case i >= len(parts) || parts[i] == "" && isVariable(segment):
			return nil, false
		case isGreedy(segment):
			set(segment[1:len(segment)-2], strings.Join(parts[i:], "/"))
			return parameters, true
		case isVariable(segment):
			set(segment[1:len(segment)-1], parts[i])
		case segment != parts[i]:
			return nil, false
		}
	}
	return parameters, len(parts) == len(r.segments)
}

func split(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }

func isVariable(segment string) bool {
	return len(segment) > 2 && segment[0] == '{' && segment[len(segment)-1] == '}'
}

func isGreedy(segment string) bool { return isVariable(segment) && strings.HasSuffix(segment, "+}") }
