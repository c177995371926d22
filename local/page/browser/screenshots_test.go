//go:build browser

package browser

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"helpcrunch-mark-read/local/simulator"
)

var images = flag.String("images", "", "a folder to write the screenshots of the documents to; empty writes none")

// looks are how the page is looked at.
var looks = []struct {
	name          string
	width, height int64
	scheme        string
	kept          bool // for the documents
}{
	{"page", 1440, 1420, "light", true},
	{"page-dark", 1440, 1420, "dark", true},
	{"page-tablet", 800, 1100, "light", false},
	{"page-phone", 360, 1300, "light", true},
	{"page-phone-dark", 360, 1300, "dark", false},
}

// TestScreenshots looks at a page on which something happens: nothing may stick out of it.
func TestScreenshots(t *testing.T) {
	_, url := startStack(t)
	b := open(t, url)
	b.makeLively()
	for _, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			b.evaluate(`scrollTo(0, 0)`)
			b.look(look.width, look.height, look.scheme)
			beyond := run(b, chromedp.Evaluate[[]string](`[...document.querySelectorAll('body *')]
				.filter((e) => !e.closest('.scroll table, pre, .skip') && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
				.map((e) => e.outerHTML.slice(0, 100))`))
			picture := run(b, chromedp.CaptureScreenshot())
			for _, element := range beyond {
				t.Errorf("sticks out at %d px: %s", look.width, element)
			}
			if *images == "" || !look.kept {
				return
			}
			if err := os.WriteFile(filepath.Join(*images, look.name+".png"), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// makeLively leaves something in every part of the page.
func (b *tab) makeLively() {
	b.t.Helper()
	b.press("queue", "burst")
	b.waitForEmptyQueue()
	b.press("queue", "unknown")
	b.press("queue", "nonsense")
	b.wait("two letters are dead", `document.querySelector('#dead-count').textContent === '2'`)
	b.choose(5210, simulator.Agent, true)
	b.press("http", "mark")
	b.waitForBadge(5210, simulator.Agent, true)
	b.click(`#weather input[value=down]`)
	b.choose(5211, simulator.Agent, true)
	b.press("queue", "mark")
	b.choose(5213, simulator.Customer, false)
	b.press("queue", "mark")
	b.wait("two marks are held", `document.querySelector('#attempts').textContent.split('held').length >= 3`)
}

func (b *tab) look(width, height int64, scheme string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height, chromedp.EmulateScale(1.5)))
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
		b.t.Fatal(err)
	}
}
