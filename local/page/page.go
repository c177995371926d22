// Package page is the local stack's live page: HelpCrunch's inbox as the simulator holds it, buttons that send marks by HTTP
// and by queue, the queues, switches that break HelpCrunch, and what became of every attempt. It is part of the local stack,
// never of the product.
package page

import (
	"embed"
	"io"
	"io/fs"
	"net/http"

	"helpcrunch-mark-read/local/stack"
)

// Options say what the page shows and acts on. All of them are required.
type Options struct {
	*stack.Stack               // with the simulator
	Mapping      Mapping       // the stack's
	Feed         *Feed         // what the functions log
	OpsFlags     string        // by which ops finds the stack, such as --local
	Help         func() string // what runs where, and what to paste
}

// Mapping is the part of *eventsource.Mapping that the page uses.
type Mapping interface {
	Pause()
	Resume()
	Paused() bool
}

// Page is an http.Handler, safe for concurrent use. Serve it on loopback only: whoever reaches it can work the stack.
type Page struct {
	Options
	http.Handler // the page, its stream of events and its actions
}

//go:embed static
var files embed.FS

// New returns the page.
func New(o Options) *Page {
	p := &Page{Options: o}
	mux := http.NewServeMux()
	root, err := fs.Sub(files, "static")
	if err != nil {
		panic(err) // only a name that is not a path is an error
	}
	mux.Handle("GET /", http.FileServerFS(root))
	mux.HandleFunc("GET /help", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, o.Help())
	})
	mux.HandleFunc("GET /stream", p.stream)
	mux.HandleFunc("POST /actions/{name}", p.act)
	p.Handler = guard(mux)
	return p
}
