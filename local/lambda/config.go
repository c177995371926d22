package lambda

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// Config describes one function. Name and Binary are required; every other zero value has Lambda's own default.
type Config struct {
	Name           string
	Binary         string            // the executable that Lambda calls bootstrap; its folder is the working directory
	Environment    map[string]string // the function's own variables; they win over the standard ones
	Timeout        time.Duration     // of one invocation; 3 s
	InitTimeout    time.Duration     // from the start of the process to its first request for work; 10 s
	MaxConcurrency int               // environments at most; 1. When all are taken, an invocation is throttled, as by Lambda
	Region         string            // us-east-1
	AccountID      string            // 000000000000
	Log            func(Line)        // every line of output, in order, one call at a time; nil drops them
}

// withDefaults fills in what the caller left out and names all faults at once.
func (c Config) withDefaults() (Config, error) {
	var faults []error
	if c.Name == "" {
		faults = append(faults, errors.New("no name"))
	}
	binary, err := filepath.Abs(c.Binary)
	if c.Binary == "" || err != nil {
		faults = append(faults, errors.New("no binary"))
	}
	if c.Timeout < 0 || c.InitTimeout < 0 || c.MaxConcurrency < 0 {
		faults = append(faults, errors.New("a negative limit"))
	}
	c.Binary = binary
	c.Timeout = cmp.Or(c.Timeout, 3*time.Second)
	c.InitTimeout = cmp.Or(c.InitTimeout, 10*time.Second)
	c.MaxConcurrency = cmp.Or(c.MaxConcurrency, 1)
	c.Region = cmp.Or(c.Region, "us-east-1")
	c.AccountID = cmp.Or(c.AccountID, "000000000000")
	if err := errors.Join(faults...); err != nil {
		return c, fmt.Errorf("local Lambda function %q: %w", c.Name, err)
	}
	return c, nil
}

func (c Config) arn() string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", c.Region, c.AccountID, c.Name)
}
