package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"helpcrunch-mark-read/local/stack"
)

// errUsage says that a command was called wrongly, which the flag package has reported.
var errUsage = errors.New("called wrongly")

// parse reads a command's flags.
func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil && !errors.Is(err, flag.ErrHelp) {
		return errUsage
	} else if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(flags.Output(), "%s takes no argument %q\n", flags.Name(), flags.Arg(0))
		return errUsage
	}
	return nil
}

// settings are the flags of run.
type settings struct {
	stack.Options
	page string
}

func readSettings(args []string) (*settings, error) {
	s := &settings{}
	flags := flag.NewFlagSet("local run", flag.ContinueOnError)
	flags.StringVar(&s.Gateway, "gateway", defaultGateway, "where the HTTP API listens; port 0 takes a free one")
	flags.StringVar(&s.AWS, "aws", defaultAWS, "where SQS and Secrets Manager listen")
	flags.StringVar(&s.HelpCrunch, "helpcrunch", defaultHelpCrunch, "where the HelpCrunch simulator listens")
	flags.StringVar(&s.page, "page", defaultPage, "where the live page listens")
	flags.IntVar(&s.AccountLimit, "limit", 120, "HelpCrunch's limit, requests a minute; -1 for none")
	flags.IntVar(&s.RequestsPerMinute, "share", 100, "how much of the limit the queue uses, requests a minute")
	window := flags.Duration("retry-window", 24*time.Hour, "how old a message may become before it is dead-lettered instead of held again (RETRY_WINDOW)")
	flags.BoolVar(&s.Standard, "standard", false, "standard queues instead of FIFO")
	restore := flags.Bool("restore-unread", false, "set a chat back to unread where a mark with asOf was overtaken by a newer message (RESTORE_UNREAD)")
	err := parse(flags, args)
	s.Environment = map[string]string{"RESTORE_UNREAD": fmt.Sprint(*restore), "RETRY_WINDOW": window.String()}
	return s, err
}

// useReal reads the environment: with an API key there, the functions call the real HelpCrunch.
func (s *settings) useReal() error {
	s.RealKey, s.RealBaseURL = os.Getenv("HELPCRUNCH_API_KEY"), os.Getenv("HELPCRUNCH_BASE_URL")
	if s.RealKey == "" && s.RealBaseURL != "" {
		return errors.New("HELPCRUNCH_BASE_URL is used only together with HELPCRUNCH_API_KEY: set the key too, or unset the base URL")
	}
	if s.RealKey != "" && s.RealBaseURL == "" {
		s.RealBaseURL = "https://api.helpcrunch.com/v1"
	}
	return nil
}

// free reports all addresses that are taken at once.
func (s *settings) free() error {
	var taken, instead []string
	for _, a := range []struct{ flag, address string }{
		{"-gateway", s.Gateway}, {"-aws", s.AWS}, {"-helpcrunch", s.HelpCrunch}, {"-page", s.page},
	} {
		listener, err := net.Listen("tcp", a.address)
		if err != nil {
			taken, instead = append(taken, err.Error()), append(instead, a.flag+" 127.0.0.1:0")
			continue
		}
		_ = listener.Close()
	}
	if taken == nil {
		return nil
	}
	return fmt.Errorf("%s\nIs another local stack running? To start one more beside it, on free ports:\n  make run ARGS=\"%s\"",
		strings.Join(taken, "\n"), strings.Join(instead, " "))
}
