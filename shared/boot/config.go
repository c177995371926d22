package boot

import (
	"net"
	"net/url"
	"path"
	"strings"
	"time"

	"helpcrunch-mark-read/shared/secret"
)

// Common is the configuration that both functions have.
type Common struct {
	SecretID      string
	BaseURL       string // no slash at its end
	KeyTTL        time.Duration
	RestoreUnread bool
	MarksQueue    string // URL
	Function      string // Lambda's own name for the function, in the metrics
	LogFormat     string // Lambda's own, as is the level
	LogLevel      string
}

// HTTPConfig is the configuration of functions/http.
type HTTPConfig struct {
	Common
	TokenSecret string // empty: API Gateway authorizes
}

// QueueConfig is the configuration of functions/queue.
type QueueConfig struct {
	Common
	DeadLetterQueue    string // URL
	RequestsPerMinute  int
	MaximumConcurrency int
	RetryWindow        time.Duration
}

// The bounds of what can be configured. A message that is retried for longer than maxRetryWindow could outlive its
// retention in the queue (14 days) together with its time in the dead-letter queue.
const (
	maxKeyTTL             = 24 * time.Hour
	maxRetryWindow        = 96 * time.Hour
	maxRequestsPerMinute  = 1_000_000
	maxMaximumConcurrency = 1000
)

// ReadHTTPConfig reads what functions/http needs. Its error names everything that is wrong at once.
func ReadHTTPConfig(getenv func(string) string) (HTTPConfig, error) {
	r := reader{getenv: getenv}
	c := HTTPConfig{Common: r.common(), TokenSecret: r.text("CALLER_TOKEN_SECRET_ID")}
	if c.TokenSecret != "" && secret.Same(c.TokenSecret, c.SecretID, getenv("AWS_REGION")) {
		r.fault("CALLER_TOKEN_SECRET_ID must not be the secret with HelpCrunch's key")
	}
	return c, r.err()
}

// ReadQueueConfig reads what functions/queue needs. Its error names everything that is wrong at once.
func ReadQueueConfig(getenv func(string) string) (QueueConfig, error) {
	r := reader{getenv: getenv}
	c := QueueConfig{
		Common:             r.common(),
		DeadLetterQueue:    r.url("DEAD_LETTER_QUEUE_URL"),
		RequestsPerMinute:  r.number("REQUESTS_PER_MINUTE", maxRequestsPerMinute),
		MaximumConcurrency: r.number("MAXIMUM_CONCURRENCY", maxMaximumConcurrency),
		RetryWindow:        r.duration("RETRY_WINDOW", maxRetryWindow),
	}
	if c.DeadLetterQueue != "" && queueOf(c.DeadLetterQueue) == queueOf(c.MarksQueue) {
		r.fault("DEAD_LETTER_QUEUE_URL must not be the marks queue") // dead letters would be marks again, for ever
	}
	return c, r.err()
}

func (r *reader) common() Common {
	return Common{
		SecretID:      r.text("HELPCRUNCH_SECRET_ID"),
		BaseURL:       r.url("HELPCRUNCH_BASE_URL"),
		KeyTTL:        r.duration("HELPCRUNCH_KEY_TTL", maxKeyTTL),
		RestoreUnread: r.boolean("RESTORE_UNREAD"),
		MarksQueue:    r.url("MARKS_QUEUE_URL"),
		Function:      r.lambdas("AWS_LAMBDA_FUNCTION_NAME", "local"),
		LogFormat:     r.lambdas("AWS_LAMBDA_LOG_FORMAT", "JSON"),
		LogLevel:      r.lambdas("AWS_LAMBDA_LOG_LEVEL", "INFO"),
	}
}

// queueOf returns what a queue's URLs have in common, however they are spelled: the path, and, but on AWS, where a region's
// SQS has several, the host.
func queueOf(queueURL string) string {
	u, err := url.Parse(queueURL)
	if err != nil {
		return queueURL
	}
	host := strings.ToLower(u.Hostname())
	if strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn") {
		return path.Clean("/" + u.Path)
	}
	if port := u.Port(); port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host = net.JoinHostPort(host, port)
	}
	return host + path.Clean("/"+u.Path)
}
