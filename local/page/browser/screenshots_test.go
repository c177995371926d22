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
	{"page-phone", 390, 1300, "light", true},
	{"page-phone-narrow", 360, 1300, "dark", false},
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

// TestCauseAndEffectOnAPhone presses a button and looks for what came of it without scrolling.
func TestCauseAndEffectOnAPhone(t *testing.T) {
	_, url := startStack(t)
	b := open(t, url)
	b.look(390, 844, "light")
	b.press("queue", "unknown")
	b.wait("the strip shows the dead letter and the outcome", `document.querySelector('#strip-dead').textContent === '1' &&
		document.querySelector('#strip-last').textContent === '404404 read by agent: chat_not_found'`)
	b.wait("the button and the strip are on one screen", `['.way[data-via=queue] [data-action=unknown]', '.strip'].every((selector) => {
		const box = document.querySelector(selector).getBoundingClientRect();
		return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;
	})`)
}

// TestContrast holds the borders of resting buttons to the 3:1 that WCAG 2.2 asks of controls (1.4.11).
func TestContrast(t *testing.T) {
	_, url := startStack(t)
	b := open(t, url)
	for _, scheme := range []string{"light", "dark"} {
		b.look(1440, 900, scheme)
		low := run(b, chromedp.Evaluate[[]string](`(() => {
			const luminance = (color) => color.match(/[\d.]+/g).slice(0, 3).map((n) => n / 255)
				.map((n) => (n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4)).reduce((sum, n, i) => sum + n * [0.2126, 0.7152, 0.0722][i], 0);
			const behind = (e) => { const c = getComputedStyle(e).backgroundColor; return c.startsWith('rgba') && c.endsWith(' 0)') ? behind(e.parentElement) : c; };
			return [...document.querySelectorAll('button, select, .segments span')].filter((e) => {
				const [light, dark] = [luminance(getComputedStyle(e).borderTopColor), luminance(behind(e.parentElement))].sort((a, b) => b - a);
				return e.offsetParent && !e.matches(':checked + span') && (light + 0.05) / (dark + 0.05) < 3;
			}).map((e) => e.outerHTML.slice(0, 100));
		})()`))
		for _, element := range low {
			t.Errorf("%s: below 3:1: %s", scheme, element)
		}
	}
}

// makeLively leaves something in every part of the page.
func (b *tab) makeLively() {
	b.t.Helper()
	b.press("queue", "burst")
	b.waitForEmptyQueue()
	b.press("queue", "unknown")
	b.press("queue", "invalid")
	b.wait("two dead letters", `document.querySelector('#dead-count').textContent === '2'`)
	b.choose(5210, simulator.Agent, true)
	b.press("http", "mark")
	b.waitForBadge(5210, simulator.Agent, true)
	b.click(`#as-of`)
	b.click(`#writing [data-when=next]`)
	b.press("http", "mark")
	b.wait("a mark is overtaken", `document.querySelector('#attempts').textContent.includes('overtaken')`)
	b.click(`#as-of`)
	b.click(`#condition input[value=down]`)
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
