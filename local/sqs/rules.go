package sqs

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// maxMessage is SQS's limit in bytes, with attributes, for one message and for a whole batch.
const maxMessage = 1 << 20

// attributeRule is a queue attribute that can be set.
type attributeRule struct {
	name    string
	initial string // empty: not there until it is set, and gone again when set to nothing
	fifo    bool   // FIFO queues only; on a standard queue AWS calls it unknown
	valid   func(value string) bool
}

func attributeRules() []attributeRule {
	return []attributeRule{
		{"DelaySeconds", "0", false, between(0, 900)},
		{"MaximumMessageSize", strconv.Itoa(maxMessage), false, between(1024, maxMessage)},
		{"MessageRetentionPeriod", "345600", false, between(60, 1209600)},
		{"ReceiveMessageWaitTimeSeconds", "0", false, between(0, 20)},
		{"VisibilityTimeout", "30", false, between(0, maxVisibility)},
		{"SqsManagedSseEnabled", "true", false, oneOf("true", "false")},
		{"KmsMasterKeyId", "", false, anything},
		{"KmsDataKeyReusePeriodSeconds", "", false, between(60, 86400)},
		{"Policy", "", false, jsonObject},
		{"RedrivePolicy", "", false, anything}, // parseRedrive has the rules
		{"RedriveAllowPolicy", "", false, jsonObject},
		{"FifoQueue", "true", true, oneOf("true", "false")},
		{"ContentBasedDeduplication", "false", true, oneOf("true", "false")},
		{"DeduplicationScope", "queue", true, oneOf("queue", "messageGroup")},
		{"FifoThroughputLimit", "perQueue", true, oneOf("perQueue", "perMessageGroupId")},
	}
}

// initialAttributes is what a queue has before anything is set.
func initialAttributes(fifo bool) map[string]string {
	attributes := map[string]string{}
	for _, r := range attributeRules() {
		if fifo || !r.fifo {
			attributes[r.name] = r.initial
		}
	}
	return attributes
}

// ruleFor finds the rule of an attribute that a queue of this kind can have.
func ruleFor(name string, fifo bool) (attributeRule, bool) {
	rules := attributeRules()
	i := slices.IndexFunc(rules, func(r attributeRule) bool { return r.name == name && (fifo || !r.fifo) })
	if i < 0 {
		return attributeRule{}, false
	}
	return rules[i], true
}

// check returns the value to store, or the error that AWS returns.
func (r attributeRule) check(value string) (string, error) {
	if strings.EqualFold(value, "true") || strings.EqualFold(value, "false") {
		value = strings.ToLower(value)
	}
	if optional := r.initial == "" && value == ""; optional || r.valid(value) {
		return value, nil
	}
	return "", plain(400, "InvalidAttributeValue", "Invalid value for the parameter %s.", r.name)
}

func between(low, high int) func(string) bool {
	return func(value string) bool {
		n, err := strconv.Atoi(value)
		return err == nil && low <= n && n <= high
	}
}

func oneOf(values ...string) func(string) bool {
	return func(value string) bool { return slices.Contains(values, value) }
}

func anything(string) bool { return true }

func jsonObject(value string) bool {
	var object map[string]any
	return json.Unmarshal([]byte(value), &object) == nil && object != nil
}
