package boot

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// reader reads variables and collects what is wrong with them. An empty variable counts as missing: a template's optional
// parameter arrives as one.
type reader struct {
	getenv func(string) string
	faults []string
}

func (r *reader) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

func (r *reader) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	return errors.New("the environment is wrong: " + strings.Join(r.faults, "; "))
}

// lambdas reads a variable that Lambda sets.
func (r *reader) lambdas(name, otherwise string) string { return cmp.Or(r.getenv(name), otherwise) }

// text reads any value, or the default.
func (r *reader) text(name string) string {
	v := variable(name)
	value := cmp.Or(r.getenv(name), v.Default)
	if value == "" && v.Required {
		r.fault("%s is missing", name)
	}
	return value
}

// url reads an http or https URL. The value is not repeated in a fault: it may hold a password, which is one of the faults.
func (r *reader) url(name string) string {
	value := r.text(name)
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(value, "?# ") {
		r.fault("%s must be an http or https URL without user, query, fragment and spaces", name)
	}
	return strings.TrimRight(value, "/")
}

func (r *reader) number(name string, most int) int {
	text := r.text(name)
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		r.fault("%s must be a whole number from 1 to %d, not %q", name, most, text)
	}
	return n
}

func (r *reader) duration(name string, most time.Duration) time.Duration {
	text := r.text(name)
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > most {
		r.fault("%s must be a duration above 0 and up to %s, such as 90s, 5m or 24h, not %q", name, short(most), text)
	}
	return d
}

func (r *reader) boolean(name string) bool {
	text := r.text(name)
	if text != "true" && text != "false" {
		r.fault("%s must be true or false, not %q", name, text)
	}
	return text == "true"
}

// short writes a duration of whole hours as an operator would.
func short(d time.Duration) string { return fmt.Sprintf("%dh", int(d.Hours())) }
