package bench

// variablesFor are the functions' environment, as the template sets it: HelpCrunch and AWS's services are at these URLs. The
// queue's limit is lifted as far as it goes.
func variablesFor(helpCrunch, aws string) map[string]string {
	return map[string]string{
		"HELPCRUNCH_SECRET_ID":  "helpcrunch/key",
		"HELPCRUNCH_BASE_URL":   helpCrunch + "/v1",
		"MARKS_QUEUE_URL":       "https://sqs.eu-central-1.amazonaws.com/123456789012/marks.fifo",
		"DEAD_LETTER_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/marks-dead.fifo",
		"REQUESTS_PER_MINUTE":   "1000000",
		"MAXIMUM_CONCURRENCY":   "1",
		"GOMAXPROCS":            "1",

		"AWS_ENDPOINT_URL":            aws,
		"AWS_REGION":                  "eu-central-1",
		"AWS_ACCESS_KEY_ID":           "local",
		"AWS_SECRET_ACCESS_KEY":       "local",
		"AWS_CONFIG_FILE":             "/dev/null",
		"AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
		"AWS_LAMBDA_FUNCTION_NAME":    "bench",
		"AWS_LAMBDA_LOG_FORMAT":       "JSON",
		"AWS_LAMBDA_LOG_LEVEL":        "INFO",
	}
}
