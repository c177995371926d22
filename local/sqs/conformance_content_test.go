package sqs_test

import (
	"fmt"
	"strings"
)

const limit = 1 << 20

func contentCases() []conformanceCase {
	return []conformanceCase{
		{name: "control characters are refused", moto: "takes them", run: func(p *probe) {
			url := p.queue()
			for _, body := range []string{"\x00", "\x08", "\x0b", "\x1f", "a\ufffe", "a\uffff"} {
				_, err := p.trySend(url, body)
				p.refused(err, "InvalidMessageContents")
			}
		}},
		{name: "a message of 1 MiB is the longest", run: func(p *probe) {
			url := p.queue()
			p.send(url, strings.Repeat("x", limit))
			_, err := p.trySend(url, strings.Repeat("x", limit+1))
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "length is counted in bytes", moto: "counts characters", run: func(p *probe) {
			_, err := p.trySend(p.queue(), strings.Repeat("\u00e9", limit/2+1))
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "attributes count into the length", moto: "counts the body only", run: func(p *probe) {
			url := p.queue()
			extra := len("Name") + len("String") + len("value")
			p.send(url, strings.Repeat("x", limit-extra), with("Name", "String", "value"))
			_, err := p.trySend(url, strings.Repeat("x", limit-extra+1), with("Name", "String", "value"))
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "ten attributes are the most", moto: "takes more", run: func(p *probe) {
			url := p.queue()
			var options []sendOption
			for i := range 10 {
				options = append(options, with(fmt.Sprintf("a%d", i), "String", "v"))
			}
			p.send(url, "x", options...)
			_, err := p.trySend(url, "x", append(options, with("a10", "String", "v"))...)
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "attribute names have letters of every script", moto: "wants ASCII, as the documentation does", run: func(p *probe) {
			p.send(p.queue(), "x", with("attr.1\u00f8\u00df\u00e4", "String", "v"))
		}},
		{name: "attribute names have their own characters", run: func(p *probe) {
			url := p.queue()
			p.send(url, "x", with("a.B_c-9", "String", "v"))
			for _, name := range []string{"x!", "x y", "x\u00a7"} {
				_, err := p.trySend(url, "x", with(name, "String", "v"))
				p.refused(err, "InvalidParameterValue")
			}
		}},
		{name: "attribute names have reserved prefixes, places for periods and 256 characters", moto: "checks the characters only", run: func(p *probe) {
			url := p.queue()
			for _, name := range []string{"aWs.x", "AMAZON.x", ".x", "x.", "x..y", strings.Repeat("x", 257)} {
				_, err := p.trySend(url, "x", with(name, "String", "v"))
				p.refused(err, "InvalidParameterValue")
			}
		}},
		{name: "an attribute's type is String, Number or Binary", run: func(p *probe) {
			url := p.queue()
			for _, dataType := range []string{"", "Text", "string"} {
				_, err := p.trySend(url, "x", with("a", dataType, "v"))
				p.refused(err, "InvalidParameterValue")
			}
		}},
		{name: "an attribute's value is not empty", moto: "takes it", run: func(p *probe) {
			_, err := p.trySend(p.queue(), "x", with("a", "String", ""))
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "a Number is a number", moto: "takes any text", run: func(p *probe) {
			_, err := p.trySend(p.queue(), "x", with("a", "Number", "many"))
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "control characters in an attribute are refused", moto: "takes them", run: func(p *probe) {
			_, err := p.trySend(p.queue(), "x", with("a", "String", "v\x08"))
			p.refused(err, "InvalidParameterValue")
		}},
	}
}
