package boot

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
)

// Config is what the environment says; the functions share what they share.
type Config struct {
	SecretID    string
	BaseURL     string // no slash at its end
	KeyTTL      time.Duration
	MarksQueue  string // URL
	Function    string // Lambda's own name for the function, in the metrics
	LogFormat   string // Lambda's own, as is the level
	LogLevel    string
	TokenSecret string // functions/http only; empty: API Gateway authorizes

	// functions/queue only
	DeadLetterQueue    string // URL
	RequestsPerMinute  int
	MaximumConcurrency int
	RetryWindow        time.Duration
}

// The bounds of what can be configured. A message that is retried for longer than maxRetryWindow could outlive its
// retention in the queue (14 days) together with its time in the dead-letter queue.
const (
	maxRetryWindow        = 96 * time.Hour
	maxRequestsPerMinute  = 1_000_000
	maxMaximumConcurrency = 1000
)

// HTTPConfig reads what functions/http needs. Its error names everything that is wrong at once.
func HTTPConfig(getenv func(string) string) (Config, error) {
	r := reader{getenv: getenv}
	c := r.common()
	c.TokenSecret = r.text("CALLER_TOKEN_SECRET_ID", "")
	if c.TokenSecret != "" && c.TokenSecret == c.SecretID {
		r.fault("CALLER_TOKEN_SECRET_ID must not be the secret with HelpCrunch's key")
	}
	return c, r.err()
}

// QueueConfig reads what functions/queue needs. Its error names everything that is wrong at once.
func QueueConfig(getenv func(string) string) (Config, error) {
	r := reader{getenv: getenv}
	c := r.common()
	c.DeadLetterQueue = r.url("DEAD_LETTER_QUEUE_URL", "")
	if c.DeadLetterQueue != "" && c.DeadLetterQueue == c.MarksQueue {
		r.fault("DEAD_LETTER_QUEUE_URL must not be the marks queue") // dead letters would be marks again, for ever
	}
	c.RequestsPerMinute = r.number("REQUESTS_PER_MINUTE", 100, maxRequestsPerMinute)
	c.MaximumConcurrency = r.number("MAXIMUM_CONCURRENCY", 2, maxMaximumConcurrency)
	c.RetryWindow = r.duration("RETRY_WINDOW", 24*time.Hour, maxRetryWindow)
	return c, r.err()
}

// reader reads variables and gathers what is wrong with them. An empty variable counts as missing: a template's
// optional parameter arrives as one.
type reader struct {
	getenv func(string) string
	faults []string
}

func (r *reader) common() Config {
	return Config{
		SecretID:   r.required("HELPCRUNCH_SECRET_ID"),
		BaseURL:    r.url("HELPCRUNCH_BASE_URL", helpcrunch.DefaultBaseURL),
		KeyTTL:     r.duration("HELPCRUNCH_KEY_TTL", 5*time.Minute, 24*time.Hour),
		MarksQueue: r.url("MARKS_QUEUE_URL", ""),
		Function:   r.text("AWS_LAMBDA_FUNCTION_NAME", "local"),
		LogFormat:  r.text("AWS_LAMBDA_LOG_FORMAT", "JSON"),
		LogLevel:   r.text("AWS_LAMBDA_LOG_LEVEL", "INFO"),
	}
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

func (r *reader) text(name, otherwise string) string {
	if value := r.getenv(name); value != "" {
		return value
	}
	return otherwise
}

func (r *reader) required(name string) string {
	value := r.getenv(name)
	if value == "" {
		r.fault("%s is missing", name)
	}
	return value
}

// url reads an http or https URL; without a default it is required. The value is not repeated in a fault: it may hold a
// password, which is one of the faults.
func (r *reader) url(name, otherwise string) string {
	value := otherwise
	if otherwise == "" || r.getenv(name) != "" {
		value = r.required(name)
	}
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(value, "?# ") {
		r.fault("%s must be an http or https URL without user, query, fragment and spaces", name)
	}
	return strings.TrimRight(value, "/")
}

func (r *reader) number(name string, otherwise, most int) int {
	text := r.getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		r.fault("%s must be a whole number from 1 to %d, not %q", name, most, text)
	}
	return n
}

func (r *reader) duration(name string, otherwise, most time.Duration) time.Duration {
	text := r.getenv(name)
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > most {
		r.fault("%s must be a duration above 0 and up to %s, such as 90s, 5m or 24h, not %q", name, short(most), text)
	}
	return d
}

// short writes a duration of whole hours as an operator would.
func short(d time.Duration) string { return fmt.Sprintf("%dh", int(d.Hours())) }
