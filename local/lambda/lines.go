package lambda

import "bytes"

// Line is one line of a function's output, without its line break.
type Line struct{ Function, Text string }

// maxLine is where a line is cut, in bytes: far above what the functions write.
const maxLine = 256 << 10

func (f *Function) log(text string) {
	if f.config.Log == nil {
		return
	}
	f.logging.Lock()
	defer f.logging.Unlock()
	f.config.Log(Line{f.config.Name, text})
}

// lineWriter cuts a stream into lines. It is used by one goroutine at a time.
type lineWriter struct {
	emit func(string)
	rest []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		line, rest, whole := bytes.Cut(w.rest, []byte("\n"))
		if len(line) > maxLine {
			w.emit(string(line[:maxLine]))
			w.rest = w.rest[maxLine:]
			continue
		}
		if !whole {
			return len(p), nil
		}
		w.emit(string(bytes.TrimSuffix(line, []byte("\r"))))
		w.rest = rest
	}
}

// flush delivers what the process wrote after its last line break.
func (w *lineWriter) flush() {
	if len(w.rest) > 0 {
		w.emit(string(w.rest))
		w.rest = nil
	}
}
