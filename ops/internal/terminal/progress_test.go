package terminal

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := &Progress{out: &out}
		p.Show("sent", 1, 4)
		p.Show("sent", 2, 4) // too soon to be drawn
		time.Sleep(redrawEvery)
		p.Show("sent", 3, 4)
		p.Show("sent", 4, 4) // the end is always drawn
		p.Show("looked at", 12, 0)
		p.Clear()
		want := "\r[#######.......................] 1 of 4 sent" +
			"\r[######################........] 3 of 4 sent" +
			"\r[##############################] 4 of 4 sent" +
			"\r" + strings.Repeat(" ", 44) + "\r"
		if out.String() != want {
			t.Errorf("drawn was\n%q, want\n%q", out.String(), want)
		}
	})
}

func TestNobodyIsShownOrAskedWithoutATerminal(t *testing.T) {
	var out strings.Builder
	p := NewProgress(&out)
	p.Show("sent", 4, 4)
	p.Clear()
	if _, err := Ask(t.Context(), strings.NewReader("yes\n"), &out, "Sure? "); !errors.Is(err, ErrNoTerminal) {
		t.Errorf("Ask = %v, want ErrNoTerminal", err)
	}
	if out.String() != "" {
		t.Errorf("%q was written", out.String())
	}
	if got, err := Secret(t.Context(), strings.NewReader("the secret\n"), &out, "Secret: "); got != "the secret\n" || err != nil {
		t.Errorf("Secret = %q, %v", got, err)
	}
}

// never is an input from which nothing comes, as a person who does not type.
type never struct{ until chan struct{} }

func (n never) Read([]byte) (int, error) { <-n.until; return 0, errors.New("closed") }

func TestAStopEndsTheWaitForASecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := never{make(chan struct{})}
		defer close(in.until)
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if _, err := Secret(ctx, in, &strings.Builder{}, ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}
